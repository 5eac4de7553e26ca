/** Missed: tries after which their asker asked the same again when it would have known of an arrival. */
import { type Attempt, isProven, ONE_MOMENT_MS } from './attempt.ts';
import type { Clocks, Moment } from './clocks.ts';
import type { Draft } from './draft.ts';
import { groupBy } from './group.ts';

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
 * It goes on to ask for the same TYPE when it would have known of an arrival, or its very next query says that nothing arrived: it
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
  const byAsker = groupBy(attempts, ({ asker }) => asker);
  const chains = [...byAsker.values()].flatMap((own) => chainsOf(untilSettled(own)));
  return new Set(chains.flatMap((chain) => missedIn(chain, isLater)));

  function isLater(earlier: Attempt, later: Attempt): boolean {
    if (later.at - earlier.at >= ONE_MOMENT_MS) return true;
    const turnaround = turnaroundOf(earlier.asker);
    const ms = clocks.atLeast(earlier, later);
    return (
      turnaround !== undefined && ms !== undefined && ms > ROUNDS * turnaround && ms >= SHORTEST_TIMEOUT_MS
    );
  }
}

/** Tries for one TYPE one after the other, the last of them perhaps over TCP or sent TC=1; any other query begins anew. */
interface Chain {
  readonly tries: Attempt[];
  /** TC=1 had been sent before it. */
  readonly wasTruncated: boolean;
}

function chainsOf(attempts: readonly Attempt[]): Chain[] {
  const chains: Chain[] = [];
  let wasTruncated = false;
  for (const attempt of attempts) {
    const chain = chains.at(-1);
    const last = chain?.tries.at(-1);
    if (chain && last && isOpenTry(last) && last.qtype === attempt.qtype) chain.tries.push(attempt);
    else chains.push({ tries: [attempt], wasTruncated });
    wasTruncated ||= attempt.tc;
  }
  return chains;
}

function missedIn(
  { tries, wasTruncated }: Chain,
  isLater: (earlier: Attempt, later: Attempt) => boolean,
): Attempt[] {
  const missed: Attempt[] = [];
  let next = 0;
  for (const [at, attempt] of tries.entries()) {
    for (; next < at && isLater(tries[next]!, attempt); next++) missed.push(tries[next]!);
    const before = tries[at - 1];
    if (next < at && before && (isLater(before, attempt) || saysNothingCame(before, attempt, wasTruncated)))
      missed.push(before);
  }
  return missed;
}

/** Those until the first that is known to have arrived, and with it. */
function untilSettled(attempts: readonly Attempt[]): readonly Attempt[] {
  const first = attempts.findIndex(isProven);
  return first < 0 ? attempts : attempts.slice(0, first + 1);
}

function saysNothingCame(before: Attempt, attempt: Attempt, wasTruncated: boolean): boolean {
  return isTcp(attempt) ? !wasTruncated : attempt.offered < before.offered;
}

/** One round trip brings the answer and what comes of it; the second is for paths that are slower now and then. */
const ROUNDS = 2;
/** Where the round trip takes no time, queries of two users may still lie so far apart. Knot Resolver waits 20 ms at least. */
const SHORTEST_TIMEOUT_MS = 5;

/** A whole answer over UDP that could have shown its arrival, and did not. */
function isOpenTry(attempt: Attempt): boolean {
  return !isTcp(attempt) && !attempt.tc && attempt.canProve && !isProven(attempt);
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
