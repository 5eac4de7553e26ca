/** Trials: observations that belong to one question, "does this size get through?", whatever order they arrived in. */
import { ARMS } from '../record/layout.ts';
import { type Attempt, attemptOf, attemptOfReceipt, isProven, isRetryOf } from './attempt.ts';
import { groupBy } from './group.ts';
import type { Observation, ReceiptFacts } from './observation.ts';
import { joinPathEvents } from './path-join.ts';
import { spanOf } from './span.ts';

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
  /** Further returns of a receipt that had been returned; they prove nothing new. */
  readonly replays: number;
  /** Addresses that asked the gate or got a measured answer, sorted. */
  readonly sources: readonly string[];
  /** Milliseconds since the epoch. */
  readonly firstAt: number;
  readonly lastAt: number;
  /** Processes that saw it, as `processOf` writes them. */
  readonly processes: readonly string[];
}

/** Rows without a run id belong together while no gap between them is longer; also how long a cookie is evidence. */
export const WINDOW_MS = 60_000;

/** A resolver goes on with what it knows within this time of an answer. */
export const FOLLOW_MS = 2_000;

interface Draft extends TrialKey {
  readonly measured: Observation[];
  readonly gates: Observation[];
  readonly receipts: { readonly row: Observation; readonly facts: ReceiptFacts; readonly of?: Observation }[];
  readonly cookies: Map<Observation, Observation>;
}

/**
 * Groups rows into trials, in order of their first row.
 *
 * Rows that belong to no trial are left out. Two orders of the same rows give the same trials.
 */
export function groupTrials(rows: Iterable<Observation>): Trial[] {
  const sorted = [...rows].sort(byTime);
  const ordered = sorted.filter(({ event }) => event === 'query');
  const find = draftFinder();
  const measured = ordered.filter(isMeasured);

  const draftOf = new Map<Observation, Draft>();
  for (const row of ordered) {
    if (row.step === 'gate' && row.size > 0) find(row, row.size).gates.push(row);
    if (!isMeasured(row)) continue;
    const draft = find(row, row.size);
    draft.measured.push(row);
    draftOf.set(row, draft);
  }
  const sentAnswer = answersByReceipt(measured);
  for (const row of ordered) {
    const { receipt: facts } = row;
    // 0 octets asked for: the receipt of an answer to a search for a zone cut, no trial.
    if (facts === null || facts.asked === 0) continue;
    const of = sentAnswer(facts);
    // Without the measured row (another node's, or lost) the receipt itself says what had been asked.
    const draft = (of && draftOf.get(of)) ?? find.orphan(row, facts.asked);
    draft.receipts.push({ row, facts, ...(of && { of }) });
  }
  for (const [answer, proof] of cookieProofs(ordered, measured))
    draftOf.get(answer)?.cookies.set(answer, proof);

  const around: Around = {
    runSources: sourcesByRun(ordered),
    wordless: groupBy(ordered.filter(isWordless), ({ src }) => src),
    errors: joinPathEvents(
      sorted.filter(({ event }) => event === 'path'),
      measured,
    ),
  };
  return find.drafts.map((draft) => finish(draft, around)).sort((a, b) => a.firstAt - b.firstAt);
}

/** Names the process that wrote a row: what it did not write while it was down, nobody knows. */
export function processOf({ node, boot }: Pick<Observation, 'node' | 'boot'>): string {
  return `${node}|${boot}`;
}

/** A TCP connection that ended before it had asked. */
function isWordless({ action, proto, qname }: Observation): boolean {
  return action === 'drop' && proto !== 'udp' && qname === '';
}

/** Not the negative answers that stand at the same name for other TYPEs: nobody tried to give those a size. */
function isMeasured({ step, size, tc, size_miss, action, res_len }: Observation): boolean {
  return step === 'measured' && size > 0 && (tc || size_miss || action !== 'answer' || res_len === size);
}

/** Clocks of nodes may differ; the rest only makes equal times come in one order. */
function byTime(a: Observation, b: Observation): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.boot - b.boot || a.seq - b.seq;
}

