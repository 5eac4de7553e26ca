/** NDJSON: one JSON object a line, as in the segments, with the receipt as a nested object. */
import { COLUMN_LIST } from '../store/columns.ts';
import { ROW_ORDER } from '../store/read.ts';
import { linesOf, type TextFormat } from './format.ts';

const OBJECT = `json_object(${COLUMN_LIST.map(({ name }) => `'${name}', ${name}`).join(', ')})`;

export const ndjson: TextFormat = {
  name: 'ndjson',
  summary: 'one JSON object a line; the receipt is a nested object or null',
  kind: 'text',
  chunks: (connection) =>
    linesOf(connection, `SELECT CAST(${OBJECT} AS VARCHAR) FROM observations ORDER BY ${ROW_ORDER}`, '\n'),
};
