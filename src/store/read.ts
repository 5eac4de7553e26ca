/** Reads the observations of a directory, all kinds of segments together, each row once, also while a server appends. */
import { resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import type { Observation } from '../observe/observation.ts';
import { processOf } from '../observe/trial.ts';
import { plural } from '../observe/words.ts';
import { COLUMN_LIST } from './columns.ts';
import { coverageRows } from './coverage-rows.ts';
import { quote, withDuckdb } from './duckdb.ts';
import type { RowFilter } from './filter.ts';
import { loadSegments, makeLoaded } from './load.ts';
import { segmentStem } from './segment-file.ts';
import { listSegments, type Segment } from './segment-list.ts';

export interface ReadCounters {
  /** Rows that pass the filter, each once. */
  readonly rows: number;
  /** Further copies of those rows, skipped. */
  readonly duplicates: number;
  /** Pieces and lines that are no observation, skipped: a torn end after a crash, or what is being written right now. */
  readonly torn: number;
  /** Rows on keys that a report has no room for, and their sources; absent for none. */
  readonly left_out?: { readonly rows: number; readonly sources: number };
}

/**
 * `18233 rows read, 1 torn piece skipped`.
 *
 * @param place said where there are no rows: the wrong folder looks like an empty one
 */
export function formatCounters(
  { rows, torn, duplicates, left_out: left }: ReadCounters,
  place: string,
): string {
  const parts = [
    rows === 0 ? `0 rows read from ${place}` : `${rows} ${rows === 1 ? 'row' : 'rows'} read`,
    ...(torn === 0 ? [] : [`${torn} torn ${torn === 1 ? 'piece' : 'pieces'} skipped`]),
    ...(duplicates === 0 ? [] : [`${duplicates} ${duplicates === 1 ? 'duplicate' : 'duplicates'} skipped`]),
    ...(left === undefined
      ? []
      : [`${plural(left.rows, 'row')} of ${plural(left.sources, 'source')} on keys left out`]),
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
 * @param directory one, or those of several servers, read as one
 * @throws {ConfigError} the directory or a segment cannot be read
 */
export async function readObservations<T>(
  directory: string | readonly string[],
  filter: RowFilter,
  use: (observations: Observations) => Promise<T>,
): Promise<T> {
  return withDuckdb(async (connection) => {
    await makeLoaded(connection);
    const segments: Segment[] = [];
    const places: string[] = [];
    let torn = 0;
    for (const one of [directory].flat()) {
      const loaded = await loadAll(connection, one, filter);
      segments.push(...(loaded.segments ?? []));
      places.push(`${resolve(one)}${loaded.segments === undefined ? ', which does not exist' : ''}`);
      torn += loaded.torn;
    }
    const place = places.join(', ');
    const counters = await dropDoubles(connection, torn);
    const reach = await reachOf(connection, segments);
    return use({ counters, place, reach, connection, batches: (where) => batches(connection, where) });
  });
}

/**
 * Each segment once, whatever is compacted meanwhile: what went away is looked for in its new place.
 *
 * One pass over each: a second one would see other rows, because the server goes on appending.
 */
async function loadAll(
  connection: DuckDBConnection,
  directory: string,
  filter: RowFilter,
): Promise<{ segments: readonly Segment[] | undefined; torn: number }> {
  const read = new Set<string>();
  let torn = 0;
  for (let idle = 1; ; idle++) {
    try {
      const segments = await listSegments(directory);
      const fresh = segments?.filter(({ path }) => !read.has(path)) ?? [];
      await loadSegments(connection, fresh, filter, (segment, pieces) => {
        read.add(segment.path);
        torn += pieces;
        idle = 0;
      });
      return { segments, torn };
    } catch (error) {
      const { code } = ((error as Error).cause ?? {}) as NodeJS.ErrnoException;
      if (code !== 'ENOENT' || idle > MOST_IDLE) throw error;
    }
  }
}

/** Looks in a row that found something gone, and nothing new. */
const MOST_IDLE = 10;

/** Makes `observations` of `loaded`: each row once. Most of the time there are no doubles, and nothing is copied. */
async function dropDoubles(connection: DuckDBConnection, tornPieces: number): Promise<ReadCounters> {
  const reader = await connection.runAndReadAll(
    `SELECT (SELECT count(*) FROM (SELECT DISTINCT node, boot, seq FROM loaded WHERE node IS NOT NULL)), count(node), count(*) FROM loaded`,
  );
  const [rows = 0, copies = 0, lines = 0] = (reader.getRowsJS()[0] ?? []).map(Number);
  if (rows === lines) {
    await connection.run('ALTER TABLE loaded RENAME TO observations');
  } else {
    await connection.run(
      'CREATE TEMP TABLE observations AS SELECT DISTINCT ON (node, boot, seq) * FROM loaded WHERE node IS NOT NULL',
    );
    await connection.run('DROP TABLE loaded');
  }
  return { rows, duplicates: copies - rows, torn: lines - copies + tornPieces };
}

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

/** The rows that trials are made of, and those that say that others were lost: of a day's traffic only a small part. */
export const TRIAL_ROWS =
  "(event IN ('path', 'lost') OR (event = 'query' AND (step IN ('gate', 'measured') OR receipt IS NOT NULL OR cookie_instance IS NOT NULL OR proven > 0 OR (action = 'drop' AND proto <> 'udp' AND qname = ''))))";

/**
 * Those that the trials of one source need: its runs, with all that their other addresses sent, returns of its receipts, and what
 * says how complete the rows are.
 */
export function trialRowsOf(source: string): string {
  const own = `src = ${quote(source)}`;
  const runs = `SELECT run FROM observations WHERE run <> '' AND ${own}`;
  const mates = `SELECT src FROM observations WHERE run IN (${runs})`;
  const needed = [
    own,
    `run IN (${runs})`,
    `(run = '' AND src IN (${mates}))`,
    `receipt.instance IN (SELECT instance FROM observations WHERE run = '' AND ${own})`,
    // Whoever went on to a receipt with RD=1 once is no stub resolver.
    `(rd AND receipt.relation = 'own' AND src IN (${mates}))`,
    coverageRows(runs),
  ];
  return `(${TRIAL_ROWS} AND (${needed.join(' OR ')}))`;
}

/** SQL of a row as one JSON text. DuckDB makes it, and `JSON.parse` reads it, faster than a row of 50 values crosses over. */
export const ROW_JSON = `CAST(json_object(${COLUMN_LIST.map(({ name }) => `'${name}', ${name}`).join(', ')}) AS VARCHAR)`;

/** Order for whoever shows rows; ties do not depend on which segment came first. */
export const ROW_ORDER = 'time, node, boot, seq';

async function* batches(connection: DuckDBConnection, where = 'true'): AsyncGenerator<Observation[]> {
  const result = await connection.stream(
    `SELECT ${ROW_JSON} FROM observations WHERE ${where} ORDER BY ${ROW_ORDER}`,
  );
  for await (const rows of result.yieldRowsJs()) yield rows.map(([json]) => JSON.parse(String(json)));
}
