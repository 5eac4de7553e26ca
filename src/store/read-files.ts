/** Reads observations from files that people name: exports of every format, segments, and data directories of several servers, mixed. */
import { type Stats, statSync } from 'node:fs';
import { basename, join, resolve } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../config.ts';
import type { Observation } from '../observe/observation.ts';
import { processOf } from '../observe/trial.ts';
import { COLUMN_LIST, RECEIPT } from './columns.ts';
import { quote, withDuckdb } from './duckdb.ts';
import { knowFile } from './file-kind.ts';
import type { RowFilter } from './filter.ts';
import { readHeard } from './fleet-rows.ts';
import { loadSegments, makeLoaded } from './load.ts';
import { type ReadCounters, ROW_JSON, readObservations } from './read.ts';
import { SEGMENT_KINDS } from './segment-kind.ts';
import { listSegments } from './segment-list.ts';

export interface FileReading {
  /** Those that `where` picks, each once. */
  readonly rows: readonly Observation[];
  /** Until when each process wrote, by `processOf`, milliseconds since the epoch. */
  readonly reach: ReadonlyMap<string, number>;
  /** Of the rows that `where` picks; torn pieces of all. */
  readonly counters: ReadCounters;
  /** As `readHeard`, of all rows. */
  readonly heard: ReadonlyMap<string, ReadonlySet<string>>;
  /** How many of the paths are directories. */
  readonly folders: number;
}

/**
 * Reads files and directories.
 *
 * In a directory the times of the segments say until when a process wrote, as for `readObservations`. A file by itself says
 * no more than its last row; `until` is then the reader's word that the newest process of each node was listening until then.
 *
 * @param paths files, data directories, and directories of segments
 * @param where a SQL condition
 * @param origin whose name servers are looked for
 * @throws {ConfigError} one of them cannot be read or holds no observations
 */
export async function readFiles(
  paths: readonly string[],
  { since, until }: Pick<RowFilter, 'since' | 'until'>,
  where: string,
  origin: string,
): Promise<FileReading> {
  const places = paths.map((path) => ({ path: resolve(path), isFolder: statOf(path).isDirectory() }));
  const heap = new Heap(until === undefined ? where : `(${where}) AND time < ${until}`, origin);
  const filter = since === undefined ? {} : { since };
  const folders = places.filter(({ isFolder }) => isFolder);
  for (const { path } of folders)
    await readObservations(await observationsIn(path), filter, async (observations) => {
      const { counters, reach, batches, connection } = observations;
      heap.torn += counters.torn;
      await heap.hear(connection);
      for (const [process, at] of reach) heap.extend(process, at);
      for await (const batch of batches(heap.where)) heap.add(batch);
    });
  const files = places.filter(({ isFolder }) => !isFolder).map(({ path }) => path);
  if (files.length > 0) await withDuckdb((connection) => readAll(connection, files, filter, heap, until));
  const { rows, reach, heard, torn, duplicates } = heap;
  return {
    ...{ rows: [...rows.values()], reach, counters: { rows: rows.size, duplicates, torn } },
    ...{ heard, folders: folders.length },
  };
}

/** What has been read so far, from whatever place. */
class Heap {
  readonly rows = new Map<string, Observation>();
  readonly reach = new Map<string, number>();
  readonly heard = new Map<string, Set<string>>();
  duplicates = 0;
  torn = 0;
  readonly where: string;
  private readonly origin: string;

  constructor(where: string, origin: string) {
    this.where = where;
    this.origin = origin;
  }

  add(batch: readonly Observation[]): void {
    for (const row of batch) {
      const key = `${processOf(row)}|${row.seq}`;
      if (this.rows.has(key)) this.duplicates += 1;
      else this.rows.set(key, row);
    }
  }

  /** Takes in who was asked where, by the table `observations`. */
  async hear(connection: DuckDBConnection): Promise<void> {
    for (const [node, addresses] of await readHeard(connection, this.origin))
      this.heard.set(node, new Set([...(this.heard.get(node) ?? []), ...addresses]));
  }

  extend(process: string, until: number): void {
    this.reach.set(process, Math.max(until, this.reach.get(process) ?? until));
  }
}

async function readAll(
  connection: DuckDBConnection,
  files: readonly string[],
  filter: RowFilter,
  heap: Heap,
  listenedUntil: number | undefined,
): Promise<void> {
  await makeLoaded(connection);
  for (const path of files) {
    try {
      heap.torn += await loadFile(connection, path, filter);
    } catch (cause) {
      throw refused(path, cause as Error);
    }
  }
  const torn = await connection.runAndReadAll('SELECT count(*) FROM loaded WHERE node IS NULL');
  heap.torn += Number(torn.getRowsJS()[0]?.[0]);
  await extendReach(connection, heap, listenedUntil);
  // As conditions name it, in directories as well.
  await connection.run('CREATE TEMP VIEW observations AS SELECT * FROM loaded WHERE node IS NOT NULL');
  await heap.hear(connection);
  const result = await connection.stream(`SELECT ${ROW_JSON} FROM observations WHERE ${heap.where}`);
  for await (const batch of result.yieldRowsJs()) heap.add(batch.map(([json]) => JSON.parse(String(json))));
}

