/**
 * Sentinel runs: the classes of RFC 8509 from what the server sees.
 *
 * A client asks for A of each name of a run, and where it gets one, asks TXT and then the name in the text: a proof. At last it asks
 * `live-<run>` in the same way. So where that last proof came, a name without a proof was refused to the client: inferred, not seen.
 */
import { idOf, type RowId } from './attempt.ts';
import { groupBy } from './group.ts';
import { NEW_KSK, OLD_KSK } from './ksk.ts';
import type { Observation } from './observation.ts';
import { byTime } from './order.ts';
import { adviseRootKey } from './root-key-advice.ts';
import { classifySentinel, type EndResult, SENTINEL_CLASSES, type SentinelClass } from './sentinel.ts';
import { guessSoftware } from './software.ts';
import { type Span, spanOf } from './span.ts';
import { capital } from './telling-words.ts';

export interface SentinelFinding extends Span {
  readonly run: string;
  /** Addresses that asked for names of the run: several are one farm, or several resolvers behind one client. At most 64. */
  readonly sources: readonly string[];
  /** Those of them that came back with the name from an answer: nobody can do so in their name. The first 16. */
  readonly proven: readonly string[];
  /** Key tag of the root. */
  readonly tag: number;
  /** What the client got; null where that is not known. */
  readonly is_ta: EndResult | null;
  readonly not_ta: EndResult | null;
  readonly bogus: EndResult | null;
  /** Null where one of the three is not known. */
  readonly class: SentinelClass | null;
  readonly word: string;
  readonly sentence: string;
  /** What its operator changes, null where there is nothing to. */
  readonly advice: string | null;
  readonly evidence: readonly RowId[];
}

const SENTINEL = /^(?:v[0-9a-v]+\.)?root-key-sentinel-(is|not)-ta-(\d{5})\./;
const ADDRESS_TYPES = [1, 28];
/** Of one run: key tags that are judged, the root's own first, and addresses that are named. One client asks for few names. */
const MOST_TAGS = 16;
const MOST_PROVEN = 16;
const MOST_SOURCES = 64;
const ROOT_TAGS: readonly number[] = [NEW_KSK.tag, OLD_KSK.tag];

interface Seen {
  readonly result: EndResult | null;
  readonly rows: readonly Observation[];
}

/** One for each run and key tag, 16 of a run at most, in order of time. @param rows as `KEY_ROLL_ROWS` picks them, of all sources */
export function judgeSentinels(rows: readonly Observation[]): SentinelFinding[] {
  const asked = rows.filter(
    ({ event, run, rd, ad, behavior }) =>
      event === 'query' && run !== '' && !rd && !ad && (behavior === 'sentinel' || behavior === 'live'),
  );
  const runs = groupBy(asked, ({ run }) => run);
  return [...runs.values()]
    .flatMap((own) => judgeRun(own.sort(byTime)))
    .sort((a, b) => a.first_at - b.first_at || (a.run < b.run ? -1 : a.run > b.run ? 1 : a.tag - b.tag));
}

/** What was found of a source at last: a resolver that was mended is told no more what it was. */
export interface SentinelState {
  readonly source: string;
  readonly latest: SentinelFinding;
  /** Runs of this class, and the words of others before. */
  readonly runs: number;
  readonly before: readonly string[];
}

/** Of runs that have a class, one for each source that is surely in them and each key tag. */
export function latestSentinels(found: readonly SentinelFinding[]): SentinelState[] {
  const judged = found
    .filter(({ class: name }) => name !== null)
    .flatMap((each) => each.proven.map((source) => ({ source, each })));
  const groups = groupBy(judged, ({ source, each: { tag } }) => `${source} ${tag}`);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => {
      const { source, each: latest } = own.at(-1)!;
      const others = own.filter(({ each }) => each.class !== latest.class);
      return {
        source,
        latest,
        runs: own.length - others.length,
        before: [...new Set(others.map(({ each }) => each.word))],
      };
    });
}

function judgeRun(rows: readonly Observation[]): SentinelFinding[] {
  const sentinels = rows.filter(({ behavior }) => behavior === 'sentinel');
  const live = rows.filter(({ behavior }) => behavior === 'live');
  const closedAt = live.findLast((row) => isProof(row) && row.excluded !== 'fault')?.time;
  const bogus = seen(
    live.filter(({ excluded }) => excluded === 'fault'),
    closedAt,
  );
  const proven = sourcesOf(rows.filter(({ step, signal }) => step === 'proof' && signal === 'own'))
    .slice(0, MOST_PROVEN)
    .sort();
  const software = guessSoftware(rows.filter(({ src }) => proven.includes(src)))?.software;
  const found = someTags(sentinels).map(([tag, own]) => judgeTag(tag, own, bogus, closedAt, proven));
  // Without the old key either, the resolver has a root of its own.
  const isElsewhere = found.some(({ tag, is_ta }) => tag === OLD_KSK.tag && is_ta === 'servfail');
  return found.map((each) =>
    each.tag === NEW_KSK.tag && each.class === 'Vold' && !isElsewhere
      ? { ...each, advice: adviseRootKey(software) }
      : each,
  );
}

