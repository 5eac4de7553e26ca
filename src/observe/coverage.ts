/** Coverage: what the records of the servers of a zone leave open about a trial: lost rows, and servers that are not read. */
import type { Draft } from './draft.ts';
import { placeFrom, type Timeline, timelineOf } from './during.ts';
import { type Fleet, unreadText } from './fleet.ts';
import { groupBy } from './group.ts';
import { takesPart } from './kin.ts';
import type { Observation } from './observation.ts';
import type { Trial } from './trial.ts';
import { WINDOW_MS } from './window.ts';

/** What is not known of a trial, because of the records. */
export interface Gaps {
  /** Other nodes that served its zone, or one beside it, within a day before: a sign of its arrival may be with them. */
  readonly nodes: readonly string[];
  /** Rows that say that others were lost meanwhile, at most one of each node. */
  readonly holes: readonly Observation[];
  /** Other servers whose rows are not read, and which may have had a part in it. */
  readonly unread: readonly Unread[];
}

/** What names servers whose rows are not read. */
export interface Unread {
  /** `node 2`, or `1 of 2 name servers`. */
  readonly who: string;
  /** The receipt that says so; none where the settings do. */
  readonly rows: readonly Observation[];
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
 * @param fleet of the settings, where they are known
 */
export function indexCoverage(
  sorted: readonly Observation[],
  drafts: readonly Draft[],
  fleet?: Fleet,
): (extent: Extent) => Gaps {
  const nodesOf = indexServing(sorted);
  const lost = timelinesBy(
    sorted.filter(({ event }) => event === 'lost'),
    ({ node }) => node,
  );
  const strange = timelineOf(receiptsOfUnread(drafts));
  const missing = fleet === undefined || fleet.unread === 0 ? [] : [{ who: unreadText(fleet), rows: [] }];
  return ({ zone, firstAt, lastAt, seenBy }) => {
    const nodes = [...nodesOf(zone)].flatMap(([node, moments]) =>
      !seenBy.has(node) && servedDuring(moments, firstAt - GONE_MS, lastAt + WINDOW_MS) ? [node] : [],
    );
    const until = lastAt + WINDOW_MS + NOTICE_MS;
    return {
      nodes,
      holes: [...seenBy, ...nodes].flatMap((node) => lost.get(node)?.firstDuring(firstAt, until) ?? []),
      unread: [
        ...[strange.firstDuring(firstAt - GONE_MS, lastAt + GONE_MS) ?? []].flat().map(unreadBy),
        ...missing,
      ],
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

/**
 * Finds when each node served a zone, or one that a node of that zone serves as well: the children of an origin share their servers.
 *
 * @returns moments in order, by node
 */
function indexServing(
  sorted: readonly Observation[],
): (zone: string) => ReadonlyMap<string, readonly number[]> {
  const parts = sorted.filter((row) => row.event === 'query' && takesPart(row));
  const nodesOf = new Map(
    [...groupBy(parts, ({ zone }) => zone)].map(([zone, rows]) => [
      zone,
      new Set(rows.map(({ node }) => node)),
    ]),
  );
  // Zones with the same nodes have the same neighbors, and there are few nodes.
  const known = new Map<string, ReadonlyMap<string, readonly number[]>>();
  return (zone) => {
    const own = nodesOf.get(zone) ?? new Set<string>();
    const key = [...own].sort().join('|');
    const isBeside = (row: Observation) => [...(nodesOf.get(row.zone) ?? [])].some((node) => own.has(node));
    const found = known.get(key) ?? momentsByNode(parts.filter(isBeside));
    known.set(key, found);
    return found;
  };
}

function momentsByNode(rows: readonly Observation[]): Map<string, readonly number[]> {
  return new Map(
    [...groupBy(rows, ({ node }) => node)].map(([node, own]) => [node, own.map(({ time }) => time)]),
  );
}

function servedDuring(moments: readonly number[], from: number, to: number): boolean {
  return (moments[placeFrom(moments, from)] ?? Number.POSITIVE_INFINITY) <= to;
}

function unreadBy(row: Observation): Unread {
  return { who: `node ${row.receipt?.node ?? ''}`, rows: [row] };
}

/**
 * Receipts of nodes none of whose answers are among the rows, in order of time. Nodes that share the secret of receipts share all zones.
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
