/** The trust anchor of a zone that rolls its key, read from the lines that tell of it. */
import { ConfigError } from '../../config.ts';
import { parseRollLabel } from '../../zone/roll/label.ts';
import type { Profile } from '../../zone/roll/profile.ts';

export interface Anchor {
  /** Final dot. */
  readonly zone: string;
  readonly profile: Profile;
  /** Whole records on one line, as configuration files take them. */
  readonly dnskey: string;
  readonly ds: string;
  /** RDATA of both in presentation form: flags, protocol, algorithm, key; key tag, algorithm, digest type, digest. */
  readonly dnskeyFields: readonly [flags: string, protocol: string, algorithm: string, key: string];
  readonly dsFields: readonly [keyTag: string, algorithm: string, digestType: string, digest: string];
}

const DNSKEY = /^anchor \((?:old|new) key\): ([!-~]+) IN DNSKEY (257) (3) (\d{1,3}) ([A-Za-z0-9+/]+=*)$/;
const DS = /^anchor \((?:old|new) key\): ([!-~]+) IN DS (\d{1,5}) (\d{1,3}) (2) ([0-9A-F]{64})$/;

/** @throws {ConfigError} where the lines name no anchor: an older server, or none of ours */
export function anchorOf(lines: readonly string[]): Anchor {
  const found = (pattern: RegExp) => lines.map((line) => pattern.exec(line)).find((match) => match !== null);
  const [key, digest] = [found(DNSKEY), found(DS)];
  const zone = key?.[1] ?? '';
  const profile = parseRollLabel(zone.split('.')[0]!)?.profile;
  if (!key || !digest || digest[1] !== zone || !profile)
    throw new ConfigError('the lines that came name no trust anchor of a zone that rolls its key');
  return {
    zone,
    profile,
    dnskey: recordOf(key[0]),
    ds: recordOf(digest[0]),
    dnskeyFields: [key[2]!, key[3]!, key[4]!, key[5]!],
    dsFields: [digest[2]!, digest[3]!, digest[4]!, digest[5]!],
  };
}

function recordOf(line: string): string {
  return line.slice(line.indexOf(': ') + 2);
}
