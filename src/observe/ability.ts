/** Ability: what the attempts of one source address at one size say about UDP, and no more than they say. */
import type { Attempt } from './attempt.ts';
import { BASELINE } from './baseline.ts';
import type { Bracket, Control } from './controls.ts';
import { LOSSES_NEEDED, NATS, natsOf } from './sequential.ts';
import { wilson } from './statistics.ts';

/** `CANNOT` takes a sequential test of losses, controls around each of them, and a baseline of other networks. */
export type Ability = 'CAN' | 'CANNOT' | 'FLAKY' | 'UNKNOWN' | 'NEVER_OFFERED';

export interface AbilityFinding {
  readonly ability: Ability;
  /** Whole answers over UDP that could have shown their arrival, and how many of them did. */
  readonly tried: number;
  readonly arrived: number;
  /** Losses that count towards `CANNOT`: independent of each other, with controls and a baseline. */
  readonly counted: number;
  /** What those and the arrivals weigh: natural logarithm of a likelihood ratio, to two places; 13.82 decide. */
  readonly nats: number;
  /** Why, in a few words; of `UNKNOWN`, what is missing. */
  readonly reason: string;
}

/** What lies around the losses of a source. */
export interface Surroundings {
  bracketOf(loss: Attempt): Bracket;
  /** Unrelated networks that received the same in the same place within a day. */
  networksBeside(loss: Attempt): number;
}

/** One loss may teach the kernel the path's MTU, so it takes two to speak of flakiness. */
const FLAKY_LOSSES = 2;
/** Loss that users notice, and that the lower end of the 95% interval must reach: 2 of 14 do not show it, 3 of 8 do. */
const FLAKY_SHARE = 0.1;

/**
 * What one source can receive over UDP at one size.
 *
 * @param attempts all of this source at this size, of trials that are over
 * @param doubts what else speaks against `CANNOT`, in words
 */
export function judgeAbility(
  size: number,
  attempts: readonly Attempt[],
  surroundings: Surroundings,
  doubts: readonly string[] = [],
): AbilityFinding {
  const full = fullOf(attempts);
  const arrived = full.filter(reachedSource).length;
  const losses = lostOf(attempts);
  const tried = arrived + losses.length;
  const count = countLosses(losses, surroundings);
  const counted = count.independent;
  const figures = { tried, arrived, counted, nats: round(natsOf(counted, arrived)) };

  if (arrived > 0) {
    const ability = isLossy(losses.length, tried) ? 'FLAKY' : 'CAN';
    return { ability, ...figures, reason: `arrived ${arrived} of ${tried} times` };
  }
  if (losses.length === 0) return { ...figures, ...judgeUntried(size, attempts, full) };
  const joined = full.length > losses.length ? ['one arrived, says another address of its run'] : [];
  return { ...figures, ...judgeLosses(count, [...joined, ...doubts]) };
}

/** Whether so many losses among so many tries are more than an accident that users do not notice. */
export function isLossy(lost: number, tried: number): boolean {
  return lost >= FLAKY_LOSSES && wilson(lost, tried).low >= FLAKY_SHARE;
}

/** Whole answers over UDP that show no arrival although they could. */
export function lostOf(attempts: readonly Attempt[]): Attempt[] {
  return fullOf(attempts).filter(({ proof }) => proof === 'none');
}

/** Whether the very source shows that it received it. */
export function reachedSource({ proof }: Attempt): boolean {
  return proof === 'own' || proof === 'cookie';
}

/** Losses by what they are worth. */
export interface LossCount {
  /** With controls and a baseline; those between the same two controls are one, as one outage or burst may be behind them. */
  readonly independent: number;
  /** Further ones between the same controls, or soon after one that counts. */
  readonly repeated: number;
  readonly withoutBefore: number;
  readonly withoutAfter: number;
  /** Unrelated networks at the loss that has most of them, where that is too few; else undefined. */
  readonly networks: number | undefined;
}

/** A burst of loss is over by then, also one that smaller answers survive. */
const BURST_MS = 10_000;

