/** Zones that roll their key while resolvers watch: a whole RFC 5011 roll to rehearse, served alike by every node (DESIGN: key roll). */
import { Signer } from '../../dnssec/signer.ts';
import { formatName, lower, type Name, prepend } from '../../wire/name.ts';
import { LastUsed } from '../last-used.ts';
import { makeMac } from '../mac.ts';
import type { Ground, MadeParts, ZoneFamily } from '../made.ts';
import type { Zone } from '../zone.ts';
import { keySetIn, strayDs } from './keys.ts';
import { isAlive, isOurs, labelFor, parseRollLabel, ROLL_LETTERS, type RollLabel } from './label.ts';
import { anchorLines, statusLines } from './lines.ts';
import { stageAt } from './phase.ts';
import { VALIDITY_SECONDS } from './profile.ts';
import { type Roll, rollAt } from './roll.ts';

/** A zone in one phase, with its signatures, and what is said of its anchor. */
interface Kept {
  readonly zone: Zone;
  readonly anchor: readonly string[];
}

const MAX_KEPT = 1000;
/** Keys to derive, a zone to build. */
const MAKING_MICROSECONDS = 1000;

export function makeRolls(ground: Ground): ZoneFamily {
  const { secret, parent } = ground;
  const mac = makeMac(secret, 'zone');
  const above = formatName(lower(parent.apex));
  const kept = new LastUsed<Kept>(MAX_KEPT);
  const keyOf = (label: RollLabel, now: number) => {
    const { round, phase } = stageAt(label.profile, label.startAt, now);
    return `${label.text} ${round} ${phase}`;
  };
  const keep = (label: RollLabel, now: number) =>
    kept.get(keyOf(label, now), () => made(rollAt(secret, above, label, now), ground));
  const read = (text: string, now: number) => {
    const label = parseRollLabel(text);
    const isThere = label && isAlive(label, now) && ground.hasRoom(text) && isOurs(label, above, mac);
    return isThere ? label : undefined;
  };
  return {
    letters: ROLL_LETTERS,
    find(text, now) {
      const label = read(text, now);
      return label && keep(label, now).zone;
    },
    cost(text, now) {
      const label = read(text, now);
      return label && !kept.has(keyOf(label, now)) ? MAKING_MICROSECONDS : 0;
    },
    mint(wish, now) {
      const label = labelFor(wish, now, above, mac);
      return label && ground.hasRoom(label.text) ? keep(label, now).anchor : undefined;
    },
  };
}

function made(roll: Roll, ground: Ground): Kept {
  return { zone: ground.makeZone(partsOf(roll, ground)), anchor: anchorLines(roll) };
}

function partsOf(roll: Roll, { secret, parent }: Ground): MadeParts {
  const { label, stage, keys } = roll;
  return {
    label: label.text,
    summary: `Rolls its key: ${label.profile.summary}`,
    role: 'children',
    signer: signerOf(roll, prepend(label.text, parent.apex)),
    ds: [strayDs(secret, keys)],
    keyTtl: label.profile.ttl,
    made: {
      phase: stage.phase,
      oldTag: keys.old.keyTag,
      newTag: keys.fresh.keyTag,
      status: statusLines(roll),
      run: '',
    },
  };
}

function signerOf({ label, stage, keys }: Roll, apex: Name): Signer {
  const { published, signing } = keySetIn(stage.phase, keys);
  return new Signer(apex, published, {
    ofKeys: signing,
    ofData: [keys.data],
    backdate: label.profile.backdate,
    validity: VALIDITY_SECONDS,
  });
}
