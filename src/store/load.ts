/** Loads segments of every kind into one DuckDB table. */
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../config.ts';
import { FIELD } from '../record/layout.ts';
import { COLUMN_LIST, FLAT_COLUMNS, NO_ROWS } from './columns.ts';
import { quote } from './duckdb.ts';
import type { RowFilter } from './filter.ts';
import { openRawRows } from './raw-rows.ts';
import { SEGMENT_KINDS, type SqlKind } from './segment-kind.ts';
import { type Segment, unreadable } from './segment-list.ts';
import { readSegment } from './segment-read.ts';

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
    if (kind.reads === 'sql') {
      await loadFiles(connection, kind, own, filter);
      for (const segment of own) done(segment, 0);
      continue;
    }
    for (const segment of own) {
      const { query, torn } = await openRows(connection, segment, filter);
      await connection.run(`INSERT INTO loaded ${filtered(query, filter)}`);
      done(segment, torn);
    }
  }
}

export interface SegmentRows {
  /** With every column; a torn line has no `node`. */
  readonly query: string;
  /** The same with flat columns. */
  readonly flat: string;
  /** Pieces that left no row at all. */
  readonly torn: number;
}

/** The rows of one segment; a later call ends what this one gave. */
export async function openSegmentRows(connection: DuckDBConnection, segment: Segment): Promise<SegmentRows> {
  const { kind, path, octets } = segment;
  if (kind.reads === 'rows') return openRows(connection, segment, {});
  const lines = kind.query(`[${quote(path)}]`, Math.max(LONGEST_LINE, octets + 1));
  const query = `SELECT ${SELECTED} FROM (${lines})`;
  return { query, flat: flatOf(query), torn: 0 };
}

/** Puts the rows of a binary segment into the table `raw`. */
async function openRows(
  connection: DuckDBConnection,
  { path }: Segment,
  { since = Number.NEGATIVE_INFINITY, until = Number.POSITIVE_INFINITY }: RowFilter,
): Promise<SegmentRows> {
  const raw = await openRawRows(connection);
  const { head, torn } = await readSegment(path, (octets, view, at, thread) => {
    const time = view.getFloat64(at + FIELD.time, true);
    if (time >= since && time < until) raw.add(octets, view, at, thread);
  }).catch((error: NodeJS.ErrnoException) => {
    throw unreadable(path, error);
  });
  if (head === undefined) return { query: NO_ROWS, flat: flatOf(NO_ROWS), torn };
  const columns = raw.finish(head);
  const select = (list: readonly { readonly name: string; readonly type: string }[]) =>
    `SELECT ${list.map(({ name, type }) => `CAST(${columns[name]} AS ${type}) AS ${name}`).join(', ')} FROM raw`;
  return { query: select(COLUMN_LIST), flat: select(FLAT_COLUMNS), torn };
}

function flatOf(query: string): string {
  return `SELECT ${FLAT_COLUMNS.map(({ name, sql }) => `${sql} AS ${name}`).join(', ')} FROM (${query})`;
}

async function loadFiles(
  connection: DuckDBConnection,
  kind: SqlKind,
  segments: readonly Segment[],
  filter: RowFilter,
): Promise<void> {
  if (segments.length === 0) return;
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
