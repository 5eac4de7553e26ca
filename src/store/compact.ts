/** Compacts closed segments into Parquet, one folder a day: what readers find is at every moment all of it. */
import { mkdir, open, rename, rm, stat, utimes } from 'node:fs/promises';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../config.ts';
import { quote, withDuckdb } from './duckdb.ts';
import { openSegmentRows } from './load.ts';
import { listSegments, type Segment } from './segment-list.ts';

/** A process that lives sets the time of its newest segment twice a second; after so long it does not live. */
const DEAD_MS = 60_000;
const DAY_MS = 86_400_000;

export interface Compacted {
  readonly segments: number;
  readonly rows: number;
  /** Pieces and lines that were no row; their segments stay, as `<name>.torn`, which nobody reads. */
  readonly torn: number;
}

/**
 * Compacts every segment that no live process writes, oldest first.
 *
 * @throws {ConfigError} something cannot be read or written; what was compacted before stays so
 */
export async function compact(directory: string, now: number): Promise<Compacted> {
  const closed = closedSegments((await listSegments(directory)) ?? [], now);
  const done = { segments: 0, rows: 0, torn: 0 };
  if (closed.length === 0) return done;
  await withDuckdb(async (connection) => {
    for (const segment of closed) {
      const { rows, torn } = await compactSegment(connection, directory, segment);
      done.segments += 1;
      done.rows += rows;
      done.torn += torn;
    }
  }, '512MB');
  return done;
}

/** Those that are followed by another one of their process, and those of processes that are gone. */
export function closedSegments(segments: readonly Segment[], now: number): Segment[] {
  const newest = new Map<string, number>();
  const placeOf = ({ name }: Segment) => /^(.*-)(\d+)\.\w+$/.exec(name) ?? [];
  for (const segment of segments) {
    const [, stem = '', number] = placeOf(segment);
    newest.set(stem, Math.max(newest.get(stem) ?? 0, Number(number)));
  }
  const isFollowed = (segment: Segment) => {
    const [, stem = '', number] = placeOf(segment);
    return Number(number) < newest.get(stem)!;
  };
  return segments.filter(
    (segment) => !segment.kind.isDated && (isFollowed(segment) || now - segment.touchedAt > DEAD_MS),
  );
}

async function compactSegment(
  connection: DuckDBConnection,
  directory: string,
  segment: Segment,
): Promise<{ rows: number; torn: number }> {
  const { query, flat, torn } = await openSegmentRows(connection, segment);
  const reader = await connection.runAndReadAll(
    `SELECT time // ${DAY_MS} AS day, count(*), count(node) FROM (${query}) GROUP BY day ORDER BY day`,
  );
  const days = reader.getRowsJS().map((row) => row.map(Number));
  const [lines, rows] = [1, 2].map((column) => days.reduce((sum, day) => sum + day[column]!, 0)) as [
    number,
    number,
  ];
  for (const [day = 0, , count = 0] of days)
    if (count > 0) await writeDay(connection, directory, segment, day, flat);
  await retire(segment, torn + lines - rows);
  return { rows, torn: torn + lines - rows };
}

/** A crash leaves nothing, or the rows twice; a later run writes the same file again. */
async function writeDay(
  connection: DuckDBConnection,
  directory: string,
  { name, touchedAt }: Segment,
  day: number,
  flat: string,
): Promise<void> {
  const folder = join(directory, `date=${new Date(day * DAY_MS).toISOString().slice(0, 10)}`);
  const path = join(folder, name.replace(/\.\w+$/, '.parquet'));
  const part = join(folder, `.${name}.part`);
  try {
    await mkdir(folder, { recursive: true, mode: 0o750 });
    await rm(part, { force: true });
    await connection.run(
      `COPY (SELECT * FROM (${flat}) WHERE node IS NOT NULL AND time // ${DAY_MS} = ${day}) TO ${quote(part)} (FORMAT parquet, COMPRESSION zstd)`,
    );
    await utimes(part, touchedAt / 1000, touchedAt / 1000); // says how far the process listened
    await sync(part);
    await rename(part, path);
    await sync(folder);
    await sync(directory);
  } catch (cause) {
    await rm(part, { force: true }).catch(() => {}); // a full disk needs the room
    const { code, message } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`data_dir: cannot write ${path} (${code ?? message.split('\n')[0]})`, { cause });
  }
}

/** Takes the segment away, unless it turns out that somebody still writes it. */
async function retire({ path, octets, touchedAt }: Segment, torn: number): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  if (size !== octets || mtimeMs !== touchedAt) return;
  if (torn > 0) await rename(path, `${path}.torn`);
  else await rm(path);
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
