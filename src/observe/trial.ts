/** Trials: observations that belong to one question, "does this size get through?", whatever order they arrived in. */
import { indexAskers, resolversOf } from './asker.ts';
import { type Attempt, attemptOf, indexRetries, isProven, rowKey } from './attempt.ts';
import { type Clocks, indexClocks } from './clocks.ts';
import { indexCoverage, type Unread } from './coverage.ts';
import { type Draft, gatherDrafts, isMeasured, type Return } from './draft.ts';
import { type Timeline, timelineOf } from './during.ts';
import type { Fleet } from './fleet.ts';
import { groupBy } from './group.ts';
import { indexKin, indexMates, takesPart } from './kin.ts';
import { findMissed, indexTurnarounds } from './missed.ts';
import type { Observation } from './observation.ts';
import { joinPathEvents } from './path-join.ts';
import { sortReturns } from './returns.ts';
import { spanOf } from './span.ts';
import { spare } from './sparing.ts';
import { WINDOW_MS } from './window.ts';

export { FOLLOW_MS, WINDOW_MS } from './window.ts';

/** What makes two rows one trial; source addresses are attributes, because a resolver may retry from another. */
export interface TrialKey {
  /** 12 hex digits; empty where rows were tied by their source address, name and time. */
  readonly run: string;
  readonly zone: string;
  /** Octets asked for. */
  readonly size: number;
  /** Options of the test name, the run apart: `tc-ftxt`; another test than the one without them. */
  readonly options: string;
  /** How its datagrams were to leave; a stream has its own ways, and counts as a part all the same. */
  readonly arm: string;
}

export interface Trial extends TrialKey {
  /** In order of time. */
  readonly attempts: readonly Attempt[];
  /** Queries for the small answer that opens the trial. */
  readonly gates: readonly Observation[];
  /** Receipts asked by an address that the run does not know otherwise: they credit nobody. */
  readonly strangers: readonly Observation[];
  /** First returns of a receipt after its window: the answer arrived somewhere, but too late to say where. */
  readonly late: readonly Observation[];
  /** TCP connections of its addresses that our own limits closed meanwhile. */
  readonly refused: readonly Observation[];
  /** TCP connections of its addresses that ended meanwhile before they had asked, without our doing. */
  readonly broken: readonly Observation[];
  /** ICMP errors that answered its attempts, in order of time. Anybody can forge one. */
  readonly pathEvents: readonly Observation[];
  /** Other nodes that served its zone, or one beside it, within a day before: a sign of its arrival may be in their records. */
  readonly nodes: readonly string[];
  /** Rows that say that others were lost meanwhile, at most one of each node. */
  readonly holes: readonly Observation[];
  /** Other servers whose rows are not read: by a receipt within a day, at most one, and by the settings. */
  readonly unread: readonly Unread[];
  /** Further returns of a receipt that had been returned; they prove nothing new. */
  readonly replays: number;
  /** Addresses that asked the gate or got a measured answer, sorted. */
  readonly sources: readonly string[];
  /** Those of them that it shows to be one resolver, in lists of several. */
  readonly resolvers: readonly (readonly string[])[];
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Processes that saw it, as `processOf` writes them. */
  readonly processes: readonly string[];
}

/**
 * Groups rows into trials, in order of their first row.
 *
 * Rows that belong to no trial are left out. Two orders of the same rows give the same trials.
 *
 * @param fleet what the settings say of the servers, where that is known
 */
export function groupTrials(rows: Iterable<Observation>, fleet?: Fleet): Trial[] {
  const sorted = [...rows].sort(byTime);
  const ordered = sorted.filter(({ event }) => event === 'query');
  const measured = ordered.filter(isMeasured);
  const drafts = gatherDrafts(ordered, measured);
  const wordless = groupBy(ordered.filter(isWordless), ({ src }) => src);
  const around: Around = {
    isOfRun: indexRuns(ordered),
    followers: new Set(ordered.filter(goesOnForOthers).map(({ src }) => src)),
    wordless: new Map([...wordless].map(([src, own]) => [src, timelineOf(own)])),
    errors: joinPathEvents(
      sorted.filter(({ event }) => event === 'path'),
      measured,
    ),
    gapsOf: indexCoverage(sorted, drafts, fleet),
    clocks: indexClocks(drafts.flatMap(({ returns }) => returns)),
  };
  const trials = drafts.map((draft) => finish(draft, around));
  return withMates(trials).sort((a, b) => a.firstAt - b.firstAt);
}

/** What other trials show of who is one resolver. */
function withMates(trials: readonly Trial[]): Trial[] {
  const mates = indexMates(trials.flatMap(({ resolvers }) => resolvers));
  return trials.map((trial) =>
    trial.sources.some((source) => mates.has(source))
      ? {
          ...trial,
          attempts: trial.attempts.map((each) => ({ ...each, mates: mates.get(each.src) ?? each.mates })),
        }
      : trial,
  );
}

/** Names the process that wrote a row: what it did not write while it was down, nobody knows. */
export function processOf({ node, boot }: Pick<Observation, 'node' | 'boot'>): string {
  return `${node}|${boot}`;
}

/** A TCP connection that ended before it had asked. */
function isWordless({ action, proto, qname }: Observation): boolean {
  return action === 'drop' && proto !== 'udp' && qname === '';
}

/** A forwarder that goes on to the receipt, RD=1 as in all its queries. */
function goesOnForOthers({ rd, receipt }: Observation): boolean {
  return rd && receipt?.relation === 'own';
}

