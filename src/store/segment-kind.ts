/** Segment kinds: how DuckDB reads each sort of segment file; THE TABLE. */
import { COLUMN_LIST } from './columns.ts';

export interface SegmentKind {
  readonly name: string;
  /** Whole-name match, so that nobody else's file in the directory is read. */
  readonly pattern: RegExp;
  /**
   * A SQL query over these files with every column of the table.
   *
   * @param files a SQL list of strings; a line that is no observation yields a row whose `node` is NULL
   * @param longest octets of a line that may still be read; more needs memory
   */
  query(files: string, longest: number): string;
}

const NDJSON_COLUMNS = COLUMN_LIST.map(({ name, type }) => `${name}: '${type}'`).join(', ');

export const SEGMENT_KINDS: readonly SegmentKind[] = [
  {
    name: 'ndjson',
    pattern: /^observations-.*\.ndjson$/,
    // Explicit columns: nothing is inferred from the first rows, and an empty file is an empty table.
    query: (files, longest) =>
      `SELECT * FROM read_json(${files}, format = 'newline_delimited', compression = 'uncompressed', ignore_errors = true, maximum_object_size = ${longest}, columns = {${NDJSON_COLUMNS}})`,
  },
];
