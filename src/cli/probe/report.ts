/** A probe's result for people: the table of sizes, a line for each check, and what to do. */
import type { Check, Judgment, Scene } from './check.ts';
import type { Identity } from './identity.ts';
import { type Outcome, outcomesOf } from './outcome.ts';
import { type Findings, whyNot } from './test.ts';
import { receiverOf } from './texts.ts';

export interface ProbeReport {
  /** `address:port`. */
  readonly server: string;
  readonly origin: string;
  /** The run id that all trials of the probe share. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  /** The server is a name server of the origin, no resolver. */
  readonly direct: boolean;
  readonly identity: Identity;
  readonly findings: Findings;
  readonly judgments: readonly NamedJudgment[];
  /** Whole sentences, the most urgent first; never empty. */
  readonly advice: readonly string[];
}

export interface NamedJudgment extends Judgment {
  readonly name: string;
}

/** What the checks say, in their order. */
export function judgeAll(checks: readonly Check[], findings: Findings, scene: Scene): NamedJudgment[] {
  return checks.flatMap((check) => {
    const judgment = check.look(findings, scene);
    return judgment === undefined ? [] : [{ name: check.name, ...judgment }];
  });
}

/** All advice of the judgments, each sentence once, what is a problem first; at the end what could not be tested. */
export function adviceOf(judgments: readonly NamedJudgment[], origin: string): string[] {
  const isProblem = ({ state }: NamedJudgment) => state === 'problem';
  const byUrgency = [...judgments.filter(isProblem), ...judgments.filter((each) => !isProblem(each))];
  const advice = [...new Set(byUrgency.flatMap((judgment) => judgment.advice ?? []))];
  const open = judgments.filter(({ isUntested }) => isUntested).map(({ name }) => name);
  const untested =
    `${open.join(', ')} could not be tested, for the zones below ${origin} that they ask answer with an error or are out of reach ` +
    'of the resolver: look at the delegations, the DS records and the servers of these zones.';
  if (advice.length > 0) return open.length === 0 ? advice : [...advice, `Besides, ${untested}`];
  if (judgments.some(isProblem)) return ['Run the probe again: what it found once may be chance.'];
  return [open.length === 0 ? 'Nothing to do.' : `Nothing to do about what was tested. But ${untested}`];
}

const HEADINGS = ['size', 'how it came', 'EDNS', 'received by', 'sent by', 'ms'];
const isSizeOrMs = (column: number) => column === 0 || column === HEADINGS.length - 1;

export function formatReport(report: ProbeReport): string {
  const outcomes = outcomesOf(report.findings);
  const table =
    outcomes.length === 0 ? [] : [...formatColumns([HEADINGS, ...outcomes.map(cells)], isSizeOrMs), ''];
  const width = Math.max(...report.judgments.map(({ name }) => name.length), 0);
  const lines = report.judgments.flatMap(({ name, state, text, more = [] }) => [
    `${name.padEnd(width)}  ${state === 'problem' ? 'PROBLEM: ' : ''}${text}`,
    ...more.map((line) => `${' '.repeat(width)}  ${line}`),
  ]);
  const advice =
    report.advice.length === 1 ? report.advice : report.advice.map((text, at) => `${at + 1}. ${text}`);
  return [head(report), '', ...table, ...lines, '', ...advice, ''].map(printable).join('\n');
}

function head(report: ProbeReport): string {
  const { origin, direct, run } = report;
  return `${origin} ${headOf(report, direct ? 'at its name server' : 'through', `run ${run}, `)}`;
}

/** `through 192.0.2.1:53 (unbound 1.17.1), run n01kbslnclh, 2026-11-24T15:13:34Z`. */
export function headOf(
  { server, identity, startedAt }: Pick<ProbeReport, 'server' | 'identity' | 'startedAt'>,
  way = 'through',
  more = '',
): string {
  const said = [identity.version, identity.name].filter((text) => text !== undefined).join(', ');
  const who = said === '' ? '' : ` (${said})`;
  const time = `${new Date(startedAt).toISOString().slice(0, 19)}Z`;
  return `${way} ${server}${who}, ${more}${time}`;
}

function cells({ size, receipt, finding, ...outcome }: Outcome): string[] {
  const edns = receipt === undefined ? '-' : String(receipt.ednsSize ?? 'none');
  const by = receipt === undefined ? '-' : receiverOf(receipt);
  const how = describe({ size, receipt, finding, ...outcome });
  return [String(size), how, edns, by, receipt?.sender ?? '-', String(finding.elapsedMs)];
}

function describe(outcome: Outcome): string {
  const { how, receipt, size } = outcome;
  const miss = receipt === undefined || receipt.octets === size ? '' : ` (${receipt.octets} octets)`;
  if (how === 'nothing') return `NOTHING: ${whyNothing(outcome)}`;
  const late = outcome.isLate ? ', late' : '';
  if (how === 'tcp') return `TCP${miss}${whyTcp(outcome)}${late}`;
  const packets = { whole: ', whole', fragments: `, ${receipt?.packets} fragments`, udp: '' }[how];
  const after = outcome.recovery === 'lost' ? ', AFTER A LOSS' : '';
  return `UDP${packets}${miss}${after}${late}`;
}

function whyTcp({ recovery, notOffered }: Outcome): string {
  if (recovery === 'lost') return ', AFTER A LOSS over UDP';
  if (recovery === 'doubtful') return ', ALTHOUGH UDP was offered';
  return notOffered === undefined ? '' : `, never offered over UDP`;
}

function whyNothing({ finding, notOffered }: Outcome): string {
  return notOffered === undefined ? whyNot(finding) : `${whyNot(finding)}; never offered over UDP`;
}

/** Columns two spaces apart, numbers to the right. */
export function formatColumns(
  rows: readonly (readonly string[])[],
  isNumber: (column: number) => boolean,
): string[] {
  const columns = Math.max(...rows.map(({ length }) => length));
  const widths = Array.from({ length: columns }, (_, column) =>
    Math.max(...rows.map((row) => row[column]?.length ?? 0)),
  );
  return rows.map((row) =>
    row
      .map((cell, column) => {
        const width = widths[column]!;
        return isNumber(column) ? cell.padStart(width) : cell.padEnd(width);
      })
      .join('  ')
      .trimEnd(),
  );
}

/** Text from the network with control characters written as \DDD, as master files do (RFC 1035 §5.1). */
export function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => `\\${String(c.codePointAt(0)).padStart(3, '0')}`);
}
