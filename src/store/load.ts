/** Loads segments of every kind into one DuckDB table. */
import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../config.ts';
import { COLUMN_LIST, FLAT_COLUMNS, NO_ROWS } from './columns.ts';
import { Converter } from './convert.ts';
import { quote } from './duckdb.ts';
import type { RowFilter } from './filter.ts';
import { ParquetFile } from './parquet-file.ts';
import { PARQUET, SEGMENT_KINDS, type SqlKind } from './segment-kind.ts';
import { type Segment, unreadable } from './segment-list.ts';

/** Makes the empty table `loaded`. */
export async function makeLoaded(connection: DuckDBConnection): Promise<void> {
  await connection.run(`CREATE TEMP TABLE loaded AS ${NO_ROWS}`);
}

/**
 * Puts all rows that pass the filter into the table `loaded`; a line that is no observation has no `node`.
 *
 * @param done called with each segment that has been read, and its torn pieces that left no row
 * @throws {ConfigError} a file cannot be read; its cause has the code ENOENT where it went away meanwhile
 */
export async function loadSegments(
  connection: DuckDBConnection,
  segments: readonly Segment[],
  filter: RowFilter,
  done: (segment: Segment, torn: number) => void,
): Promise<void> {
  for (const kind of SEGMENT_KINDS) {
    const own = segments.filter((segment) => segment.kind === kind);
    if (own.length === 0) continue;
    if (kind.reads === 'sql') {
      await loadFiles(connection, kind, own, filter);
      for (const segment of own) done(segment, 0);
      continue;
    }
    const converter = new Converter('UNCOMPRESSED');
    const path = join(await spillFolder(connection), 'rows.parquet');
    for (const segment of own) done(segment, await loadRows(connection, converter, segment, filter, path));
  }
}

/** SQL of the rows of a segment of lines, with flat columns; a torn line has no `node`. */
export function linesOf({ path, octets }: Segment, { query }: SqlKind): string {
  const lines = query(`[${quote(path)}]`, Math.max(LONGEST_LINE, octets + 1));
  const columns = FLAT_COLUMNS.map(({ name, sql }) => `${sql} AS ${name}`);
  return `SELECT ${columns.join(', ')} FROM (SELECT ${SELECTED} FROM (${lines}))`;
}

/**
 * Loads a binary segment by way of a Parquet file, as compaction would have made it.
 *
 * @returns its torn pieces
 */
async function loadRows(
  connection: DuckDBConnection,
  converter: Converter,
  segment: Segment,
  filter: RowFilter,
  path: string,
): Promise<number> {
  const { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY } = filter;
  const file = await ParquetFile.create(path, unwritable(path));
  try {
    const { rows, torn } = await converter.convert(segment.path, {
      placeOf: (time) => (time >= since && time < until ? 0 : undefined),
      fileOf: async () => file,
    });
    await file.finish();
    if (rows > 0)
      await connection.run(`INSERT INTO loaded ${filtered(PARQUET.query(`[${quote(path)}]`, 0), filter)}`);
    return torn;
  } finally {
    await file.close();
    await rm(path, { force: true });
  }
}

/** It is this connection's alone, and goes with it. */
async function spillFolder(connection: DuckDBConnection): Promise<string> {
  const reader = await connection.runAndReadAll("SELECT current_setting('temp_directory')");
  return String(reader.getRowsJS()[0]?.[0]);
}

function unwritable(path: string): (cause: unknown) => ConfigError {
  return (cause) =>
    new ConfigError(
      `cannot write ${path} (${(cause as NodeJS.ErrnoException).code}); binary segments need room there while they are read, and TMPDIR names another place`,
      { cause },
    );
}

async function loadFiles(
  connection: DuckDBConnection,
  kind: SqlKind,
  segments: readonly Segment[],
  filter: RowFilter,
): Promise<void> {
  const files = `[${segments.map(({ path }) => quote(path)).join(', ')}]`;
  const run = (longest: number) =>
    connection.run(`INSERT INTO loaded ${selected(kind.query(files, longest), filter)}`);
  try {
    await run(LONGEST_LINE).catch((error: Error) => {
      if (!error.message.includes('maximum_object_size')) throw error;
      // A torn end of many megabytes, as a crash of the file system leaves it.
      return run(segments.reduce((most, { octets }) => Math.max(most, octets + 1), LONGEST_LINE));
    });
  } catch (cause) {
    const [line = ''] = (cause as Error).message.split('\n');
    if (/No files found|No such file|Cannot open file/.test(line))
      throw unreadable(segments[0]!.path, gone(cause));
    throw new ConfigError(`data_dir: ${line}`, { cause });
  }
}

const LONGEST_LINE = 16 * 1024 * 1024;

function gone(cause: unknown): NodeJS.ErrnoException {
  return Object.assign(new Error('gone', { cause }), { code: 'ENOENT' });
}

/** A row that lacks a required field loses its `node`: it is counted as torn and never shown. */
const IS_WHOLE = COLUMN_LIST.filter(({ absent }) => absent === undefined)
  .map(({ name }) => `${name} IS NOT NULL`)
  .join(' AND ');

const SELECTED = COLUMN_LIST.map(({ name, type, absent }) => {
  if (name === 'node') return `CASE WHEN ${IS_WHOLE} THEN node END AS node`;
  return `CAST(${absent === undefined ? name : `coalesce(${name}, ${absent})`} AS ${type}) AS ${name}`;
}).join(', ');

function selected(query: string, filter: RowFilter): string {
  return filtered(`SELECT ${SELECTED} FROM (${query})`, filter);
}

function filtered(query: string, filter: RowFilter): string {
  return `SELECT * FROM (${query}) WHERE node IS NULL OR (${condition(filter)})`;
}

function condition({ since, until, source }: RowFilter): string {
  const parts = ['true'];
  if (since !== undefined) parts.push(`time >= ${since}`);
  if (until !== undefined) parts.push(`time < ${until}`);
  if (source !== undefined) parts.push(`src = ${quote(source)}`);
  return parts.join(' AND ');
}
