/** Reads the observations of a directory, all kinds of segments together, each row once, also while a server appends. */
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Observation } from '../observe/observation.ts';
import { COLUMN_LIST } from './columns.ts';
import { quote, withDuckdb } from './duckdb.ts';
import type { RowFilter } from './filter.ts';
import { SEGMENT_KINDS } from './segment-kind.ts';

export interface ReadCounters {
  /** Rows that pass the filter, each once. */
  readonly rows: number;
  /** Further copies of those rows, skipped. */
  readonly duplicates: number;
  /** Lines that are no observation, skipped: a torn end after a crash, or the line being written right now. */
  readonly torn: number;
}

/** `18233 rows read, 1 torn line skipped`. */
export function formatCounters({ rows, torn, duplicates }: ReadCounters): string {
  const parts = [
    `${rows} ${rows === 1 ? 'row' : 'rows'} read`,
    ...(torn === 0 ? [] : [`${torn} torn ${torn === 1 ? 'line' : 'lines'} skipped`]),
    ...(duplicates === 0 ? [] : [`${duplicates} ${duplicates === 1 ? 'duplicate' : 'duplicates'} skipped`]),
  ];
  return parts.join(', ');
}

/** Observations of one reading; valid only inside the function they were handed to. */
export interface Observations {
  readonly counters: ReadCounters;
  /** The rows stand in the view `observations`, with the columns of `COLUMNS`. */
  readonly connection: DuckDBConnection;
  /**
   * In order of (time, node, boot, seq), a few thousand at a time.
   *
   * @param where a SQL condition; all rows without one
   */
  batches(where?: string): AsyncGenerator<Observation[]>;
}

/**
 * Loads what passes the filter and hands it over; a directory that is empty or missing has no rows.
 *
 * @throws {Error} the directory or a segment cannot be read
 */
export async function readObservations<T>(
  directory: string,
  filter: RowFilter,
  use: (observations: Observations) => Promise<T>,
): Promise<T> {
  const names = await listFiles(directory);
  return withDuckdb(async (connection) => {
    // One pass over the files: a second one would see other rows, because the server goes on appending.
    await connection.run(`CREATE TEMP TABLE loaded AS ${loadQuery(directory, names, filter)}`);
    await connection.run(
      'CREATE TEMP VIEW observations AS SELECT DISTINCT ON (node, boot, seq) * FROM loaded WHERE node IS NOT NULL',
    );
    const counters = await count(connection);
    return use({ counters, connection, batches: (where) => batches(connection, where) });
  });
}

/** All rows at once: for tests and small directories. */
export function readAllObservations(
  directory: string,
  filter: RowFilter = {},
): Promise<{ rows: Observation[]; counters: ReadCounters }> {
  return readObservations(directory, filter, async ({ counters, batches }) => {
    const rows: Observation[] = [];
    for await (const batch of batches()) rows.push(...batch);
    return { rows, counters };
  });
}

/** The rows that trials are made of: of a day's traffic only a small part. */
export const TRIAL_ROWS =
  "step IN ('gate', 'measured') OR receipt IS NOT NULL OR cookie_instance IS NOT NULL";

/** SQL of a row as one JSON text. DuckDB makes it, and `JSON.parse` reads it, faster than a row of 50 values crosses over. */
export const ROW_JSON = `CAST(json_object(${COLUMN_LIST.map(({ name }) => `'${name}', ${name}`).join(', ')}) AS VARCHAR)`;

/** Order for whoever shows rows; ties do not depend on which segment came first. */
export const ROW_ORDER = 'time, node, boot, seq';

/** Names only: a kind's pattern decides what is read, so other files may stand beside the segments. */
async function listFiles(directory: string): Promise<string[]> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return [];
    throw error;
  });
  return names.sort();
}

function loadQuery(directory: string, names: readonly string[], filter: RowFilter): string {
  const parts = SEGMENT_KINDS.flatMap((kind) => {
    const own = names.filter((name) => kind.pattern.test(name)).map((name) => quote(join(directory, name)));
    return own.length === 0 ? [] : [kind.query(`[${own.join(', ')}]`)];
  });
  const rows = parts.length === 0 ? NO_ROWS : parts.join(' UNION ALL BY NAME ');
  return `SELECT * FROM (SELECT ${SELECTED} FROM (${rows})) WHERE node IS NULL OR (${condition(filter)})`;
}

const NO_ROWS = `SELECT ${COLUMN_LIST.map(({ name, type }) => `NULL::${type} AS ${name}`).join(', ')} WHERE false`;

/** A row that lacks a required field loses its `node`: it is counted as torn and never shown. */
const IS_WHOLE = COLUMN_LIST.filter(({ absent }) => absent === undefined)
  .map(({ name }) => `${name} IS NOT NULL`)
  .join(' AND ');

const SELECTED = COLUMN_LIST.map(({ name, absent }) => {
  if (name === 'node') return `CASE WHEN ${IS_WHOLE} THEN node END AS node`;
  return absent === undefined ? name : `coalesce(${name}, ${absent}) AS ${name}`;
}).join(', ');

function condition({ since, until, source }: RowFilter): string {
  const parts = ['true'];
  if (since !== undefined) parts.push(`time >= ${since}`);
  if (until !== undefined) parts.push(`time < ${until}`);
  if (source !== undefined) parts.push(`src = ${quote(source)}`);
  return parts.join(' AND ');
}

async function count(connection: DuckDBConnection): Promise<ReadCounters> {
  const reader = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM observations), (SELECT count(node) FROM loaded), (SELECT count(*) FROM loaded)`,
  );
  const [rows = 0, copies = 0, lines = 0] = (reader.getRowsJS()[0] ?? []).map(Number);
  return { rows, duplicates: copies - rows, torn: lines - copies };
}

async function* batches(connection: DuckDBConnection, where = 'true'): AsyncGenerator<Observation[]> {
  const result = await connection.stream(
    `SELECT ${ROW_JSON} FROM observations WHERE ${where} ORDER BY ${ROW_ORDER}`,
  );
  for await (const rows of result.yieldRowsJs()) yield rows.map(([json]) => JSON.parse(String(json)));
}
