/** Observation: the facts of one exchange and the three columns that make a row unique in a fleet. */
import type { Facts } from '../record/facts.ts';

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

/** One row. */
export interface Observation extends Facts {
  readonly node: string;
  /** Milliseconds since the epoch at which the process started; with `seq` it makes a row unique. */
  readonly boot: number;
  readonly seq: number;
}
