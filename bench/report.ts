/** The tables that people read: Markdown, aligned so that a terminal shows them as well. */
import { readFileSync, writeFileSync } from 'node:fs';
import type { CaseResult, Row } from './cases/case.ts';
import { CASES } from './cases/table.ts';
import type { GoalResult } from './goals.ts';
import { cpuOf, perCpuSecond, treeCpuOf } from './summary.ts';

interface Column {
  readonly heading: string;
  /** Absent cells are `-`. */
  readonly cell: (row: Row, rows: readonly Row[]) => string | undefined;
}

const thousands = (n: number) => Math.round(n).toLocaleString('en-US');

const COLUMNS: readonly Column[] = [
  { heading: 'server', cell: ({ label }) => label },
  { heading: 'answers/s', cell: ({ perSecond }) => thousands(perSecond) },
  {
    heading: 'slowest–fastest',
    cell: ({ range: [least, most] }) => `${thousands(least)}–${thousands(most)}`,
  },
  {
    heading: 'CPU µs/answer (user + system)',
    cell: (row) => `${cpuOf(row).toFixed(2)} (${row.userMicros.toFixed(2)} + ${row.systemMicros.toFixed(2)})`,
  },
  { heading: 'with helpers', cell: (row) => treeCpuOf(row).toFixed(2) },
  { heading: 'answers/CPU s', cell: (row) => thousands(perCpuSecond(row)) },
  { heading: '× best peer', cell: (row, rows) => ratioToBest(row, rows) },
  { heading: 'RSS MB', cell: ({ rss }) => (rss / 2 ** 20).toFixed(0) },
  {
    heading: 'p50 / p99 ms',
    cell: ({ latency }) => latency && `${latency.p50.toFixed(2)} / ${latency.p99.toFixed(2)}`,
  },
  { heading: 'octets', cell: ({ responseOctets }) => `${responseOctets}` },
  { heading: 'lost', cell: ({ lost }) => thousands(lost) },
  { heading: 'RCODE', cell: ({ rcodes }) => rcodes.replaceAll(' 100%', '') },
];

/** Answers a CPU second over those of the best row that is neither padzone's nor the floor. */
function ratioToBest(row: Row, rows: readonly Row[]): string | undefined {
  const peers = rows.filter(({ label }) => !/^(padzone|echo)/.test(label)).map(perCpuSecond);
  return peers.length === 0 ? undefined : (perCpuSecond(row) / Math.max(...peers)).toFixed(2);
}

export function formatCase({ key, title, rows, facts, skipped }: CaseResult): string {
  const explanation = CASES.find((one) => one.key === key)?.explanation;
  const columns = COLUMNS.filter(({ cell }) => rows.some((row) => cell(row, rows) !== undefined));
  const cells = rows.map((row) => columns.map(({ cell }) => cell(row, rows) ?? '-'));
  const notes = [
    ...rows.flatMap(({ label, note }) => (note === undefined ? [] : [`${label}: ${note}`])),
    ...facts.map(({ text }) => text),
    ...skipped,
  ];
  return [
    `**(${key}) ${title}**`,
    ...(explanation === undefined ? [] : [explanation]),
    ...(rows.length === 0
      ? []
      : [
          table(
            columns.map(({ heading }) => heading),
            cells,
          ),
        ]),
    ...(notes.length === 0 ? [] : [notes.map((line) => `- ${line}`).join('\n')]),
  ].join('\n\n');
}

/** Those that were measured; in a run of all cases the others as well, so that nothing is left out quietly. */
export function formatGoals(goals: readonly GoalResult[], isFullRun: boolean): string {
  const shown = goals.filter(({ verdict }) => isFullRun || verdict !== 'not measured');
  const rows = shown.map(({ goal, figure, bound, verdict }) => [
    goal,
    figure === undefined ? '-' : figure.toFixed(figure < 100 ? 2 : 0),
    bound,
    verdict,
  ]);
  return `**Goals**\n\n${table(['padzone', 'figure', 'goal', 'verdict'], rows)}`;
}

function table(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = headings.map((heading, column) =>
    Math.max(heading.length, ...rows.map((row) => row[column]?.length ?? 0)),
  );
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  return [line(headings), line(rule), ...rows.map(line)].join('\n');
}

/** Puts `text` between the two markers of a Markdown file. */
export function writeBetweenMarkers(file: string, text: string): void {
  const [begin, end] = ['<!-- bench:begin -->', '<!-- bench:end -->'];
  const page = readFileSync(file, 'utf8');
  const from = page.indexOf(begin);
  const to = page.indexOf(end);
  if (from < 0 || to < from) throw new Error(`${file}: no ${begin} … ${end}`);
  writeFileSync(file, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
}
