/** Segment kinds: how each sort of file with rows is read; THE TABLE. */
import { COLUMN_LIST, FLAT_COLUMNS, NO_ROWS, RECEIPT } from './columns.ts';

interface Named {
  readonly name: string;
  /** Of the whole name, so that nobody else's file in the directory is read. */
  readonly pattern: RegExp;
  /** Whether it lies in a folder of its day, `date=2026-11-24`. */
  readonly isDated: boolean;
}

/** Files that DuckDB reads itself. */
export interface SqlKind extends Named {
  readonly reads: 'sql';
  /**
   * A SQL query over these files with every column of the table.
   *
   * @param files a SQL list of strings; a line that is no observation yields a row whose `node` is NULL
   * @param longest octets of a line that may still be read; more needs memory
   */
  query(files: string, longest: number): string;
}

/** Files of binary rows, which this process decodes. */
export interface RowKind extends Named {
  readonly reads: 'rows';
}

export type SegmentKind = SqlKind | RowKind;

const NDJSON_COLUMNS = COLUMN_LIST.map(({ name, type }) => `${name}: '${type}'`).join(', ');

const RECEIPT_STRUCT = `CASE WHEN receipt_node IS NOT NULL THEN struct_pack(${Object.keys(RECEIPT)
  .map((name) => `"${name}" := receipt_${name}`)
  .join(', ')}) END`;
const FROM_FLAT = COLUMN_LIST.map(({ name }) => (name === 'receipt' ? `${RECEIPT_STRUCT} AS receipt` : name));
const NO_FLAT_ROWS = `SELECT ${FLAT_COLUMNS.map(({ name, sql }) => `${sql} AS ${name}`).join(', ')} FROM (${NO_ROWS})`;

export const PARQUET: SqlKind = {
  name: 'parquet',
  pattern: /^observations-.*\.parquet$/,
  isDated: true,
  reads: 'sql',
  // Columns that came later are NULL in older files.
  query: (files) =>
    `SELECT ${FROM_FLAT.join(', ')} FROM (${NO_FLAT_ROWS} UNION ALL BY NAME SELECT * FROM read_parquet(${files}, union_by_name = true, hive_partitioning = false))`,
};

export const SEGMENT_KINDS: readonly SegmentKind[] = [
  { name: 'rows', pattern: /^observations-.*\.rows$/, isDated: false, reads: 'rows' },
  {
    name: 'ndjson',
    pattern: /^observations-.*\.ndjson$/,
    isDated: false,
    reads: 'sql',
    // Explicit columns: nothing is inferred from the first rows, and an empty file is an empty table.
    query: (files, longest) =>
      `SELECT * FROM read_json(${files}, format = 'newline_delimited', compression = 'uncompressed', ignore_errors = true, maximum_object_size = ${longest}, columns = {${NDJSON_COLUMNS}})`,
  },
  PARQUET,
];
