/** Who tells of zones that roll their key: the secret of this installation, or a server that serves them. */
import { ConfigError } from '../../config.ts';
import { makeMac } from '../../zone/mac.ts';
import { isAlive, isOurs, labelFor, parseRollLabel } from '../../zone/roll/label.ts';
import { anchorLines, statusLines } from '../../zone/roll/lines.ts';
import { LIFETIME_DAYS } from '../../zone/roll/profile.ts';
import { rollAt } from '../../zone/roll/roll.ts';
import { ask } from '../probe/ask.ts';
import { formatServerAddress, type ServerAddress } from '../probe/server-address.ts';
import type { Place } from './place.ts';
import { freshZoneIn, linesOf } from './told.ts';

export interface Told {
  /** As a server says them. */
  readonly lines: readonly string[];
  /** Who told, for a note. */
  readonly by: string;
}

/** Both throw ConfigError for what cannot be told. */
export interface RollSource {
  /** Of a fresh zone. @param startAt milliseconds since the epoch; ten minutes from now if absent */
  fresh(wish: string, startAt?: number): Promise<Told>;
  /** Of a zone by its name, lower case with final dot. */
  status(zone: string): Promise<Told>;
  /** Whether `fresh` takes another start. */
  readonly takesStart: boolean;
}

const TIMEOUT_MS = 5000;

export function ownSource(
  { octets, where }: NonNullable<Place['secret']>,
  parent: string,
  now: number,
): RollSource {
  const mac = makeMac(octets, 'zone');
  const by = `made with the secret of ${where}`;
  return {
    takesStart: true,
    async fresh(wish, startAt) {
      const label = labelFor(wish, now, parent, mac, startAt);
      if (!label) throw new ConfigError(`${wish}: no such zone is made`);
      return { lines: anchorLines(rollAt(octets, parent, label, now)), by };
    },
    async status(zone) {
      const label = zone.endsWith(`.${parent}`)
        ? parseRollLabel(zone.slice(0, -parent.length - 1))
        : undefined;
      if (!label) throw new ConfigError(`${zone}: not the name of a zone that rolls its key below ${parent}`);
      if (!isOurs(label, parent, mac))
        throw new ConfigError(`${zone}: minted with another secret; ask a server of its own with --server`);
      if (!isAlive(label, now))
        throw new ConfigError(
          `${zone}: its start is more than ${LIFETIME_DAYS} days away, so it is not served`,
        );
      return { lines: statusLines(rollAt(octets, parent, label, now)), by };
    },
  };
}

/** Without periods. */
export interface Why {
  /** Why servers are asked at all. */
  readonly reason?: string | undefined;
  /** What to do where none tells. */
  readonly advice?: string;
}

/** @param servers asked in turn until one answers */
export function askedSource(servers: readonly ServerAddress[], parent: string, why: Why = {}): RollSource {
  return {
    takesStart: false,
    async fresh(wish, startAt) {
      if (startAt !== undefined)
        throw new ConfigError(
          '--start: a server mints zones that start ten minutes from now; another start takes the secret',
        );
      return askLines(servers, `new-${wish}.${parent}`, why, (texts) => freshZoneIn(texts, wish, parent));
    },
    async status(zone) {
      if (!parseRollLabel(zone.split('.')[0]!))
        throw new ConfigError(`${zone}: not the name of a zone that rolls its key`);
      return askLines(servers, `status.${zone}`, why, () => zone);
    },
  };
}

/** @param zoneIn the zone that the texts are of; undefined where they are of none that was asked for */
async function askLines(
  servers: readonly ServerAddress[],
  name: string,
  { reason, advice }: Why,
  zoneIn: (texts: readonly string[]) => string | undefined,
): Promise<Told> {
  // CD: a resolver that validates has no anchor for the zone yet.
  const question = { name: name.replace(/\.$/, ''), type: 'TXT', checkingDisabled: true } as const;
  const failures: string[] = [];
  for (const server of servers) {
    const address = formatServerAddress(server);
    const { reply, failure } = await ask(server, question, TIMEOUT_MS);
    const texts = reply?.texts.map(({ text }) => text) ?? [];
    const zone = zoneIn(texts);
    const lines = zone === undefined ? [] : linesOf(texts, zone);
    if (lines.length > 0) return { lines, by: joined(`asked ${address}`, reason) };
    failures.push(`${address}: ${failure ?? whyNone(texts, reply?.rcode)}`);
  }
  throw new ConfigError(joined(`${name} TXT: ${failures.join('; ')}`, reason, advice));
}

function whyNone(texts: readonly string[], rcode = ''): string {
  return texts.length === 0
    ? `it knows of none (${rcode})`
    : 'its answer is not about such a zone, and is not shown';
}

function joined(...texts: readonly (string | undefined)[]): string {
  return texts.filter((text) => text !== undefined).join('; ');
}