export function countLosses(losses: readonly Attempt[], surroundings: Surroundings): LossCount {
  const judged = losses.map((loss) => ({
    at: loss.at,
    bracket: surroundings.bracketOf(loss),
    networks: surroundings.networksBeside(loss),
  }));
  const counting = judged.flatMap(({ at, bracket: { before, after }, networks }) =>
    before !== undefined && after !== undefined && networks >= BASELINE.networks ? [{ at, after }] : [],
  );
  const independent = countIndependent(counting);
  const few = judged.map(({ networks }) => networks).filter((networks) => networks < BASELINE.networks);
  return {
    independent,
    repeated: counting.length - independent,
    withoutBefore: judged.filter(({ bracket }) => bracket.before === undefined).length,
    withoutAfter: judged.filter(({ bracket }) => bracket.after === undefined).length,
    networks: few.length === 0 ? undefined : few.reduce((most, each) => Math.max(most, each), 0),
  };
}

/** @param losses each with the control after it, which two of them share when none lies between them */
function countIndependent(losses: readonly { readonly at: number; readonly after: Control }[]): number {
  const seen = new Set<Control>();
  let last = Number.NEGATIVE_INFINITY;
  for (const { at, after } of losses.toSorted((a, b) => a.at - b.at)) {
    if (seen.has(after) || at - last < BURST_MS) continue;
    seen.add(after);
    last = at;
  }
  return seen.size;
}

/** Whether a smaller answer arrived before and after it. */
export function isControlled({ before, after }: Bracket): boolean {
  return before !== undefined && after !== undefined;
}

function fullOf(attempts: readonly Attempt[]): Attempt[] {
  return attempts.filter(({ proto, isClean, tc, canProve }) => proto === 'udp' && isClean && !tc && canProve);
}

/** Nothing arrived, and something was lost. */
function judgeLosses(
  count: LossCount,
  doubts: readonly string[],
): Pick<AbilityFinding, 'ability' | 'reason'> {
  const isDecided = natsOf(count.independent, 0) >= NATS.decisive;
  if (isDecided && doubts.length === 0)
    return {
      ability: 'CANNOT',
      reason: `no sign of arrival; ${count.independent} times a smaller answer arrived before and after, and ${BASELINE.networks} or more other networks received this size`,
    };
  const missing = isDecided ? doubts : [...missingOf(count), ...doubts];
  return { ability: 'UNKNOWN', reason: `no sign of arrival, not yet "cannot": ${missing.join('; ')}` };
}

/** What "cannot" still needs. */
function missingOf({ independent, repeated, withoutBefore, withoutAfter, networks }: LossCount): string[] {
  const more = LOSSES_NEEDED - independent;
  return [
    `needs ${more} more failure${more === 1 ? '' : 's'} that count${more === 1 ? 's' : ''}`,
    ...(repeated === 0
      ? []
      : [
          `${repeated + independent} count as ${independent}: no control between them, or less than ${BURST_MS / 1000} seconds`,
        ]),
    ...(withoutBefore === 0 ? [] : [`no control before ${withoutBefore}`]),
    ...(withoutAfter === 0 ? [] : [`no control after ${withoutAfter}`]),
    ...(networks === undefined
      ? []
      : [`only ${networks} unrelated network${networks === 1 ? '' : 's'} received this size`]),
  ];
}

/** Nothing was lost, and nothing arrived at the source itself. */
function judgeUntried(
  size: number,
  attempts: readonly Attempt[],
  full: readonly Attempt[],
): Pick<AbilityFinding, 'ability' | 'reason'> {
  const udp = attempts.filter(({ proto, isClean }) => proto === 'udp' && isClean);
  if (full.length > 0) return { ability: 'UNKNOWN', reason: 'its receipts were asked by other addresses' };
  if (udp.length === 0) return { ability: 'UNKNOWN', reason: 'no UDP answer of this size was sent' };
  const offered = udp.reduce((most, each) => Math.max(most, each.offered), 0);
  return offered < size
    ? { ability: 'NEVER_OFFERED', reason: `never offered more than ${offered} octets over UDP` }
    : { ability: 'UNKNOWN', reason: 'was sent TC=1' };
}

function round(nats: number): number {
  return Math.round(nats * 100) / 100;
}
