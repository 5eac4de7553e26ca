/** Ability: what the attempts of one source address at one size say about UDP, and no more than they say. */
import type { Attempt } from './attempt.ts';
import { BASELINE } from './baseline.ts';
import type { Bracket } from './controls.ts';
import {
  countExcuses,
  type ExcuseCounts,
  type Excuses,
  isLost,
  isWholeTry,
  smallestMtu,
  tellingOf,
  wordsOf,
} from './loss.ts';
import { countLosses, type LossCount, lossesApart, missingOf, most } from './loss-count.ts';
import { minuteOf } from './moment.ts';
import { LOSSES_NEEDED, natsOf } from './sequential.ts';
import { wilson } from './statistics.ts';

/** `CANNOT` takes a sequential test of losses, controls around each of them, and a baseline of other networks. */
export type Ability = 'CAN' | 'CANNOT' | 'FLAKY' | 'UNKNOWN' | 'NEVER_OFFERED';

export interface AbilityFinding {
  readonly ability: Ability;
  /** Whole answers over UDP that could have shown their arrival; without losses that have an excuse. */
  readonly tried: number;
  /** Those of them that the very source showed, and when the last of these left; null for none. */
  readonly arrived: number;
  readonly arrived_last: number | null;
  /** Those of them that another address of the run says arrived. */
  readonly joined: number;
  /** Losses since the last arrival, all where nothing arrived, and when the first of them left; null where there are none. */
  readonly lost_in_a_row: number;
  readonly lost_since: number | null;
  /** Losses that are apart, of all and of those in a row: after an arrival, or ten minutes after another one; the tries of one outage are one. */
  readonly losses_apart: number;
  readonly losses_apart_in_a_row: number;
  /** Those in a row that count towards `CANNOT`: independent of each other, with controls and a baseline. */
  readonly counted: number;
  /** What those weigh: natural logarithm of a likelihood ratio, to two places; 13.81 decide. */
  readonly nats: number;
  /** Other networks that received the size around the losses in a row, else around all of them, at the loss that has most; null without losses. */
  readonly networks_beside: number | null;
  /** Losses that something else than the size explains, and the smallest MTU that ICMP names for one of them. */
  readonly left_out: ExcuseCounts;
  readonly mtu: number | null;
  /** Why, in a few words; of `UNKNOWN`, what is missing. */
  readonly reason: string;
}

/** What lies around the losses of a source. */
export interface Surroundings {
  bracketOf(loss: Attempt): Bracket;
  /** Unrelated networks that received the same in the same place within a day. */
  networksBeside(loss: Attempt): number;
  readonly excuseOf: Excuses;
}

/** What one source was sent of one size. */
export interface Sent {
  readonly size: number;
  /** Largest EDNS size over UDP, also in trials that are not over. */
  readonly offered: number;
  /** All of trials that are over; of others, where proof may still come, those that need none. */
  readonly attempts: readonly Attempt[];
  /** How many are missing for that reason. */
  readonly unsettled: number;
}

/** One loss may teach the kernel the path's MTU, so it takes two to speak of flakiness. */
const FLAKY_LOSSES = 2;
/** Loss that users notice, and that the lower end of the 95% interval must reach: 2 of 14 do not show it, 3 of 8 do. */
const FLAKY_SHARE = 0.1;

/**
 * What one source can receive over UDP at one size.
 *
 * @param doubts what else speaks against `CANNOT`, in words
 */