/** A process that another one of its node followed had ended by then, and nobody knows when. */
async function extendReach(
  connection: DuckDBConnection,
  heap: Heap,
  listenedUntil: number | undefined,
): Promise<void> {
  const reader = await connection.runAndReadAll(
    'SELECT node, boot, max(time), boot = max(boot) OVER (PARTITION BY node) FROM loaded WHERE node IS NOT NULL GROUP BY node, boot',
  );
  for (const [node, boot, last, isNewest] of reader.getRowsJS()) {
    const process = processOf({ node: String(node), boot: Number(boot) });
    // The times of a directory know better.
    const claimed = isNewest === true && !heap.reach.has(process) ? listenedUntil : undefined;
    heap.extend(process, Math.max(Number(last), claimed ?? Number.NEGATIVE_INFINITY));
  }
}

/** Puts the rows of a file into the table `loaded`; returns the torn pieces that left no row. */
async function loadFile(connection: DuckDBConnection, path: string, filter: RowFilter): Promise<number> {
  const { kind, columns } = await knowFile(connection, path);
  if (kind === 'csv') return loadCsv(connection, path, columns, filter);
  const segmentKind = SEGMENT_KINDS.find(({ name }) => name === kind);
  if (segmentKind === undefined) throw new Error(`no kind of segment is called ${kind}`);
  const { size: octets, mtimeMs: touchedAt } = statOf(path);
  let torn = 0;
  const segment = { name: basename(path), path, kind: segmentKind, octets, touchedAt };
  await loadSegments(connection, [segment], filter, (_segment, pieces) => {
    torn = pieces;
  });
  return torn;
}

const RECEIPT_OF_TEXT = `CASE WHEN receipt_node IS NOT NULL THEN struct_pack(${Object.entries(RECEIPT)
  .map(([name, type]) => `"${name}" := TRY_CAST(receipt_${name} AS ${type})`)
  .join(', ')}) END`;

async function loadCsv(
  connection: DuckDBConnection,
  path: string,
  columns: readonly string[],
  { since }: RowFilter,
): Promise<number> {
  const list = columns.map((name) => `${quote(name)}: 'VARCHAR'`).join(', ');
  const text = `SELECT * FROM read_csv(${quote(path)}, auto_detect = false, header = true, delim = ',', quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, store_rejects = true, columns = {${list}})`;
  const typed = COLUMN_LIST.map(({ name, type, absent }) => {
    if (name === 'receipt')
      return `${columns.includes('receipt_node') ? RECEIPT_OF_TEXT : `NULL::${type}`} AS receipt`;
    const value = columns.includes(name) ? `TRY_CAST("${name}" AS ${type})` : 'NULL';
    return `CAST(${absent === undefined ? value : `coalesce(${value}, ${absent})`} AS ${type}) AS "${name}"`;
  });
  const required = COLUMN_LIST.filter(({ absent }) => absent === undefined);
  const isWhole = required.map(({ name }) => `"${name}" IS NOT NULL`).join(' AND ');
  await connection.run(
    `INSERT INTO loaded SELECT * REPLACE (CASE WHEN ${isWhole} THEN node END AS node) FROM (SELECT ${typed.join(', ')} FROM (${text})) WHERE ${since === undefined ? 'true' : `time >= ${since} OR time IS NULL`}`,
  );
  const rejected = await connection.runAndReadAll(
    'SELECT count(DISTINCT line_byte_position) FROM reject_errors',
  );
  await connection.run('DROP TABLE reject_errors');
  await connection.run('DROP TABLE reject_scans');
  return Number(rejected.getRowsJS()[0]?.[0]);
}

/** The folder of segments: a data directory has it inside. */
/** Where the segments of a data directory stand. @throws {ConfigError} there are none */
export async function observationsIn(directory: string): Promise<string> {
  if (!statOf(directory).isDirectory())
    throw new ConfigError(
      `--from: ${resolve(directory)} is a file; allowed are data directories, files go to \`padzone verdicts --from\``,
    );
  const inside = join(directory, 'observations');
  if (statSync(inside, { throwIfNoEntry: false })?.isDirectory()) return inside;
  if ((await listSegments(directory))?.length) return directory;
  throw new ConfigError(
    `--from: ${directory} holds no observations; allowed are a data directory, a folder of segments, and files one by one`,
  );
}

function statOf(path: string): Stats {
  try {
    const facts = statSync(path);
    if (facts.isFile() || facts.isDirectory()) return facts;
  } catch (cause) {
    throw refused(path, cause as Error);
  }
  throw new ConfigError(`--from: ${resolve(path)} is no file and no directory`);
}

function refused(path: string, cause: Error): ConfigError {
  return new ConfigError(`--from: cannot read ${resolve(path)}${whyOf(cause)}`, { cause });
}

function whyOf(cause: Error): string {
  const { code } = cause as NodeJS.ErrnoException;
  if (typeof code === 'string' && !(cause instanceof ConfigError)) return ` (${code})`;
  const [line = ''] = cause.message.split('\n');
  return `: ${line.replace(/^data_dir: /, '')}`;
}
