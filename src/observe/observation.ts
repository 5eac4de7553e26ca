/** Observation: one row, and the three columns that make it unique in a fleet. */
import type { Row } from '../record/row.ts';

export type {
  Action,
  Excluded,
  Facts,
  FillerKind,
  Proof,
  ReceiptFacts,
  Relation,
  Step,
  Transport,
} from '../record/facts.ts';
export type { LossReason, RowEvent } from '../record/row.ts';

export interface Observation extends Row {
  readonly node: string;
  /** Milliseconds since the epoch at which the process started; with `seq` it makes a row unique. */
  readonly boot: number;
  readonly seq: number;
}
