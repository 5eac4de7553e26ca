/** Loss count: how many losses of one source count towards `CANNOT`, and what the others lack. */
import type { Surroundings } from './ability.ts';
import type { Attempt } from './attempt.ts';
import { BASELINE } from './baseline.ts';
import type { Bracket, Control } from './controls.ts';
import { LOSSES_NEEDED } from './sequential.ts';

/** Losses by what they are worth. */
export interface LossCount {
  /** With controls and a baseline; those between the same two controls are one, as one outage may be behind them. */
  readonly independent: number;
  /** Further ones between the same controls, or soon after one that counts. */
  readonly repeated: number;
  readonly withoutBefore: number;
  readonly withoutAfter: number;
  /** Unrelated networks at the loss that has most of them; null where nothing was lost. */
  readonly networks: number | null;
  /** The same among losses that have too few of them; null where all have enough. */
  readonly fewNetworks: number | null;
}

/** Losses of one source closer than this may have one cause, also one that smaller answers survive. */
const SPACING_MS = 600_000;

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
    independent,
    repeated: counting.length - independent,
    withoutBefore: judged.filter(({ bracket }) => bracket.before === undefined).length,
    withoutAfter: judged.filter(({ bracket }) => bracket.after === undefined).length,
    networks: most(networks),
    fewNetworks: most(networks.filter((each) => each < BASELINE.networks)),
  };
}

/** Whether an answer arrived before and after it. */
export function isControlled({ before, after }: Bracket): boolean {
  return before !== undefined && after !== undefined;
}

/** What "cannot" still needs, in words. */
export function missingOf(count: LossCount): string[] {
  const { independent, repeated, withoutBefore, withoutAfter, fewNetworks } = count;
  const more = LOSSES_NEEDED - independent;
  return [
    `needs ${more} more failure${more === 1 ? '' : 's'} that count${more === 1 ? 's' : ''}`,
    ...(repeated === 0
      ? []
      : [
          `${repeated + independent} count as ${independent}: no control between them, or less than ${SPACING_MS / 60_000} minutes`,
        ]),
    ...(withoutBefore === 0 ? [] : [`no control before ${withoutBefore}`]),
    ...(withoutAfter === 0 ? [] : [`no control after ${withoutAfter}`]),
    ...(fewNetworks === null
      ? []
      : [`only ${fewNetworks} unrelated network${fewNetworks === 1 ? '' : 's'} received this size`]),
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

function most(numbers: readonly number[]): number | null {
  return numbers.reduce<number | null>((max, each) => Math.max(max ?? each, each), null);
}
