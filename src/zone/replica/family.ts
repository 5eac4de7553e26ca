/** Replicas of the root's DNSKEY answer: zones with as many keys and signatures, and answers of exactly its octets (DESIGN: key roll). */
import { formatName, lower, prepend } from '../../wire/name.ts';
import { LastUsed } from '../last-used.ts';
import { makeMac } from '../mac.ts';
import type { Ground, ZoneFamily } from '../made.ts';
import type { Zone } from '../zone.ts';
import { type KeySet, replicaKeys } from './keys.ts';
import {
  isOpen,
  type Minted,
  mintLabel,
  parseHead,
  parseMinted,
  REPLICA_LETTER,
  type ReplicaHead,
} from './label.ts';
import { calendarLines } from './page.ts';
import type { Solution } from './solve.ts';
import { standAs } from './standing.ts';

/** Seconds: who asks again soon after shall meet the server. */
const KEY_TTL = 60;
/** Zones of trials, with their signatures, that are kept. Of the others there are as many as days and compositions: all are. */
const MAX_TRIALS = 1000;
/** A zone to build, its keys being known. */
const MAKING_MICROSECONDS = 250;
/** The name in a trial's zone whose answer shows that its keys came. */
const RECEIPT_NAME = 'live';

export function makeReplicas(ground: Ground): ZoneFamily {
  const { parent, secret } = ground;
  const mac = makeMac(secret, 'zone');
  const above = formatName(lower(parent.apex));
  const pool = new Map<string, KeySet>();
  const zones = new Map<string, Zone>();
  const trials = new LastUsed<Zone>(MAX_TRIALS);

  // Labels of one length and composition have the same keys: only so many sets as there are labels without a trial, twice.
  const keysOf = (composition: string, { keys }: Solution) => {
    const name = [composition, ...keys.map(({ modulus }) => modulus)].join(' ');
    const known = pool.get(name) ?? replicaKeys(secret, above, keys);
    pool.set(name, known);
    return known;
  };

  const make = (label: string, head: ReplicaHead, minted: Minted | undefined): Zone => {
    const apex = prepend(label, parent.apex);
    const { made, ...standing } = standAs(head, apex, formatName(lower(apex)), (solution) =>
      keysOf(head.composition.label, solution),
    );
    return ground.makeZone({
      label,
      summary: `Stands for the root's keys: ${head.composition.summary}`,
      role: 'children',
      keyTtl: KEY_TTL,
      ...standing,
      made: {
        ...made,
        run: minted?.run ?? '',
        opensTo: (prefixTag, now) => minted !== undefined && isOpen(minted, prefixTag, now),
      },
    });
  };

  const parse = (label: string) => {
    const trial = parseMinted(label, parent.apex, mac);
    const head = ground.hasRoom(label) ? parseHead(trial?.head ?? label) : undefined;
    return head && { head, minted: trial?.minted };
  };

  return {
    letters: REPLICA_LETTER,
    calendar: calendarLines(parent.apex),
    mintTrial(label, run, prefixTag, now) {
      const head = parseHead(label);
      if (!head) return undefined;
      const fresh = mintLabel(head.head, run, prefixTag, now, parent.apex, mac);
      return ground.hasRoom(fresh) ? prepend(RECEIPT_NAME, prepend(fresh, parent.apex)) : undefined;
    },
    find(label) {
      const known = zones.get(label);
      if (known) return known;
      const read = parse(label);
      if (!read) return undefined;
      if (read.minted) return trials.get(label, () => make(label, read.head, read.minted));
      const zone = make(label, read.head, undefined);
      zones.set(label, zone);
      return zone;
    },
    cost: (label) => (zones.has(label) || trials.has(label) || !parse(label) ? 0 : MAKING_MICROSECONDS),
  };
}
