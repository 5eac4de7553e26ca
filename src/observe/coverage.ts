/** Coverage: what the records of the servers of a zone leave open about a trial: lost rows, and servers that are not read. */
import type { Draft } from './draft.ts';
import { placeFrom, type Timeline, timelineOf } from './during.ts';
import { groupBy } from './group.ts';
import { takesPart } from './kin.ts';
import type { Observation } from './observation.ts';
import type { Trial } from './trial.ts';
import { WINDOW_MS } from './window.ts';

/** What is not known of a trial, because of the records. */
export interface Gaps {
  /** Other nodes that served its zone within a day before: a sign of its arrival may be with them. */
  readonly nodes: readonly string[];
  /** Rows that say that others were lost meanwhile, at most one of each node. */
  readonly holes: readonly Observation[];
  /** The receipt, at most one, of a node that served its zone within a day, and whose own rows are not read. */
  readonly unread: readonly Observation[];
}

/** Where and when a trial was. */
export interface Extent {
  readonly zone: string;
  readonly firstAt: number;
  readonly lastAt: number;
  /** Names of the nodes that saw it. */
  readonly seenBy: ReadonlySet<string>;
}

/** A node that nobody asked for so long is taken to be gone. */
const GONE_MS = 86_400_000;
/** A row that says that others were lost follows them within this time. */
const NOTICE_MS = 5_000;

/**
 * @param sorted rows of all events, in order of time
 * @param drafts made of them
 */
export function indexCoverage(
  sorted: readonly Observation[],
  drafts: readonly Draft[],
): (extent: Extent) => Gaps {
  const nodesOf = nodesByZone(sorted);
  const lost = timelinesBy(
    sorted.filter(({ event }) => event === 'lost'),
    ({ node }) => node,
  );
  const strange = timelinesBy(receiptsOfUnread(drafts), ({ zone }) => zone);
  return ({ zone, firstAt, lastAt, seenBy }) => {
    const nodes = [...(nodesOf.get(zone) ?? [])].flatMap(([node, moments]) =>
      !seenBy.has(node) && servedDuring(moments, firstAt - GONE_MS, lastAt + WINDOW_MS) ? [node] : [],
    );
    const until = lastAt + WINDOW_MS + NOTICE_MS;
    return {
      nodes,
      holes: [...seenBy, ...nodes].flatMap((node) => lost.get(node)?.firstDuring(firstAt, until) ?? []),
      unread: [strange.get(zone)?.firstDuring(firstAt - GONE_MS, lastAt + GONE_MS) ?? []].flat(),
    };
  };
}

/**
 * Tells how far the records of a trial reach, milliseconds since the epoch: until the first of those ends that may hold signs of it.
 *
 * @param reach until when each process wrote, by `processOf`
 * @param observedUntil how far they reach at most
 */
export function indexReach(
  reach: ReadonlyMap<string, number>,
  observedUntil: number,
): (trial: Pick<Trial, 'processes' | 'nodes'>) => number {
  const ofNode = new Map<string, number>();
  for (const [process, until] of reach) {
    const node = process.slice(0, process.lastIndexOf('|'));
    ofNode.set(node, Math.max(ofNode.get(node) ?? until, until));
  }
  return ({ processes, nodes }) =>
    Math.min(
      observedUntil,
      ...processes.map((process) => reach.get(process) ?? observedUntil),
      ...nodes.map((node) => ofNode.get(node) ?? observedUntil),
    );
}

/** When each node served each zone, by zone and node. */
function nodesByZone(sorted: readonly Observation[]): Map<string, Map<string, readonly number[]>> {
  const parts = sorted.filter((row) => row.event === 'query' && takesPart(row));
  return new Map(
    [...groupBy(parts, ({ zone }) => zone)].map(([zone, rows]) => [
      zone,
      new Map(
        [...groupBy(rows, ({ node }) => node)].map(([node, own]) => [node, own.map(({ time }) => time)]),
      ),
    ]),
  );
}

function servedDuring(moments: readonly number[], from: number, to: number): boolean {
  return (moments[placeFrom(moments, from)] ?? Number.POSITIVE_INFINITY) <= to;
}

/**
 * Receipts of nodes none of whose answers are among the rows, in order of time.
 *
 * A receipt names its node by number, and rows by name: they meet where one answer has both.
 */
function receiptsOfUnread(drafts: readonly Draft[]): Observation[] {
  const returns = drafts.flatMap((draft) => draft.returns);
  const read = new Set(returns.filter(({ of }) => of !== undefined).map(({ facts }) => facts.node));
  return returns
    .filter(({ facts }) => facts.relation !== 'replay' && !read.has(facts.node))
    .map(({ row }) => row)
    .sort((a, b) => a.time - b.time);
}

function timelinesBy(
  rows: readonly Observation[],
  keyOf: (row: Observation) => string,
): Map<string, Timeline<Observation>> {
  return new Map([...groupBy(rows, keyOf)].map(([key, own]) => [key, timelineOf(own)]));
}
