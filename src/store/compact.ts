/** Compacts closed segments into Parquet, one folder a day: what readers find is at every moment all of it. */
import { rename, rm, stat } from 'node:fs/promises';
import { Converter } from './convert.ts';
import { beginDayFile, DAY_MS, type DayFile, dropPart, publishDayFile, unwritable } from './day-file.ts';
import { quote, withDuckdb } from './duckdb.ts';
import { linesOf } from './load.ts';
import { ParquetFile, thrower } from './parquet-file.ts';
import { momentOf } from './row-columns.ts';
import type { SqlKind } from './segment-kind.ts';
import { listSegments, type Segment } from './segment-list.ts';

/** A process that lives sets the time of its newest segment twice a second; after so long it does not live. */
const DEAD_MS = 60_000;

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
  const converter = new Converter('GZIP');
  for (const segment of closed) {
    const { rows, torn } =
      segment.kind.reads === 'rows'
        ? await compactRows(converter, directory, segment)
        : await compactLines(segment.kind, directory, segment);
    await retire(segment, torn);
    done.segments += 1;
    done.rows += rows;
    done.torn += torn;
  }
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

type Outcome = Pick<Compacted, 'rows' | 'torn'>;

/** A crash leaves nothing, or the rows twice; a later run writes the same files again. */
async function compactRows(converter: Converter, directory: string, segment: Segment): Promise<Outcome> {
  const days = new Map<number, { readonly day: DayFile; readonly file: ParquetFile }>();
  try {
    const outcome = await converter.convert(segment.path, {
      placeOf: (time) => Math.floor(momentOf(time) / DAY_MS),
      async fileOf(number) {
        const known = days.get(number);
        if (known) return known.file;
        const day = await beginDayFile(directory, segment, number);
        const file = await ParquetFile.create(day.part, (cause) => unwritable(day, cause));
        days.set(number, { day, file });
        return file;
      },
    });
    for (const { day, file } of days.values()) {
      await file.finish();
      await publishDayFile(day, segment.touchedAt);
    }
    return outcome;
  } finally {
    for (const { day, file } of days.values()) {
      await file.close().catch(() => {}); // what was published is on disk
      await dropPart(day);
    }
  }
}

/** Lines of JSON, as older versions wrote them: DuckDB reads them, and writes the file. */
function compactLines(kind: SqlKind, directory: string, segment: Segment): Promise<Outcome> {
  return withDuckdb(async (connection) => {
    const flat = linesOf(segment, kind);
    const reader = await connection.runAndReadAll(
      `SELECT time // ${DAY_MS} AS day, count(*), count(node) FROM (${flat}) GROUP BY day ORDER BY day`,
    );
    const days = reader.getRowsJS().map((row) => row.map(Number));
    for (const [number = 0, , count = 0] of days) {
      if (count === 0) continue;
      const day = await beginDayFile(directory, segment, number);
      const rows = `SELECT * FROM (${flat}) WHERE node IS NOT NULL AND time // ${DAY_MS} = ${number}`;
      try {
        await connection
          .run(`COPY (${rows}) TO ${quote(day.part)} (FORMAT parquet, COMPRESSION zstd)`)
          .catch(thrower((cause) => unwritable(day, cause)));
        await publishDayFile(day, segment.touchedAt);
      } finally {
        await dropPart(day);
      }
    }
    const sumOf = (column: number) => days.reduce((sum, day) => sum + day[column]!, 0);
    return { rows: sumOf(2), torn: sumOf(1) - sumOf(2) };
  }, '512MB');
}

/** Takes the segment away, unless it turns out that somebody still writes it. */
async function retire({ path, octets, touchedAt }: Segment, torn: number): Promise<void> {
  const { size, mtimeMs } = await stat(path);
  if (size !== octets || mtimeMs !== touchedAt) return;
  if (torn > 0) await rename(path, `${path}.torn`);
  else await rm(path);
}
