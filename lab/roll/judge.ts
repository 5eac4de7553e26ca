/** Judges a resolver that went through a roll: what its users got, what its anchors became, what the servers conclude. */
import type { RollClass } from '../../src/observe/key-roll/roll-class.ts';
import type { RollPhase } from '../../src/zone/roll/phase.ts';
import type { Manner, Participant } from './participants.ts';
import { keyTagOf, type Rehearsal } from './rehearsal.ts';
import { hasToldChange, type Told } from './told.ts';
import type { Sight, Watched } from './watch.ts';

/** Verdicts of the report that are right. */
const VERDICTS: Readonly<Record<Manner, readonly RollClass[]>> = {
  follows: ['FOLLOWS'],
  static: ['STATIC_ANCHOR'],
  permissive: ['FAILS_OPEN'],
  // Without an anchor it asks for the keys, gets none that it trusts, and says nothing.
  lacks: ['NO_TELEMETRY', 'UNKNOWN'],
  open: ['NOT_VALIDATING'],
};
/** Says nothing of its anchors, so that nobody can tell a static one from none (facts of RFC 8145 by software). */
const SILENT: Readonly<Record<string, readonly RollClass[]>> = { powerdns: ['NO_TELEMETRY'] };

/** Tells of its anchors only where a client, and not it itself, lets it fetch DNSKEY: in some rolls late, and never of the new one. */
const RARELY_TELLS = 'knot';

/** Those of the report in the hold-down, when all that have an anchor say so of the old one alone. */
const PENDING: Readonly<Record<Manner, RollClass>> = {
  follows: 'HOLDS',
  static: 'HOLDS',
  // Says that it validates, and hands on what is bogus.
  permissive: 'UNKNOWN',
  lacks: 'UNKNOWN',
  open: 'NOT_VALIDATING',
};
const SILENT_PENDING: Readonly<Record<string, RollClass>> = { powerdns: 'UNKNOWN' };

/** Within which a follower is done, seconds after the start. */
const LIMITS: Readonly<Record<string, number>> = { fast: 60, standard: 160 };

export interface JudgedRoll {
  readonly participant: Participant;
  readonly watched: Watched;
  readonly told: Told;
  /** What the report says of it. */
  readonly verdict: RollClass | undefined;
  readonly sentence: string;
  /** The same just before the hold-down of the profile was over. */
  readonly pending: { readonly verdict: RollClass | undefined; readonly told: Told };
  /** Of a follower: when the old key was gone and the new one trusted, seconds after the start. */
  readonly doneAt: number | undefined;
  /** What is wrong, one sentence each. */
  readonly faults: readonly string[];
}

export type Found = Pick<JudgedRoll, 'participant' | 'watched' | 'told' | 'verdict' | 'sentence' | 'pending'>;

export type Judge = (found: Found, rehearsal: Rehearsal) => JudgedRoll;

/** Where everything arrives: followers never lose AD, static anchors fail with the roll. */
export function judgeRoll(found: Found, rehearsal: Rehearsal): JudgedRoll {
  const { participant, watched, pending } = found;
  const { manner } = participant;
  const wantedPending = pendingFor(found);
  const doneAt = manner === 'follows' ? doneIn(watched, rehearsal) : undefined;
  return judged({ ...found, doneAt }, [
    ...settled(watched.sights, manner).flatMap((sight) => faultOf(sight, manner)),
    ...watched.controls.flatMap(({ status }) =>
      isControlRight(status, manner) ? [] : [`the bogus control gave ${status}`],
    ),
    ...(manner === 'follows' ? faultsOfFollower(watched, doneAt, rehearsal) : []),
    ...(pending.verdict === wantedPending
      ? []
      : [`in the hold-down the report said ${pending.verdict ?? 'nothing'}, want ${wantedPending}`]),
    ...faultsOfVerdict(found, verdictsFor(found)),
  ]);
}

/** Where the keys no longer arrive once two of them sign: all goes well until then, and everybody fails from then on. */
export function judgeBlocked(found: Found): JudgedRoll {
  const { manner } = found.participant;
  const sights = settled(found.watched.sights, manner);
  const late = sights.filter(({ phase, status }) => phase === 'revoked' && status === 'NOERROR');
  const before = sights.filter(({ phase }) => phase !== undefined && phase !== 'revoked');
  return judged({ ...found, doneAt: undefined }, [
    ...before.flatMap((sight) => faultOf(sight, manner)),
    ...late.map(({ at }) => `an answer at ${at} s, when the keys could not arrive`),
    ...faultsOfVerdict(found, ['TRANSPORT_FAILED']),
  ]);
}

