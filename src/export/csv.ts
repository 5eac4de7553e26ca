/** CSV with a header line (RFC 4180): text quoted, an absent value empty, a list in brackets, times in milliseconds. */
import { FLAT_COLUMNS } from '../store/columns.ts';
import { ROW_ORDER } from '../store/read.ts';
import { linesOf, type TextFormat } from './format.ts';

// RFC 4180 §2: a quote inside a quoted field is doubled. Numbers and booleans never need quotes.
const FIELDS = FLAT_COLUMNS.map(
  ({ sql }) =>
    `CASE WHEN ${sql} IS NULL THEN '' WHEN typeof(${sql}) IN ('VARCHAR', 'INTEGER[]') THEN '"' || replace(CAST(${sql} AS VARCHAR), '"', '""') || '"' ELSE CAST(${sql} AS VARCHAR) END`,
);

export const csv: TextFormat = {
  name: 'csv',
  summary: 'comma-separated values with a header line; the receipt in receipt_* columns',
  kind: 'text',
  async *chunks(connection) {
    yield `${FLAT_COLUMNS.map(({ name }) => name).join(',')}\r\n`;
    yield* linesOf(
      connection,
      `SELECT ${FIELDS.join(" || ',' || ")} FROM observations ORDER BY ${ROW_ORDER}`,
      '\r\n',
    );
  },
};