/** Finds or begins the trial of a row; rows must come in order of time. */
function draftFinder() {
  const drafts: Draft[] = [];
  const open = new Map<string, { draft: Draft; lastAt: number }>();
  const alike = new Map<string, Draft[]>();
  const likeness = (run: string, zone: string, size: number) => [run, zone, size].join('|');
  function find(row: Observation, size: number): Draft {
    const { run, zone, options, src, qname, time } = row;
    const arm = armOf(row);
    const tie = run === '' ? `${src} ${qname.toLowerCase()}` : run;
    const key = [tie, zone, size, options, arm].join('|');
    const known = open.get(key);
    if (known !== undefined && (run !== '' || time - known.lastAt <= WINDOW_MS)) {
      known.lastAt = time;
      return known.draft;
    }
    const facts = { run, zone, size, options, arm };
    const draft: Draft = { ...facts, measured: [], gates: [], receipts: [], cookies: new Map() };
    drafts.push(draft);
    open.set(key, { draft, lastAt: time });
    if (run !== '') {
      const others = alike.get(likeness(run, zone, size));
      if (others === undefined) alike.set(likeness(run, zone, size), [draft]);
      else others.push(draft);
    }
    return draft;
  }
  /** The name of a receipt does not say the options: where the run has one trial of that size, it is that one. */
  function orphan(row: Observation, size: number): Draft {
    const [one, ...others] = alike.get(likeness(row.run, row.zone, size)) ?? [];
    return one !== undefined && others.length === 0 ? one : find(row, size);
  }
  return Object.assign(find, { drafts, orphan });
}

/** The one that the name asks for: rows of the opening and of TCP say `default`, for so they left. */
function armOf({ options, arm }: Observation): string {
  return options.split('-').find((option) => ARMS.some((each) => each === option)) ?? arm;
}

/** `Observation.node` is a name and the receipt's a number, so the time and both sizes tell nodes apart. */
function answersByReceipt(
  measured: readonly Observation[],
): (facts: ReceiptFacts) => Observation | undefined {
  const key = (instance: number | null, at: number, asked: number, sent: number) =>
    [instance, at, asked, sent].join();
  const rows = new Map(measured.map((row) => [key(row.instance, row.time, row.size, row.res_len), row]));
  return ({ instance, at, asked, sent }) => rows.get(key(instance, at, asked, sent));
}

/** Measured answers whose server cookie came back, each with the first row that brought it. */
function cookieProofs(
  ordered: readonly Observation[],
  measured: readonly Observation[],
): Map<Observation, Observation> {
  const key = ({ node, boot, src }: Observation, instance: number) =>
    [node, boot, src, instance % COOKIE_INSTANCES].join('|');
  const sent = new Map<string, Observation>();
  for (const row of measured) if (row.instance !== null) sent.set(key(row, row.instance), row);

  const proofs = new Map<Observation, Observation>();
  for (const row of ordered) {
    if (row.cookie_instance === null || row.cookie !== 'valid') continue;
    const answer = sent.get(key(row, row.cookie_instance));
    if (answer === undefined || proofs.has(answer)) continue;
    const ageMs = row.time - answer.time;
    if (row !== answer && ageMs >= 0 && ageMs <= WINDOW_MS) proofs.set(answer, row);
  }
  return proofs;
}

/** A cookie carries the low 24 bits of the instance counter. */
const COOKIE_INSTANCES = 0x100_0000;

/** Who asked the gate or got a measured answer, by run. */
function sourcesByRun(rows: readonly Observation[]): Map<string, Set<string>> {
  const sources = new Map<string, Set<string>>();
  for (const { run, step, src } of rows) {
    if (run === '' || (step !== 'gate' && step !== 'measured')) continue;
    const known = sources.get(run);
    if (known === undefined) sources.set(run, new Set([src]));
    else known.add(src);
  }
  return sources;
}

/** What all trials look into. */
interface Around {
  readonly runSources: ReadonlyMap<string, ReadonlySet<string>>;
  readonly wordless: ReadonlyMap<string, readonly Observation[]>;
  /** By measured row. */
  readonly errors: ReadonlyMap<Observation, readonly Observation[]>;
}

