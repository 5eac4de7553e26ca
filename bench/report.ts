/** Medians over the rounds, ratios to a peer, and the table that people read. */
import { readFileSync, writeFileSync } from 'node:fs';

export interface Measurement {
  readonly label: string;
  readonly round: number;
  readonly perSecond: number;
  /** Microseconds of CPU time of the server's processes for one answer. */
  readonly userMicros: number;
  readonly systemMicros: number;
  /** Octets. */
  readonly rss: number;
  readonly lost: number;
  readonly responseOctets: number;
  readonly allNoError: boolean;
}

export interface Row {
  readonly label: string;
  readonly perSecond: number;
  /** Slowest and fastest round. */
  readonly range: readonly [number, number];
  readonly userMicros: number;
  readonly systemMicros: number;
  readonly rss: number;
  /** Over all rounds. */
  readonly lost: number;
  readonly responseOctets: number;
  readonly allNoError: boolean;
  /** Answers/s here over answers/s there; absent when the peer did not run. */
  readonly toNsd: number | undefined;
  readonly toDns2: number | undefined;
}

const HEADINGS = [
  'load',
  'answers/s',
  'slowest–fastest',
  'CPU µs/answer (user + system)',
  'RSS MB',
  'octets',
  'lost',
  '× NSD',
  '× dns2',
];

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

/** One row a load, in the order first measured. */
export function summarize(measurements: readonly Measurement[]): Row[] {
  const labels = [...new Set(measurements.map(({ label }) => label))];
  const of = (label: string) => measurements.filter((one) => one.label === label);
  const speed = (label: string) => median(of(label).map(({ perSecond }) => perSecond));
  const ratio = (label: string, peer: string) => {
    const other = labels.find((candidate) => candidate.startsWith(peer));
    return other === undefined ? undefined : speed(label) / speed(other);
  };
  return labels.map((label) => {
    const own = of(label);
    const speeds = own.map(({ perSecond }) => perSecond);
    return {
      label,
      perSecond: speed(label),
      range: [Math.min(...speeds), Math.max(...speeds)],
      userMicros: median(own.map(({ userMicros }) => userMicros)),
      systemMicros: median(own.map(({ systemMicros }) => systemMicros)),
      rss: median(own.map(({ rss }) => rss)),
      lost: own.reduce((sum, { lost }) => sum + lost, 0),
      responseOctets: median(own.map(({ responseOctets }) => responseOctets)),
      allNoError: own.every(({ allNoError }) => allNoError),
      toNsd: ratio(label, 'NSD'),
      toDns2: ratio(label, 'dns2'),
    };
  });
}

/** A Markdown table, aligned so that a terminal shows it as well. */
export function formatTable(rows: readonly Row[]): string {
  const cells = [HEADINGS, ...rows.map(formatRow)];
  const widths = HEADINGS.map((_, column) => Math.max(...cells.map((row) => row[column]?.length ?? 0)));
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join(' | ')} |`;
  const rule = widths.map((width, i) => (i === 0 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`));
  const [head = [], ...body] = cells;
  return [line(head), line(rule), ...body.map(line)].join('\n');
}

function formatRow(row: Row): string[] {
  const thousands = (n: number) => Math.round(n).toLocaleString('en-US');
  const ratio = (n: number | undefined) => (n === undefined ? '-' : n.toFixed(n < 10 ? 2 : 0));
  return [
    row.label,
    thousands(row.perSecond),
    `${thousands(row.range[0])}–${thousands(row.range[1])}`,
    `${row.userMicros.toFixed(1)} + ${row.systemMicros.toFixed(1)}`,
    (row.rss / 2 ** 20).toFixed(0),
    `${row.responseOctets}`,
    thousands(row.lost),
    ratio(row.toNsd),
    ratio(row.toDns2),
  ];
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