function judged(roll: Omit<JudgedRoll, 'faults'>, faults: readonly string[]): JudgedRoll {
  return { ...roll, faults: faults.map((fault) => `${roll.participant.name}: ${fault}`) };
}

/** Who has told nothing by then has no anchor that anybody knows of. */
function pendingFor({ participant: { manner, software }, pending: { told } }: Found): RollClass {
  if (software === RARELY_TELLS && told.old === undefined) return 'UNKNOWN';
  return SILENT_PENDING[software] ?? PENDING[manner];
}

/** A change of keys that was not told is not seen. */
function verdictsFor({ participant: { manner, software }, told }: Found): readonly RollClass[] {
  if (software === RARELY_TELLS && manner === 'follows' && !hasToldChange(told)) return ['UNKNOWN'];
  return SILENT[software] ?? VERDICTS[manner];
}

function faultsOfVerdict({ verdict }: Found, wanted: readonly RollClass[]): string[] {
  return verdict !== undefined && wanted.includes(verdict)
    ? []
    : [`the report says ${verdict ?? 'nothing'}, want ${wanted.join(' or ')}`];
}

/**
 * Without what came before the first answer with AD, as long as it came before the roll has begun: Knot Resolver fails for some 5 s
 * with an empty cache, since it takes the DS of the parent for the anchor.
 */
function settled(sights: readonly Sight[], manner: Manner): readonly Sight[] {
  if (manner === 'lacks' || manner === 'open') return sights;
  const first = sights.findIndex(({ status, ad }) => status === 'NOERROR' && ad);
  return sights[first]?.phase === 'init' ? sights.slice(first) : sights;
}

const isControlRight = (status: string, manner: Manner) =>
  status === 'TIMEOUT' || status === (manner === 'open' || manner === 'permissive' ? 'NOERROR' : 'SERVFAIL');

/** No reply in time proves nothing. */
function faultOf({ status, ad, phase, at }: Sight, manner: Manner): string[] {
  if (status === 'TIMEOUT') return [];
  const got = `${status}${ad ? ' with AD' : ''}`;
  const wanted =
    phase === undefined && (manner === 'static' || manner === 'permissive')
      ? undefined
      : wantedIn(phase ?? 'init', manner);
  return wanted === undefined || got === wanted
    ? []
    : [`${got} at ${at} s (${phase ?? 'between phases'}), want ${wanted}`];
}

function wantedIn(phase: RollPhase, manner: Manner): string {
  switch (manner) {
    case 'follows':
      return 'NOERROR with AD';
    case 'static':
      return isBeforeRoll(phase) ? 'NOERROR with AD' : 'SERVFAIL';
    case 'permissive':
      return isBeforeRoll(phase) ? 'NOERROR with AD' : 'NOERROR';
    case 'lacks':
      return 'SERVFAIL';
    case 'open':
      return 'NOERROR';
  }
}

const isBeforeRoll = (phase: RollPhase) => phase === 'init' || phase === 'prepub';

function doneIn({ sights }: Watched, rehearsal: Rehearsal): number | undefined {
  return sights.find(({ states }) => isDone(states, rehearsal))?.at;
}

function isDone(states: Watched['states'], { anchor }: Rehearsal): boolean {
  const old = states[keyTagOf(anchor)];
  const others = Object.entries(states).filter(([tag]) => Number(tag) !== keyTagOf(anchor));
  return old !== 'VALID' && others.some(([, state]) => state === 'VALID');
}

function faultsOfFollower({ states }: Watched, doneAt: number | undefined, rehearsal: Rehearsal): string[] {
  const limit = LIMITS[rehearsal.profile.name];
  const text = statesText(states);
  if (!isDone(states, rehearsal))
    return [`at the end its anchors are ${text}: the new key is not the only one`];
  return limit !== undefined && (doneAt ?? Number.POSITIVE_INFINITY) > limit
    ? [`done after ${doneAt ?? 'more than the last look at'} s, want ${limit}`]
    : [];
}

export function statesText(states: Watched['states']): string {
  const all = Object.entries(states).map(([tag, state]) => `${tag} ${state}`);
  return all.length === 0 ? '-' : all.join(', ');
}
