/** Words of advice: what the summary rows of one source count, and how a sentence says it. */

import { groupBy } from './group.ts';
import { ownFault, remedies } from './remedy.ts';
import type { Software } from './software.ts';
import type { SummaryRow } from './summary.ts';
import type { TcpFindings } from './tcp-finding.ts';
import type { RuleName } from './verdict-rules.ts';
import { times } from './words.ts';

/** So many silences of one kind are no accident: at 2% loss they come together once in 125,000 times. */
export const OFTEN = 3;

/** Sizes that a sentence names, and next smaller ones that are looked at: strangers may ask for 65,000. */
const MOST_SIZES = 12;
const MOST_BESIDE = 64;

/** All rows of one source, and what is found among them. */
export interface Told {
  readonly rows: readonly SummaryRow[];
  readonly software: Software | undefined;
  /** Undefined where nothing is known of its TCP. */
  readonly tcp: TcpFindings | undefined;
  remedyOf(row: SummaryRow): string;
  /** The largest smaller size that arrived while `row` was silent time and again; undefined where silence is no finding. */
  smallerBeside(row: SummaryRow): SummaryRow | undefined;
}

export function tell(
  rows: readonly SummaryRow[],
  { software, tcp }: { readonly software?: Software | undefined; readonly tcp?: TcpFindings | undefined },
): Told {
  const arrived = rows.filter((row) => delivered(row) > 0).sort((a, b) => a.size - b.size);
  const found = new Map<SummaryRow, SummaryRow | undefined>();
  function smallerBeside(row: SummaryRow): SummaryRow | undefined {
    if (count(row, 'silent') < OFTEN || delivered(row) > 0) return undefined;
    if (!found.has(row)) found.set(row, findBeside(row, arrived));
    return found.get(row);
  }
  return { rows, software, tcp, remedyOf: remedies(rows, software), smallerBeside };
}

/** @param arrived smaller sizes first */
function findBeside(row: SummaryRow, arrived: readonly SummaryRow[]): SummaryRow | undefined {
  let [low, high] = [0, arrived.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((arrived[middle]?.size ?? row.size) < row.size) low = middle + 1;
    else high = middle;
  }
  return arrived
    .slice(Math.max(0, low - MOST_BESIDE), low)
    .findLast(({ first_at, last_at }) => first_at <= row.last_at && last_at >= row.first_at);
}

/** One text for each remedy, with the sizes that share it; first, where it is open whose fault it is, that. */
export function withRemedy(
  { rows, remedyOf }: Told,
  applies: (row: SummaryRow) => boolean,
  say: (rows: readonly SummaryRow[]) => string,
): string[] {
  const groups = groupBy(rows.filter(applies), (row) => `${ownFault(row)} ${remedyOf(row)}`.trimStart());
  return [...groups].map(([remedy, own]) => `${say(own)} ${remedy}`);
}

/** `512 octets arrived 6 times`. */
export function arrivedBeside(silent: readonly SummaryRow[], { smallerBeside }: Told): string {
  const smaller = silent.flatMap((row) => smallerBeside(row) ?? [])[0];
  if (smaller === undefined) return 'smaller ones arrived';
  return `${smaller.size} octets arrived ${times(delivered(smaller))}`;
}

/** `6 of 6 times at 2048 octets, 3 of 4 times at 4096 octets`. */
export function silences(rows: readonly SummaryRow[]): string {
  return each(rows, (row) => `${count(row, 'silent')} of ${trialsOf(row)} times at ${row.size} octets`);
}

/** What each row says, by commas; of many the first and how many more. */
export function each(rows: readonly SummaryRow[], say: (row: SummaryRow) => string): string {
  const rest = rows.length - MOST_SIZES;
  return [...rows.slice(0, MOST_SIZES).map(say), ...(rest > 0 ? [`and ${rest} more`] : [])].join(', ');
}

/** Trials in which the source got the size, one way or another. */
export function delivered({ whole, fragments, tcp }: SummaryRow): number {
  return whole + fragments + tcp;
}

export function count({ rules }: SummaryRow, ...names: readonly RuleName[]): number {
  return names.reduce((total, name) => total + (rules[name] ?? 0), 0);
}

export function sum(rows: readonly SummaryRow[], ...names: readonly RuleName[]): number {
  return rows.reduce((total, row) => total + count(row, ...names), 0);
}

/** `1472`, `1472 and 2048`, `1472, 2048 and 4096`; of many the smallest and how many more. */
export function list(rows: readonly Pick<SummaryRow, 'size'>[]): string {
  const sizes = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b);
  const rest = sizes.length - MOST_SIZES;
  const texts = rest > 0 ? [...sizes.slice(0, MOST_SIZES), `${rest} more`] : sizes;
  const last = `${texts.at(-1) ?? ''}`;
  return texts.length < 2 ? last : `${texts.slice(0, -1).join(', ')} and ${last}`;
}

/** All trials of the row. */
export function trialsOf({ rules }: SummaryRow): number {
  return Object.values(rules).reduce((total, number) => total + number, 0);
}
