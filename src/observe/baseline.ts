/** Baseline: how many unrelated networks got through where one source did not; without it the fault may be ours. */
import type { Attempt } from './attempt.ts';
import type { Farms } from './farm.ts';
import { countUpTo } from './moment.ts';
import { networkOf } from './network.ts';
import type { Trial } from './trial.ts';

/** So many unrelated networks (/24, /48) must have received the size, from the same place, within so long of the loss. */
export const BASELINE = { networks: 5, withinMs: 86_400_000 } as const;

/** When each network got through at one place, milliseconds since the epoch, in any order. */
type Arrivals = ReadonlyMap<string, readonly number[]>;

/** How many networks count from a moment on. */
interface Step {
  readonly at: number;
  readonly networks: number;
}

/** What is compared: which answers show that a network gets through, where, and for how long around them. */
export interface Comparison {
  isEvidence(attempt: Attempt): boolean;
  /** Equal for attempts that can be compared. */
  placeOf(attempt: Attempt): string;
  /** How long before the evidence and after it a network counts. */
  readonly beforeMs: number;
  readonly afterMs: number;
}

/**
 * Counts the networks that belong to no run of the source and received the size of a loss over UDP, sent by the same node from
 * the same address over the same IP version in the same arm, at most a day before or after.
 */
export function indexBaseline(trials: readonly Trial[], farms: Farms): (loss: Attempt) => number {
  return indexNetworks(trials, farms, {
    isEvidence: isWholeOverUdp,
    placeOf: ({ node, dst, sent, ipVersion, arm }) => `${node}|${dst}|${sent}|${ipVersion}|${arm}`,
    beforeMs: BASELINE.withinMs,
    afterMs: BASELINE.withinMs,
  });
}

/** Counts the networks that belong to no run of the source of an attempt, and got through at its place when it left. */
export function indexNetworks(
  trials: readonly Trial[],
  { networksOf }: Farms,
  comparison: Comparison,
): (attempt: Attempt) => number {
  // Made at the first question: a report without losses needs none of it.
  let places: ReadonlyMap<string, Arrivals> | undefined;
  const all = new Map<string, readonly Step[]>();
  const related = new Map<string, readonly Step[]>();
  return (attempt) => {
    places ??= arrivalsByPlace(trials, comparison);
    const place = comparison.placeOf(attempt);
    const arrivals = places.get(place);
    if (arrivals === undefined) return 0;
    const everybody = keep(all, place, () => stepsOf(arrivals.values(), comparison));
    const its = networksOf(attempt.src).map((network) =>
      keep(related, `${place}|${network}`, () => stepsOf([arrivals.get(network) ?? []], comparison)),
    );
    return its.reduce(
      (rest, steps) => rest - networksAt(steps, attempt.at),
      networksAt(everybody, attempt.at),
    );
  };
}

function keep<T>(known: Map<string, T>, key: string, make: () => T): T {
  const found = known.get(key) ?? make();
  known.set(key, found);
  return found;
}

function networksAt(steps: readonly Step[], moment: number): number {
  return steps[countUpTo(steps, moment) - 1]?.networks ?? 0;
}

function arrivalsByPlace(
  trials: readonly Trial[],
  { isEvidence, placeOf }: Comparison,
): Map<string, Map<string, number[]>> {
  const places = new Map<string, Map<string, number[]>>();
  const networks = new Map<string, string>();
  for (const { attempts } of trials) {
    for (const attempt of attempts) {
      if (!isEvidence(attempt)) continue;
      const place = placeOf(attempt);
      const arrivals = places.get(place) ?? new Map<string, number[]>();
      places.set(place, arrivals);
      const network = networks.get(attempt.src) ?? networkOf(attempt.src);
      networks.set(attempt.src, network);
      const known = arrivals.get(network);
      if (known === undefined) arrivals.set(network, [attempt.at]);
      else known.push(attempt.at);
    }
  }
  return places;
}

/** A whole answer over UDP that reached the very source; one known by its receipt alone does not say where it left from. */
function isWholeOverUdp({ proto, tc, isClean, proof, dst }: Attempt): boolean {
  return proto === 'udp' && !tc && isClean && dst !== '' && (proof === 'own' || proof === 'cookie');
}

/** Each network counts for so long around an arrival of it; spans that overlap are one. */
function stepsOf(arrivals: Iterable<readonly number[]>, comparison: Comparison): Step[] {
  const changes = [...arrivals].flatMap((moments) =>
    spansAround(moments, comparison).flatMap(({ from, to }) => [
      { at: from, by: 1 },
      { at: to + 1, by: -1 },
    ]),
  );
  let networks = 0;
  return changes
    .sort((a, b) => a.at - b.at)
    .map(({ at, by }) => {
      networks += by;
      return { at, networks };
    });
}

function spansAround(
  moments: readonly number[],
  { beforeMs, afterMs }: Comparison,
): { from: number; to: number }[] {
  const spans: { from: number; to: number }[] = [];
  for (const at of moments.toSorted((a, b) => a - b)) {
    const last = spans.at(-1);
    const [from, to] = [at - beforeMs, at + afterMs];
    if (last !== undefined && from <= last.to + 1) last.to = to;
    else spans.push({ from, to });
  }
  return spans;
}
