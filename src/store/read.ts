/** Reads the observations of a directory, all kinds of segments together, each row once, also while a server appends. */
import { access, constants, readdir, stat } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../config.ts';
import type { Observation } from '../observe/observation.ts';
import { processOf } from '../observe/trial.ts';
import { COLUMN_LIST } from './columns.ts';
import { quote, withDuckdb } from './duckdb.ts';
import type { RowFilter } from './filter.ts';
import { segmentStem } from './segment-file.ts';
import { SEGMENT_KINDS, type SegmentKind } from './segment-kind.ts';

export interface ReadCounters {
  /** Rows that pass the filter, each once. */
  readonly rows: number;
  /** Further copies of those rows, skipped. */
  readonly duplicates: number;
  /** Lines that are no observation, skipped: a torn end after a crash, or the line being written right now. */
  readonly torn: number;
}

/**
 * `18233 rows read, 1 torn line skipped`.
 *
 * @param place said where there are no rows: the wrong folder looks like an empty one
 */
export function formatCounters({ rows, torn, duplicates }: ReadCounters, place: string): string {
  const parts = [
    rows === 0 ? `0 rows read from ${place}` : `${rows} ${rows === 1 ? 'row' : 'rows'} read`,
    ...(torn === 0 ? [] : [`${torn} torn ${torn === 1 ? 'line' : 'lines'} skipped`]),
    ...(duplicates === 0 ? [] : [`${duplicates} ${duplicates === 1 ? 'duplicate' : 'duplicates'} skipped`]),
  ];
  return parts.join(', ');
}

/** Observations of one reading; valid only inside the function they were handed to. */
export interface Observations {
  readonly counters: ReadCounters;
  /** The absolute path that was read, and whether there is such a folder. */
  readonly place: string;
  /** Until when each process wrote, by `processOf`, milliseconds since the epoch. */
  readonly reach: ReadonlyMap<string, number>;
  /** The rows stand in the table `observations`, with the columns of `COLUMNS`. */
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
 * @throws {ConfigError} the directory or a segment cannot be read
 */
export async function readObservations<T>(
  directory: string,
  filter: RowFilter,
  use: (observations: Observations) => Promise<T>,
): Promise<T> {
  const segments = await listSegments(directory);
  const place = `${resolve(directory)}${segments === undefined ? ', which does not exist' : ''}`;
  return withDuckdb(async (connection) => {
    await load(connection, segments ?? [], filter);
    await connection.run(
      'CREATE TEMP TABLE observations AS SELECT DISTINCT ON (node, boot, seq) * FROM loaded WHERE node IS NOT NULL',
    );
    const counters = await count(connection);
    await connection.run('DROP TABLE loaded');
    const reach = await reachOf(connection, segments ?? []);
    return use({ counters, place, reach, connection, batches: (where) => batches(connection, where) });
  });
}

/** One pass over the files: a second one would see other rows, because the server goes on appending. */
async function load(
  connection: DuckDBConnection,
  segments: readonly Segment[],
  filter: RowFilter,
): Promise<void> {
  const run = (longest: number) =>
    connection.run(`CREATE TEMP TABLE loaded AS ${loadQuery(segments, longest, filter)}`);
  await run(LONGEST_LINE).catch((error: Error) => {
    if (!error.message.includes('maximum_object_size')) throw error;
    // A torn end of many megabytes, as a crash of the file system leaves it.
    return run(segments.reduce((most, { octets }) => Math.max(most, octets + 1), LONGEST_LINE));
  });
}

const LONGEST_LINE = 16 * 1024 * 1024;

/** The time of a segment is set while its process lives; a process without one reaches as far as its last row. */
async function reachOf(
  connection: DuckDBConnection,
  segments: readonly Segment[],
): Promise<Map<string, number>> {
  const reader = await connection.runAndReadAll(
    'SELECT node, boot, max(time) FROM observations GROUP BY node, boot',
  );
  return new Map(
    reader.getRowsJS().map(([name, started, last]) => {
      const [node, boot] = [String(name), Number(started)];
      const own = segments.filter((segment) => segment.name.startsWith(segmentStem(node, boot)));
      return [processOf({ node, boot }), Math.max(Number(last), ...own.map(({ touchedAt }) => touchedAt))];
    }),
  );
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
  "(step IN ('gate', 'measured') OR receipt IS NOT NULL OR cookie_instance IS NOT NULL OR proven > 0 OR (action = 'drop' AND excluded = 'budget'))";

/** Those that the trials of one source need: its runs, with all that their other addresses sent, and returns of its receipts. */
export function trialRowsOf(source: string): string {
  const own = `src = ${quote(source)}`;
  const runs = `SELECT run FROM observations WHERE run <> '' AND ${own}`;
  return `${TRIAL_ROWS} AND (${own} OR run IN (${runs}) OR (run = '' AND src IN (SELECT src FROM observations WHERE run IN (${runs}))) OR receipt.instance IN (SELECT instance FROM observations WHERE run = '' AND ${own}))`;
}

/** SQL of a row as one JSON text. DuckDB makes it, and `JSON.parse` reads it, faster than a row of 50 values crosses over. */
export const ROW_JSON = `CAST(json_object(${COLUMN_LIST.map(({ name }) => `'${name}', ${name}`).join(', ')}) AS VARCHAR)`;

/** Order for whoever shows rows; ties do not depend on which segment came first. */
export const ROW_ORDER = 'time, node, boot, seq';

interface Segment {
  readonly name: string;
  readonly path: string;
  readonly kind: SegmentKind;
  readonly octets: number;
  /** Milliseconds since the epoch. */
  readonly touchedAt: number;
}

/** A kind's pattern decides what is read, so other files may stand beside the segments; undefined without the directory. */
async function listSegments(directory: string): Promise<Segment[] | undefined> {
  const names = await readdir(directory).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined;
    throw unreadable(directory, error);
  });
  const segments = (names ?? []).sort().flatMap((name) => {
    const kind = SEGMENT_KINDS.find(({ pattern }) => pattern.test(name));
    return kind === undefined ? [] : [inspect(name, join(directory, name), kind)];
  });
  return names && Promise.all(segments);
}

async function inspect(name: string, path: string, kind: SegmentKind): Promise<Segment> {
  try {
    await access(path, constants.R_OK);
    const facts = await stat(path);
    if (!facts.isFile()) throw Object.assign(new Error('not a file'), { code: 'not a file' });
    return { name, path, kind, octets: facts.size, touchedAt: facts.mtimeMs };
  } catch (cause) {
    throw unreadable(path, cause as NodeJS.ErrnoException);
  }
}

function unreadable(path: string, cause: NodeJS.ErrnoException): ConfigError {
  return new ConfigError(`data_dir: cannot read ${resolve(path)} (${cause.code})`, { cause });
}

function loadQuery(segments: readonly Segment[], longest: number, filter: RowFilter): string {
  const parts = SEGMENT_KINDS.flatMap((kind) => {
    const own = segments.filter((segment) => segment.kind === kind).map(({ path }) => quote(path));
    return own.length === 0 ? [] : [kind.query(`[${own.join(', ')}]`, longest)];
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
