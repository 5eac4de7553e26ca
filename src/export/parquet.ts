/** Parquet, compressed with zstd: typed columns for DuckDB, ClickHouse, pandas; the receipt in receipt_* columns. */
import { FLAT_COLUMNS } from '../store/columns.ts';
import { quote } from '../store/duckdb.ts';
import { ROW_ORDER } from '../store/read.ts';
import type { FileFormat } from './format.ts';

const SELECTED = FLAT_COLUMNS.map(({ name, sql }) => `${sql} AS ${name}`).join(', ');

export const parquet: FileFormat = {
  name: 'parquet',
  summary: 'typed columns in a compressed file; the receipt in receipt_* columns',
  kind: 'file',
  async write(connection, path) {
    await connection.run(
      `COPY (SELECT ${SELECTED} FROM observations ORDER BY ${ROW_ORDER}) TO ${quote(path)} (FORMAT parquet, COMPRESSION zstd)`,
    );
  },
};
