/** Advice rule: one thing that may be said of a source, and when. */
import type { Told } from './advice-words.ts';
import type { SummaryRow } from './summary.ts';

export interface Advice {
  /** True where something is broken for users now. */
  readonly isUrgent: boolean;
  /** The words, none where the advice does not apply. */
  say(told: Told): readonly string[];
}

/** Nothing where no row calls for it. */
export function sayOf(rows: readonly SummaryRow[], text: (rows: readonly SummaryRow[]) => string): string[] {
  return rows.length === 0 ? [] : [text(rows)];
}

/** Whether nobody has shown yet that the size cannot arrive: then that is what there is to say. */
export function isOpen({ ability }: SummaryRow): boolean {
  return ability !== 'CANNOT';
}

/** What users are sent; the other arms are experiments. */
export function isDefaultArm({ arm }: SummaryRow): boolean {
  return arm === 'default' || arm === '';
}
