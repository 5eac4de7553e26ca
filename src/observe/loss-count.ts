/** Loss count: how many losses of one source count towards `CANNOT`, and what the others lack. */
import type { Surroundings } from './ability.ts';
import type { Attempt } from './attempt.ts';
import { BASELINE } from './baseline.ts';
import type { Bracket, Control } from './controls.ts';
import { LOSSES_NEEDED } from './sequential.ts';

/** Losses by what they are worth. */
export interface LossCount {
  readonly lost: number;
  /** With controls and a baseline; those between the same two controls are one, as one outage may be behind them. */
  readonly independent: number;
  /** Further ones between the same controls, or soon after one that counts. */
  readonly repeated: number;
  /** Those without an answer that arrived before, or without one after it. */
  readonly uncontrolled: number;
  /** Unrelated networks at the loss that has most of them; null where nothing was lost. */
  readonly networks: number | null;
  /** The same among losses that have too few of them; null where all have enough. */
  readonly fewNetworks: number | null;
}

/** Losses of one source closer than this may have one cause, also one that smaller answers survive. */
const SPACING_MS = 600_000;

/** Those losses that no other one explains: the first after each arrival, and further ones ten minutes after one that counts. */
export function lossesApart(losses: readonly Attempt[], arrivals: readonly Attempt[]): Attempt[] {
  const ends = arrivals.map(({ at }) => at).sort((a, b) => a - b);
  const apart: Attempt[] = [];
  let next = 0;
  for (const loss of losses.toSorted((a, b) => a.at - b.at)) {
    const before = next;
    while (next < ends.length && ends[next]! < loss.at) next++;
    const last = apart.at(-1);
    if (last === undefined || next > before || loss.at - last.at >= SPACING_MS) apart.push(loss);
  }
  return apart;
}

/** @param losses of one source, without excuses */
export function countLosses(
  losses: readonly Attempt[],
  { bracketOf, networksBeside }: Pick<Surroundings, 'bracketOf' | 'networksBeside'>,
): LossCount {
  const judged = losses.map((loss) => ({
    at: loss.at,
    bracket: bracketOf(loss),
    networks: networksBeside(loss),
  }));
  const counting = judged.flatMap(({ at, bracket: { before, after }, networks }) =>
    before !== undefined && after !== undefined && networks >= BASELINE.networks ? [{ at, after }] : [],
  );
  const independent = countIndependent(counting);
  const networks = judged.map((each) => each.networks);
  return {
    lost: losses.length,
    independent,
    repeated: counting.length - independent,
    uncontrolled: judged.filter(({ bracket }) => !isControlled(bracket)).length,
    networks: most(networks),
    fewNetworks: most(networks.filter((each) => each < BASELINE.networks)),
  };
}

/** Whether an answer arrived before and after it. */
export function isControlled({ before, after }: Bracket): boolean {
  return before !== undefined && after !== undefined;
}

/** What "cannot" still needs, in sentences without their final period. */
export function missingOf(count: LossCount): string[] {
  const { lost, independent, repeated, uncontrolled, fewNetworks } = count;
  const many = `${repeated + independent} that lie`;
  return [
    `${independent} of the ${LOSSES_NEEDED} failures that it takes ${independent === 1 ? 'counts' : 'count'} so far`,
    ...(uncontrolled === 0
      ? []
      : [
          `each needs a smaller answer that arrived within an hour before it, and another one after it: ${uncontrolled} of ${lost} ${uncontrolled === 1 ? 'lacks' : 'lack'} one`,
        ]),
    ...(repeated === 0
      ? []
      : [
          `${many} less than ${SPACING_MS / 60_000} minutes apart, or have no smaller answer that arrived between them, count as ${independent}`,
        ]),
    ...(fewNetworks === null
      ? []
      : [
          `the size must have arrived at ${BASELINE.networks} unrelated networks within a day: ${fewNetworks} so far`,
        ]),
  ];
}

/** @param losses each with the control after it, which two of them share when none lies between them */
function countIndependent(losses: readonly { readonly at: number; readonly after: Control }[]): number {
  const seen = new Set<Control>();
  let last = Number.NEGATIVE_INFINITY;
  for (const { at, after } of losses.toSorted((a, b) => a.at - b.at)) {
    if (seen.has(after) || at - last < SPACING_MS) continue;
    seen.add(after);
    last = at;
  }
  return seen.size;
}

/** The largest; null of none. */
export function most(numbers: readonly number[]): number | null {
  return numbers.reduce<number | null>((max, each) => Math.max(max ?? each, each), null);
}
