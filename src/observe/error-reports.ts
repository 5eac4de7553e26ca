/** Error reports: what resolvers say that they could not resolve or validate, counted (RFC 9567). */
import { describeExtendedError } from '../wire/extended-error.ts';
import { typeText } from '../wire/rdata/table.ts';
import { type ErrorReport, parseErrorReport } from '../zone/error-report.ts';
import { parseRun } from '../zone/test-name.ts';
import { idOf, type RowId } from './attempt.ts';
import { timelineOf } from './during.ts';
import { groupBy } from './group.ts';
import type { Observation } from './observation.ts';
import { byTime } from './order.ts';
import { type Span, spanOf } from './span.ts';

export interface ErrorReportFinding extends Span {
  readonly source: string;
  /** The agent's zone, which was asked. */
  readonly agent: string;
  /** Apex of the zone that answered the very question that is reported on; null where no row says so: a cut may lie in between. */
  readonly zone: string | null;
  /** The name that failed, lower case, in presentation form: text that strangers chose, without control characters. */
  readonly name: string;
  /** TYPE mnemonics. */
  readonly types: readonly string[];
  readonly info_code: number;
  /** Run that the name carries, 12 hex digits; null for none. */
  readonly run: string | null;
  /** Reports that were answered, and those that were only told to come back over TCP and did not: their address may be forged. */
  readonly taken: number;
  readonly challenged: number;
  readonly sentence: string;
  /** First and last. */
  readonly evidence: readonly RowId[];
}

/** The most frequent first. @param rows as `KEY_ROLL_ROWS` picks them, of all sources */
export function gatherErrorReports(rows: readonly Observation[]): ErrorReportFinding[] {
  const known = knownZones(rows);
  const reports = rows.flatMap((row) => {
    const report = row.behavior === 'error-report' && row.event === 'query' ? read(row) : undefined;
    return report === undefined ? [] : [{ row, report }];
  });
  const groups = groupBy(reports, ({ row, report: { qname, qtypes, infoCode } }) =>
    [row.src, row.zone.toLowerCase(), qname, qtypes.join('-'), infoCode].join(' '),
  );
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .map(([, own]) => finding(own[0]!.report, own.map(({ row }) => row).sort(byTime), known))
    .sort((a, b) => b.taken + b.challenged - (a.taken + a.challenged));
}

function finding(
  { qname: name, qtypes, infoCode }: ErrorReport,
  rows: readonly Observation[],
  { apexes, answeredBy }: KnownZones,
): ErrorReportFinding {
  const [first, last] = [rows[0]!, rows.at(-1)!];
  const taken = rows.filter(({ tc }) => !tc);
  const types = qtypes.map(typeText);
  const agent = first.zone.toLowerCase();
  const isOurs = suffixesOf(name).some((suffix) => suffix === originOf(agent) || apexes.has(suffix));
  return {
    source: first.src,
    agent,
    zone: qtypes.flatMap((qtype) => answeredBy.get(`${name} ${qtype}`) ?? [])[0] ?? null,
    name,
    types,
    info_code: infoCode,
    run: runOf(name),
    taken: taken.length,
    challenged: rows.length - taken.length - comebacks(rows),
    sentence: `${isOurs ? 'Your resolver says' : 'It says of a name outside the zones of this server'}: ${describeExtendedError(infoCode)}, for ${name} ${typesText(types)}.`,
    evidence: [...new Set([first, last])].map(idOf),
    ...spanOf(rows.map(({ time }) => ({ first_at: time, last_at: time }))),
  };
}

interface KnownZones {
  readonly apexes: ReadonlySet<string>;
  /** By name and TYPE, as `www.example. 1`, lower case. */
  readonly answeredBy: ReadonlyMap<string, string>;
}

function knownZones(rows: readonly Observation[]): KnownZones {
  const answered = rows
    .filter(({ event, zone }) => event === 'query' && zone !== '')
    .map(({ qname, qtype, zone }) => ({
      question: `${qname.toLowerCase()} ${qtype}`,
      apex: zone.toLowerCase(),
    }))
    // The longest counts where a zone was added below another.
    .sort((a, b) => a.apex.length - b.apex.length);
  return {
    apexes: new Set(answered.map(({ apex }) => apex)),
    answeredBy: new Map(answered.map(({ question, apex }) => [question, apex])),
  };
}

/** The zone above that of the agent: all others lie in it. */
function originOf(agent: string): string {
  return agent.slice(agent.indexOf('.') + 1) || '.';
}

/** The name itself, and every name above it, the root last. */
function suffixesOf(name: string): string[] {
  const labels = name.split(UNESCAPED_DOT).slice(0, -1);
  return [...labels.map((_, at) => `${labels.slice(at).join('.')}.`), '.'];
}

/** `TYPE A, AAAA`; a TYPE without a mnemonic says that it is one. */
function typesText(types: readonly string[]): string {
  return `${types[0]!.startsWith('TYPE') ? '' : 'TYPE '}${types.join(', ')}`;
}

/** Challenges that a query over TCP followed: they and it are one report. */
function comebacks(rows: readonly Observation[]): number {
  const overTcp = timelineOf(rows.filter(({ tc, proto }) => !tc && proto !== 'udp'));
  return rows.filter(({ tc, time }) => tc && overTcp.firstDuring(time, time + COMEBACK_MS) !== undefined)
    .length;
}

const COMEBACK_MS = 10_000;

/** Labels stay in presentation form, so that nothing that a stranger put into a name reaches a terminal unescaped. */
function read({ qname, qtype, zone }: Observation): ErrorReport | undefined {
  // RFC 9567 §6.1.1: a report asks for TXT; other TYPEs come on the way to it (RFC 9156).
  if (qtype !== TXT) return undefined;
  const text = qname.toLowerCase();
  const suffix = `.${zone.toLowerCase()}`;
  if (!text.endsWith(suffix)) return undefined;
  return parseErrorReport(text.slice(0, -suffix.length).split(UNESCAPED_DOT));
}

const TXT = 16;
const UNESCAPED_DOT = /(?<=(?<!\\)(?:\\\\)*)\./;

/** A run stands in a label of its own, or behind a hyphen. */
function runOf(name: string): string | null {
  const tokens = name.split(/[.-]/);
  return tokens.flatMap((token) => parseRun(token) ?? [])[0] ?? null;
}