export function judgeAbility(
  sent: Sent,
  surroundings: Surroundings,
  doubts: readonly string[] = [],
): AbilityFinding {
  const full = sent.attempts.filter(isWholeTry);
  const arrivals = full.filter(reachedSource);
  const joined = full.filter(({ proof }) => proof === 'joined');
  const { telling, excused } = tellingOf(full, surroundings.excuseOf);

  // What was well at the last arrival may be broken since.
  const lastArrival = latest(arrivals);
  const isRecent = ({ at }: Attempt) => at > (lastArrival ?? Number.NEGATIVE_INFINITY);
  const recent = telling.filter(isRecent);
  const apart = lossesApart(telling, [...arrivals, ...joined]);
  const count = countLosses(recent, surroundings);
  const since = recent.reduce((first, { at }) => Math.min(first, at), Number.POSITIVE_INFINITY);
  const figures = {
    tried: arrivals.length + joined.length + telling.length,
    arrived: arrivals.length,
    arrived_last: lastArrival,
    joined: joined.length,
    lost_in_a_row: recent.length,
    lost_since: recent.length === 0 ? null : since,
    losses_apart: apart.length,
    losses_apart_in_a_row: apart.filter(isRecent).length,
    counted: count.independent,
    nats: Math.round(natsOf(count.independent) * 100) / 100,
    networks_beside: count.networks ?? most(apart.map(surroundings.networksBeside)),
    left_out: countExcuses(excused),
    mtu: smallestMtu(excused.map(({ loss }) => loss)),
  };

  const elsewhere = joined.length > 0 ? ['one arrived, says another address of its run'] : [];
  if (arrivals.length > 0) {
    const isBroken = isDecided(count) && elsewhere.length + doubts.length === 0 && !wasLossy(figures);
    if (isBroken) return { ...figures, ability: 'CANNOT', reason: brokenText(count, since) };
    const came = arrivals.length + joined.length;
    const ability = isLossy(apart.length, came + apart.length) ? 'FLAKY' : 'CAN';
    return { ability, ...figures, reason: arrivedText(figures) };
  }
  const leftOut = wordsOf(figures.left_out);
  if (telling.length > 0) return { ...figures, ...judgeLosses(count, [...elsewhere, ...doubts], leftOut) };
  if (excused.length > 0) return { ...figures, ability: 'UNKNOWN', reason: leftOut.join('; ') };
  return { ...figures, ...judgeUntried(sent, full) };
}

function latest(attempts: readonly Attempt[]): number | null {
  return attempts.reduce<number | null>((last, { at }) => Math.max(last ?? at, at), null);
}

/** Whether it lost some before the losses in a row as well. */
export function wasLossy({
  arrived,
  joined,
  losses_apart: all,
  losses_apart_in_a_row: recent,
}: Pick<AbilityFinding, 'arrived' | 'joined' | 'losses_apart' | 'losses_apart_in_a_row'>): boolean {
  return isLossy(all - recent, arrived + joined + all - recent);
}

/** Whether so many losses, each apart from others, among so many tries are more than an accident that users do not notice. */
export function isLossy(lost: number, tried: number): boolean {
  return lost >= FLAKY_LOSSES && wilson(lost, tried).low >= FLAKY_SHARE;
}

/** Whether the very source shows that it received it. */
export function reachedSource({ proof }: Attempt): boolean {
  return proof === 'own' || proof === 'cookie';
}

function isDecided({ independent }: LossCount): boolean {
  return independent >= LOSSES_NEEDED;
}

function groundText({ independent }: LossCount): string {
  return `${independent} times an answer arrived before and after, and ${BASELINE.networks} or more other networks received this size`;
}

function brokenText(count: LossCount, since: number): string {
  return `arrived before, and no sign of arrival since ${minuteOf(since)}; ${groundText(count)}`;
}

function arrivedText({
  arrived,
  joined,
  tried,
  lost_in_a_row: lost,
}: Pick<AbilityFinding, 'arrived' | 'joined' | 'tried' | 'lost_in_a_row'>): string {
  const lately = lost < FLAKY_LOSSES ? '' : `, none of the last ${lost}`;
  return `arrived ${arrived + joined} of ${tried} times${lately}`;
}

/** Nothing arrived, and something was lost. */
function judgeLosses(
  count: LossCount,
  doubts: readonly string[],
  leftOut: readonly string[],
): Pick<AbilityFinding, 'ability' | 'reason'> {
  if (isDecided(count) && doubts.length === 0)
    return { ability: 'CANNOT', reason: `no sign of arrival; ${groundText(count)}` };
  const missing = [...(isDecided(count) ? [] : missingOf(count)), ...doubts, ...leftOut];
  return {
    ability: 'UNKNOWN',
    reason: `no sign of arrival, and "cannot" is not decided yet: ${missing.join('; ')}`,
  };
}

/** Nothing was lost, and nothing arrived at the source itself. */
function judgeUntried(
  { size, offered, attempts, unsettled }: Sent,
  full: readonly Attempt[],
): Pick<AbilityFinding, 'ability' | 'reason'> {
  const udp = attempts.filter(({ proto, isClean }) => proto === 'udp' && isClean);
  const unknown = (reason: string) => ({ ability: 'UNKNOWN', reason }) as const;
  if (full.some((each) => !isLost(each))) return unknown('its receipts were asked by other addresses');
  if (udp.length > 0 && offered < size)
    return {
      ability: 'NEVER_OFFERED',
      reason: `never offered more than ${offered} octets over UDP`,
    };
  if (udp.some(({ tc }) => !tc)) return unknown('no UDP answer of this size could have shown its arrival');
  if (unsettled > 0) return unknown('its trials are not settled');
  return unknown(udp.length > 0 ? 'was sent TC=1' : 'no UDP answer of this size was sent');
}
