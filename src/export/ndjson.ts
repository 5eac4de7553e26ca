/** NDJSON: one JSON object a line, as in the segments, with the receipt as a nested object. */
import { ROW_JSON, ROW_ORDER } from '../store/read.ts';
import { linesOf, type TextFormat } from './format.ts';

export const ndjson: TextFormat = {
  name: 'ndjson',
  summary: 'one JSON object a line; the receipt is a nested object or null',
  kind: 'text',
  chunks: (connection) =>
    linesOf(connection, `SELECT ${ROW_JSON} FROM observations ORDER BY ${ROW_ORDER}`, '\n'),
};
