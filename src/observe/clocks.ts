/** Clocks: how much time lay between two rows at least and at most, also of two nodes, as receipts tell. */
import type { Return } from './draft.ts';

/** When and where, milliseconds since the epoch by the clock of that node. */
export interface Moment {
  readonly at: number;
  readonly node: string;
}

/** Milliseconds from one moment to a later one; undefined where nothing tells how far apart the clocks of the two nodes are. */
export interface Clocks {
  atLeast(earlier: Moment, later: Moment): number | undefined;
  atMost(earlier: Moment, later: Moment): number | undefined;
}

/** What the clocks of two nodes did in another hour says nothing. */
const STEADY_MS = 3_600_000;

/**
 * Nobody can ask for a receipt before its answer left.
 *
 * So the clock of the node where it was asked is ahead of that of the node that sent the answer by no more than the shortest time that
 * seems to lie between the two.
 */
export function indexClocks(returns: Iterable<Return>): Clocks {
  const leads = new Map<string, number>();
  for (const { row, of } of returns) {
    if (of === undefined || of.node === row.node) continue;
    const key = keyOf(of.node, row.node, of.time);
    leads.set(key, Math.min(leads.get(key) ?? Number.POSITIVE_INFINITY, row.time - of.time));
  }
  /** By how much the clock of `to` may be ahead of that of `from` then. */
  function leadOf(to: string, from: string, at: number): number {
    return to === from ? 0 : (leads.get(keyOf(from, to, at)) ?? Number.NaN);
  }
  function known(ms: number): number | undefined {
    return Number.isNaN(ms) ? undefined : ms;
  }
  return {
    atLeast: (earlier, later) => known(later.at - earlier.at - leadOf(later.node, earlier.node, earlier.at)),
    atMost: (earlier, later) => known(later.at - earlier.at + leadOf(earlier.node, later.node, earlier.at)),
  };
}

function keyOf(from: string, to: string, at: number): string {
  return `${from}|${to}|${Math.floor(at / STEADY_MS)}`;
}
