/** Tables that people read: aligned text for a terminal, Markdown for a page. */
import { groupBy } from '../src/observe/group.ts';
import { CLASS_CODES, codeLegend } from './class-code.ts';
import type { JudgedCell } from './judge.ts';

/** Columns padded to the same width, two spaces between. */
export function alignColumns(rows: readonly (readonly string[])[]): string[] {
  const widths = widthsOf(rows);
  return rows.map((row) =>
    row
      .map((cell, at) => cell.padEnd(widths[at] ?? 0))
      .join('  ')
      .trimEnd(),
  );
}

/** A Markdown table that is aligned in a terminal as well. */
export function markdownTable(headings: readonly string[], rows: readonly (readonly string[])[]): string {
  const widths = widthsOf([headings, ...rows]);
  const line = (row: readonly string[]) =>
    `| ${row.map((cell, at) => cell.padEnd(widths[at] ?? 0)).join(' | ')} |`;
  return [
    line(headings),
    `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`,
    ...rows.map(line),
  ].join('\n');
}

function widthsOf(rows: readonly (readonly string[])[]): number[] {
  const columns = Math.max(0, ...rows.map((row) => row.length));
  return Array.from({ length: columns }, (_, at) => Math.max(...rows.map((row) => row[at]?.length ?? 0)));
}

/** One line for each path, EDNS size and family; a column for each resolver; a letter for each size, `!` behind a wrong one. */
export function formatMatrix(cells: readonly JudgedCell[]): string {
  const resolvers = [...new Set(cells.map(({ resolver }) => resolver))];
  const sizes = [...new Set(cells.map(({ size }) => size))].sort((a, b) => a - b);
  const lines = [...groupBy(cells, ({ path, edns, family }) => [path, edns, family].join(' ')).values()];
  const rows = lines.map((line) => [
    line[0]?.path ?? '',
    String(line[0]?.edns ?? ''),
    String(line[0]?.family ?? ''),
    ...resolvers.map((resolver) => lettersOf(line.filter((cell) => cell.resolver === resolver))),
  ]);
  return [
    `Sizes ${sizes.join(' ')}, one letter each; ! is not as expected.`,
    `${codeLegend(new Set(cells.map(({ found }) => found)))}.`,
    '',
    ...alignColumns([['path', 'EDNS', 'IP', ...resolvers], ...rows]),
  ].join('\n');
}

function lettersOf(cells: readonly JudgedCell[]): string {
  return [...cells]
    .sort((a, b) => a.size - b.size)
    .map(({ found, faults }) => `${CLASS_CODES[found]}${faults.length === 0 ? ' ' : '!'}`)
    .join('')
    .trimEnd();
}
