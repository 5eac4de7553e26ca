/** Words of advice: what the summary rows of one source count, and how a sentence says it. */
import { remedyOf } from './remedy.ts';
import type { Software } from './software.ts';
import type { SummaryRow } from './summary.ts';
import type { RuleName } from './verdict-rules.ts';

/** So many silences of one kind are no accident: at 2% loss they come together once in 125,000 times. */
export const OFTEN = 3;

/** All rows of one source, and what it seems to run. */
export interface Told {
  readonly rows: readonly SummaryRow[];
  readonly software: Software | undefined;
}

/** One text for each remedy, with the sizes that share it. */
export function withRemedy(
  { rows, software }: Told,
  applies: (row: SummaryRow) => boolean,
  say: (rows: readonly SummaryRow[]) => string,
): string[] {
  const byRemedy = new Map<string, SummaryRow[]>();
  for (const row of rows.filter(applies)) {
    const remedy = remedyOf(row, rows, software);
    byRemedy.set(remedy, [...(byRemedy.get(remedy) ?? []), row]);
  }
  return [...byRemedy].map(([remedy, own]) => `${say(own)} ${remedy}`);
}

/** The largest smaller size that arrived while `row` was silent time and again; undefined where silence is no finding. */
export function smallerBeside(row: SummaryRow, rows: readonly SummaryRow[]): SummaryRow | undefined {
  if (count(row, 'silent') < OFTEN || delivered(row) > 0) return undefined;
  return rows
    .filter((each) => each.size < row.size && delivered(each) > 0)
    .filter(({ first_at, last_at }) => first_at <= row.last_at && last_at >= row.first_at)
    .sort((a, b) => b.size - a.size)[0];
}

/** `512 octets arrived 6 times`. */
export function arrivedBeside(silent: readonly SummaryRow[], rows: readonly SummaryRow[]): string {
  const smaller = silent.flatMap((row) => smallerBeside(row, rows) ?? [])[0];
  if (smaller === undefined) return 'smaller ones arrived';
  return `${smaller.size} octets arrived ${times(delivered(smaller))}`;
}

/** `6 of 6 times at 2048 octets, 3 of 4 times at 4096 octets`. */
export function silences(rows: readonly SummaryRow[]): string {
  return rows
    .map((row) => `${count(row, 'silent')} of ${trialsOf(row)} times at ${row.size} octets`)
    .join(', ');
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

/** `1472`, `1472 and 2048`, `1472, 2048 and 4096`. */
export function list(rows: readonly SummaryRow[]): string {
  const texts = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b).map(String);
  const last = texts.pop() ?? '';
  return texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
}

export function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function trialsOf({ rules }: SummaryRow): number {
  return Object.values(rules).reduce((total, number) => total + number, 0);
}

function times(number: number): string {
  return number === 1 ? 'once' : `${number} times`;
}