function finish(draft: Draft, { runSources, wordless, errors }: Around): Trial {
  const { run, zone, size, options, arm, measured, gates, receipts, cookies } = draft;
  const { proofs, orphans, strangers, late, returns } = sortReceipts(draft, runSources.get(run));
  const lateAnswers = new Set(late.flatMap(({ of }) => (of === undefined ? [] : [rowKey(of)])));

  const attempts = measured.map((row) => {
    const attempt = attemptOf(row, {
      receipt: proofs.get(rowKey(row)),
      cookie: cookies.get(row),
      errors: errors.get(row) ?? [],
    });
    return lateAnswers.has(rowKey(row)) && !isProven(attempt) ? { ...attempt, canProve: false } : attempt;
  });
  const members = [...measured, ...gates, ...receipts.map(({ row }) => row)];
  const moments = [...members.map(({ time }) => time), ...orphans.map(({ at }) => at)];
  const { first_at: firstAt, last_at: lastAt } = spanOf(moments.map((at) => ({ first_at: at, last_at: at })));
  const sources = [...new Set([...attempts, ...orphans, ...gates].map(({ src }) => src))].sort();
  const unasked = sources
    .flatMap((src) => wordless.get(src) ?? [])
    .filter(({ time }) => time >= firstAt && time <= lastAt + WINDOW_MS)
    .sort(byTime);
  return {
    run,
    zone,
    size,
    options,
    arm,
    attempts: sparing(
      [...attempts, ...orphans].sort((a, b) => a.at - b.at),
      returns,
    ),
    gates,
    strangers,
    late: late.map(({ row }) => row),
    refused: unasked.filter(({ excluded }) => excluded !== ''),
    broken: unasked.filter(({ excluded, req_len }) => excluded === '' && req_len === 0),
    pathEvents: attempts.flatMap((attempt) => attempt.errors).sort(byTime),
    replays: returns.length,
    sources,
    firstAt,
    lastAt,
    processes: [...new Set(members.map(processOf))],
  };
}

/** What each receipt is good for: the first return of an answer proves it, a late or strange one credits nobody. */
function sortReceipts({ receipts, arm }: Draft, knownSources: ReadonlySet<string> = new Set()) {
  const proofs = new Map<string, { row: Observation; relation: 'own' | 'joined' }>();
  const orphans: Attempt[] = [];
  const strangers: Observation[] = [];
  const late: Draft['receipts'] = [];
  const returns: Draft['receipts'] = [];
  const seen = new Set<string>();
  for (const receipt of receipts) {
    const { row, facts, of } = receipt;
    const instance = `${facts.node}|${facts.instance}|${facts.at}`;
    // A dual-stack resolver often asks the receipt over its other family: that joins when the run knows the address.
    const isJoined = facts.relation === 'relayed' && of !== undefined && knownSources.has(row.src);
    if (seen.has(instance)) returns.push(receipt);
    else if (facts.relation === 'replay') late.push(receipt);
    else if (facts.relation === 'relayed' && !isJoined) strangers.push(row);
    else if (of === undefined) orphans.push(attemptOfReceipt(row, facts, arm));
    else proofs.set(rowKey(of), { row, relation: isJoined ? 'joined' : 'own' });
    seen.add(instance);
  }
  return { proofs, orphans, strangers, late, returns };
}

/**
 * Two kinds of attempts whose silence proves nothing.
 *
 * One that was followed by a second return of an older receipt: PowerDNS fetches the measured answer anew for every TYPE that its
 * user asks for, and goes on with the receipt that it knows from the first. And one that stands beside a proven attempt, for
 * another TYPE or of the same moment: one receipt is enough to go on.
 */
function sparing(attempts: readonly Attempt[], returns: Draft['receipts']): Attempt[] {
  const proven = attempts.filter(isProven);
  return attempts.map((attempt) => {
    const isFollowed = returns.some(
      ({ row, facts }) =>
        row.src === attempt.src && facts.at < attempt.at && isSoonAfter(row.time, attempt.at),
    );
    const isBeside = proven.some((each) => areSiblings(each, attempt));
    return !isProven(attempt) && (isFollowed || isBeside) ? { ...attempt, canProve: false } : attempt;
  });
}

function areSiblings(a: Attempt, b: Attempt): boolean {
  const isNear =
    a.src === b.src && a.proto === b.proto && a.tc === b.tc && Math.abs(a.at - b.at) <= WINDOW_MS;
  return isNear && !isRetryOf(a, b) && !isRetryOf(b, a);
}

function isSoonAfter(time: number, at: number): boolean {
  return time >= at && time - at <= FOLLOW_MS;
}

function rowKey({ node, boot, seq }: Observation): string {
  return [node, boot, seq].join('|');
}