/** The rows of each key tag, in order of tags. @param rows in order of time */
function someTags(rows: readonly Observation[]): [number, Observation[]][] {
  const byTag = [...groupBy(rows, (row) => Number(SENTINEL.exec(row.qname.toLowerCase())?.[2]))];
  const isOfRoot = ([tag]: (typeof byTag)[number]) => ROOT_TAGS.includes(tag);
  return byTag
    .sort((a, b) => Number(isOfRoot(b)) - Number(isOfRoot(a)))
    .slice(0, MOST_TAGS)
    .sort(([a], [b]) => a - b);
}

/** Addresses, the first that asked first. @param rows in order of time */
function sourcesOf(rows: readonly Observation[]): string[] {
  return [...new Set(rows.map(({ src }) => src))];
}

function judgeTag(
  tag: number,
  rows: readonly Observation[],
  bogus: Seen,
  closedAt: number | undefined,
  proven: readonly string[],
): SentinelFinding {
  const of = (kind: string) =>
    seen(
      rows.filter(({ qname }) => SENTINEL.exec(qname.toLowerCase())?.[1] === kind),
      closedAt,
    );
  const [is, not] = [of('is'), of('not')];
  const isKnown = is.result !== null && not.result !== null && bogus.result !== null;
  const found = isKnown
    ? classifySentinel({ isNew: is.result, notNew: not.result, bogus: bogus.result })
    : null;
  const all = [...rows, ...bogus.rows];
  const sources = sourcesOf(rows).sort((a, b) => Number(proven.includes(b)) - Number(proven.includes(a)));
  return {
    run: rows[0]!.run,
    sources: sources.slice(0, MOST_SOURCES).sort(),
    proven,
    tag,
    is_ta: is.result,
    not_ta: not.result,
    bogus: bogus.result,
    class: found,
    word: found === null ? 'UNKNOWN' : SENTINEL_CLASSES[found].word,
    sentence: found === null ? missing({ is, not, bogus }, closedAt) : said(found, [is, not, bogus]),
    advice: null,
    evidence: all.map(idOf),
    ...spanOf(all.map(({ time }) => ({ first_at: time, last_at: time }))),
  };
}

function said(found: SentinelClass, names: readonly Seen[]): string {
  const isInferred = names.some(({ result }) => result === 'servfail');
  return `${capital(SENTINEL_CLASSES[found].meaning)}.${isInferred ? ' That answers were refused is inferred: no proof came of them, and the client went on.' : ''}`;
}

function missing(
  names: Readonly<Record<'is' | 'not' | 'bogus', Seen>>,
  closedAt: number | undefined,
): string {
  const unasked = Object.entries(names).flatMap(([name, { rows }]) =>
    rows.length === 0 ? [LONG[name]] : [],
  );
  if (unasked.length > 0)
    return `Not to be judged: nobody asked for the address of ${unasked.join(' and ')}.`;
  const why = closedAt === undefined ? 'came' : 'came after the others';
  return `Not to be judged: no proof of the last name of the run, live, ${why}, so names without a proof may not have been asked for to the end.`;
}

const LONG: Readonly<Record<string, string>> = {
  is: 'the name with is-ta',
  not: 'the name with not-ta',
  bogus: 'the bogus name',
};

/** @param rows of one name */
function seen(rows: readonly Observation[], closedAt: number | undefined): Seen {
  // RFC 8509 §2.1: resolvers act on A and AAAA alone.
  const asked = rows.filter((row) => ADDRESS_TYPES.includes(row.qtype) && !isProof(row));
  const proof = rows.find(isProof);
  // It reached somebody some time: no sign of a refusal.
  const isLate = rows.some(({ step }) => step === 'proof');
  const last = asked.at(-1);
  if (last === undefined) return { result: null, rows: [] };
  if (proof !== undefined) return { result: 'answer', rows: [asked[0]!, proof] };
  const isRefused = !isLate && closedAt !== undefined && closedAt >= last.time;
  return { result: isRefused ? 'servfail' : null, rows: [last] };
}

function isProof({ step, signal }: Observation): boolean {
  return step === 'proof' && (signal === 'own' || signal === 'relayed');
}
