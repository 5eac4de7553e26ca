/** Day files: the Parquet file of a segment in the folder of a day, which appears whole or not at all. */
import { mkdir, open, rename, rm, utimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { ConfigError } from '../config.ts';
import type { Segment } from './segment-list.ts';

export const DAY_MS = 86_400_000;

/** What is written first and renamed when it is whole. */
export interface DayFile {
  readonly part: string;
  readonly path: string;
}

/**
 * Makes the folder, and takes away the part that a crash left.
 *
 * @param day days since the epoch
 * @throws {ConfigError} the system refuses
 */
export async function beginDayFile(directory: string, { name }: Segment, day: number): Promise<DayFile> {
  const folder = join(directory, `date=${new Date(day * DAY_MS).toISOString().slice(0, 10)}`);
  const file = {
    part: join(folder, `.${name}.part`),
    path: join(folder, name.replace(/\.\w+$/, '.parquet')),
  };
  await attempt(file, () => mkdir(folder, { recursive: true, mode: 0o750 }));
  await dropPart(file);
  return file;
}

/**
 * From now on it is found; it has the time of the segment, which says how far the process listened.
 *
 * @throws {ConfigError} the system refuses
 */
export function publishDayFile(file: DayFile, touchedAt: number): Promise<void> {
  const { part, path } = file;
  return attempt(file, async () => {
    await utimes(part, touchedAt / 1000, touchedAt / 1000);
    await sync(part);
    await rename(part, path);
    await sync(dirname(path));
    await sync(dirname(dirname(path)));
  });
}

/** Where there is one: a full disk needs the room. */
export async function dropPart({ part }: DayFile): Promise<void> {
  await rm(part, { force: true }).catch(() => {});
}

export function unwritable({ path }: DayFile, cause: unknown): ConfigError {
  const { code, message } = cause as NodeJS.ErrnoException;
  return new ConfigError(`data_dir: cannot write ${path} (${code ?? message.split('\n')[0]})`, { cause });
}

function attempt<T>(file: DayFile, work: () => Promise<T>): Promise<T> {
  return work().catch((cause: unknown) => {
    throw unwritable(file, cause);
  });
}

async function sync(path: string): Promise<void> {
  const handle = await open(path);
  try {
    await handle.sync();
  } finally {
    await handle.close();
  }
}
