/** Missed: tries after which their asker asked the same again when it would have known of an arrival. */
import { type Attempt, isProven, ONE_MOMENT_MS } from './attempt.ts';
import type { Clocks, Moment } from './clocks.ts';
import type { Draft } from './draft.ts';

/** Milliseconds between an answer of ours and what an asker asked in consequence of it, the shortest; undefined where that is unknown. */
export type Turnaround = (asker: string) => number | undefined;

/**
 * The shortest time that one trial shows: from the first opening answer to the first query that it led to, and from a measured answer to
 * its receipt.
 *
 * @param askerOf the asker behind an address
 */
export function indexTurnarounds(
  { gates, measured, returns }: Draft,
  askerOf: (address: string) => string,
  clocks: Clocks,
): Turnaround {
  const shortest = new Map<string, number>();
  const openings = firstMoments(gates, askerOf);
  const led = measured.filter(({ proof }) => proof === 'gate');
  for (const [asker, query] of firstMoments(led, askerOf)) note(asker, openings.get(asker), query);
  for (const { row, of } of returns) {
    if (of === undefined || askerOf(of.src) !== askerOf(row.src)) continue;
    note(askerOf(of.src), momentOf(of), momentOf(row));
  }
  return (asker) => shortest.get(asker);

  function note(asker: string, answer: Moment | undefined, query: Moment): void {
    const ms = answer && clocks.atMost(answer, query);
    if (ms === undefined || ms < 0) return;
    shortest.set(asker, Math.min(shortest.get(asker) ?? ms, ms));
  }
}

/**
 * Finds the tries over UDP that got lost before anything is known to have arrived at their asker.
 *
 * Its very next query is for the same TYPE, and it would have known of an arrival by then, or that query says that nothing arrived: it
 * offers a smaller EDNS size, or comes over TCP although no TC=1 had been sent. After the first arrival a silence may have other reasons:
 * the asker goes on with the receipt that it knows, or a second user asks. A query for another TYPE in between may be what came of an
 * arrival, as with minimization, which asks for A on the way.
 *
 * @param attempts of one trial, in order of time
 */
export function findMissed(
  attempts: readonly Attempt[],
  turnaroundOf: Turnaround,
  clocks: Clocks,
): ReadonlySet<Attempt> {
  const missed = new Set<Attempt>();
  const last = new Map<string, Attempt>();
  const isSettled = new Set<string>();
  const isTruncated = new Set<string>();
  for (const attempt of attempts) {
    const { asker } = attempt;
    const before = last.get(asker);
    if (
      before !== undefined &&
      isOpenTry(before) &&
      !isSettled.has(asker) &&
      before.qtype === attempt.qtype &&
      (isLater(before, attempt) || offersLess(before, attempt) || (isTcp(attempt) && !isTruncated.has(asker)))
    )
      missed.add(before);
    if (isProven(attempt)) isSettled.add(asker);
    if (attempt.tc) isTruncated.add(asker);
    last.set(asker, attempt);
  }
  return missed;

  function isLater(earlier: Attempt, later: Attempt): boolean {
    if (later.at - earlier.at >= ONE_MOMENT_MS) return true;
    const turnaround = turnaroundOf(earlier.asker);
    const ms = clocks.atLeast(earlier, later);
    return (
      turnaround !== undefined && ms !== undefined && ms > ROUNDS * turnaround && ms >= SHORTEST_TIMEOUT_MS
    );
  }
}

/** One round trip brings the answer and what comes of it; the second is for paths that are slower now and then. */
const ROUNDS = 2;
/** Where the round trip takes no time, queries of two users may still lie so far apart. Knot Resolver waits 20 ms at least. */
const SHORTEST_TIMEOUT_MS = 5;

/** A whole answer over UDP that could have shown its arrival, and did not. */
function isOpenTry(attempt: Attempt): boolean {
  return !isTcp(attempt) && !attempt.tc && attempt.canProve && !isProven(attempt);
}

function offersLess(earlier: Attempt, later: Attempt): boolean {
  return !isTcp(later) && later.offered < earlier.offered;
}

function isTcp({ proto }: Attempt): boolean {
  return proto !== 'udp';
}

function firstMoments(
  rows: readonly { readonly src: string; readonly time: number; readonly node: string }[],
  askerOf: (address: string) => string,
): Map<string, Moment> {
  const first = new Map<string, Moment>();
  for (const row of rows) {
    const asker = askerOf(row.src);
    if (!first.has(asker)) first.set(asker, momentOf(row));
  }
  return first;
}

function momentOf({ time, node }: { readonly time: number; readonly node: string }): Moment {
  return { at: time, node };
}