/** Clocks of nodes may differ; the rest only makes equal times come in one order. */
function byTime(a: Observation, b: Observation): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.boot - b.boot || a.seq - b.seq;
}

/** What all trials look into. */
interface Around {
  /** Whether an address took part in a run, or often does so together with the one that an answer was sent to. */
  isOfRun(run: string, address: string, addressee: string): boolean;
  /** Addresses that went on to a receipt with RD=1. */
  readonly followers: ReadonlySet<string>;
  readonly wordless: ReadonlyMap<string, Timeline<Observation>>;
  /** By measured row. */
  readonly errors: ReadonlyMap<Observation, readonly Observation[]>;
  readonly gapsOf: ReturnType<typeof indexCoverage>;
  readonly clocks: Clocks;
}

function indexRuns(ordered: readonly Observation[]): Around['isOfRun'] {
  const runs = groupBy(
    ordered.filter((row) => row.run !== '' && takesPart(row)),
    ({ run }) => run,
  );
  const sources = new Map([...runs].map(([run, own]) => [run, new Set(own.map(({ src }) => src))]));
  let areKin: ReturnType<typeof indexKin> | undefined;
  return (run, address, addressee) => {
    if (sources.get(run)?.has(address)) return true;
    areKin ??= indexKin(ordered);
    return areKin(address, addressee);
  };
}

/** A server writes one a second for each source address; more of them would only say the same again. */
const MOST_WORDLESS = 100;

function finish(draft: Draft, around: Around): Trial {
  const { run, zone, size, options, arm, measured, gates, returns } = draft;
  const sorted = sortReturns(draft, (address, addressee) => around.isOfRun(run, address, addressee));
  const askerOf = indexAskers(draft, sorted.joined);
  const attempts = doubting(attemptsOf(draft, sorted, around, askerOf));
  const answers = new Set(attempts.filter(isProven).flatMap(({ rows: [row] }) => (row ? [rowKey(row)] : [])));
  // What is proven in another way leaves nothing open.
  const isOpen = ({ of }: Return) => of === undefined || !answers.has(rowKey(of));
  const strangers = sorted.strangers.filter(isOpen);
  const late = sorted.late.filter(isOpen);
  const unclear = new Set(late.flatMap(({ of }) => (of === undefined ? [] : [rowKey(of)])));
  const members = [...measured, ...gates, ...returns.map(({ row }) => row)];
  const moments = [...members.map(({ time }) => time), ...sorted.orphans.map(({ at }) => at)];
  const { first_at: firstAt, last_at: lastAt } = spanOf(moments.map((at) => ({ first_at: at, last_at: at })));
  const sources = [...new Set([...attempts, ...gates].map(({ src }) => src))].sort();
  const unasked = sources
    .flatMap((src) => around.wordless.get(src)?.during(firstAt, lastAt + WINDOW_MS, MOST_WORDLESS) ?? [])
    .sort(byTime);
  const seenBy = new Set(members.map(({ node }) => node));
  const gaps = around.gapsOf({ zone, firstAt, lastAt, seenBy });
  const clear = attempts.map((each) =>
    each.rows[0] !== undefined && unclear.has(rowKey(each.rows[0])) ? { ...each, canProve: false } : each,
  );
  const turnaroundOf = indexTurnarounds(draft, askerOf, around.clocks);
  return {
    ...{ run, zone, size, options, arm },
    attempts: spare(clear, sorted.replays, findMissed(clear, turnaroundOf, around.clocks)),
    gates,
    strangers: strangers.map(({ row }) => row),
    late: late.map(({ row }) => row),
    refused: unasked.filter(({ excluded }) => excluded !== ''),
    broken: unasked.filter(({ excluded, req_len }) => excluded === '' && req_len === 0),
    pathEvents: attempts.flatMap((attempt) => attempt.errors).sort(byTime),
    ...gaps,
    replays: sorted.replays.length,
    sources,
    resolvers: resolversOf(draft, {
      sources,
      askerOf,
      isWhole: gaps.holes.length + gaps.unread.length === 0,
    }),
    firstAt,
    lastAt,
    processes: [...new Set(members.map(processOf))],
  };
}

/** In order of time. */
function attemptsOf(
  draft: Draft,
  { proofs, orphans }: ReturnType<typeof sortReturns>,
  { errors, followers }: Around,
  askerOf: (address: string) => string,
): Attempt[] {
  const attempts = draft.measured.map((row) =>
    attemptOf(
      row,
      { receipt: proofs.get(rowKey(row)), cookie: draft.cookies.get(row), errors: errors.get(row) ?? [] },
      { asker: askerOf(row.src), isStub: row.rd && !followers.has(row.src) },
    ),
  );
  const known = orphans.map((each) => ({ ...each, asker: askerOf(each.src) }));
  return [...attempts, ...known].sort((a, b) => a.at - b.at);
}

/** An acknowledgement after which its asker asks again came from a middlebox, as far as anybody knows, and so may the others. */
function doubting(attempts: readonly Attempt[]): readonly Attempt[] {
  const acked = attempts.filter(({ proof }) => proof === 'acked');
  if (acked.length === 0) return attempts;
  const isAskedAgain = indexRetries(attempts);
  const doubtful = new Set(acked.filter(isAskedAgain).map(({ asker, qtype }) => `${asker} ${qtype}`));
  return attempts.map((each) =>
    each.proof === 'acked' && doubtful.has(`${each.asker} ${each.qtype}`) ? { ...each, proof: 'none' } : each,
  );
}
