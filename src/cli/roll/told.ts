/** What a server says of a zone that rolls its key, as far as it can be read: it came unsigned, and is pasted into configurations. */
import { parseZoneName } from '../../dnssec/key.ts';
import { parseRollLabel } from '../../zone/roll/label.ts';
import { goOnText, LINE_KEYS, type LineKey } from '../../zone/roll/lines.ts';
import { ROLL_PHASES } from '../../zone/roll/phase.ts';
import { dnskeyText, dsText, readDnskey, readDs } from './record.ts';

/** The text behind `<key>: `, written anew; undefined where it is not of its form. */
type Read = (text: string, zone: string) => string | undefined;

const PHASE = `(?:${ROLL_PHASES.join('|')})`;
const TIME = String.raw`\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ`;

const matching =
  (pattern: string): Read =>
  (text) =>
    new RegExp(`^${pattern}$`).test(text) ? text : undefined;

const time = matching(TIME);
const key = matching(String.raw`tag \d{1,5}, [a-z ]{1,40}(?: as tag \d{1,5})?`);

const anchor: Read = (text, zone) => {
  const [dnskey, ds] = [readDnskey(text, zone), readDs(text, zone)];
  if (dnskey) return dnskeyText(zone, dnskey);
  return ds && dsText(zone, ds);
};

const READS: Readonly<Record<LineKey, Read>> = {
  zone: (text, zone) => (text === zone ? zone : undefined),
  profile: matching(String.raw`[a-z]{1,20}, DNSKEY TTL \d{1,6} s, hold-down \d{1,6} (?:s|days)`),
  phase: matching(String.raw`${PHASE} \([a-z, ]{1,60}\)`),
  start: matching(`${TIME}(?:, ${PHASE} ${TIME})*`),
  since: time,
  next: matching(`(?:${PHASE} at ${TIME}|no change any more)`),
  'old key': key,
  'new key': key,
  'zone signing key': key,
  'anchor (old key)': anchor,
  'anchor (new key)': anchor,
  'go on': (text, zone) => (text === goOnText(zone) ? text : undefined),
};

/** The lines that tell of this zone, in the order in which people read them; all others are left out. */
export function linesOf(texts: readonly string[], zone: string): string[] {
  return LINE_KEYS.flatMap((name) => {
    const read = textsOf(texts, name).map((text) => READS[name](text, zone));
    const lines = read.flatMap((text) => (text === undefined ? [] : [`${name}: ${text}`]));
    return [...new Set(lines)].sort();
  });
}

/**
 * The zone that a server hands out for `new-<wish>`, undefined where it names none of that profile.
 * @param parent lower case with final dot
 */
export function freshZoneIn(texts: readonly string[], wish: string, parent: string): string | undefined {
  return textsOf(texts, 'zone').find((zone) => {
    const [first = ''] = zone.split('.');
    const label = parseRollLabel(first);
    const isWished =
      label && [label.profile.name, `${label.profile.name}-a${label.algorithm}`].includes(wish);
    return isWished && zone === `${first}.${parent}` && parseZoneName(zone) === zone;
  });
}

/** What stands behind `<name>: `. */
export function textsOf(lines: readonly string[], name: LineKey): string[] {
  const start = `${name}: `;
  return lines.filter((line) => line.startsWith(start)).map((line) => line.slice(start.length));
}
