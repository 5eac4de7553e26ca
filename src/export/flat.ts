/** Flat columns: the receipt as `receipt_*` columns, for formats that tables are made of. */
import { COLUMN_LIST, RECEIPT_FIELDS } from '../store/columns.ts';

export interface FlatColumn {
  readonly name: string;
  /** SQL over the view `observations`. */
  readonly sql: string;
}

export const FLAT_COLUMNS: readonly FlatColumn[] = COLUMN_LIST.flatMap(({ name }) =>
  name === 'receipt'
    ? RECEIPT_FIELDS.map((field) => ({ name: `receipt_${field}`, sql: `receipt."${field}"` }))
    : [{ name, sql: name }],
);
