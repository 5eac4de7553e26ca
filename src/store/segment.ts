/** Segments: observation rows on disk as NDJSON, appended, synced each second, rotated by size and age. */
import { mkdirSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';
import type { Observation } from '../observe/observation.ts';
import { openSegmentFile, type SegmentFile, segmentName } from './segment-file.ts';

export interface SegmentOptions {
  /** Made when missing. */
  readonly directory: string;
  /** A segment of this many octets is closed and the next one begun. */
  readonly rotateOctets: number;
  /** A segment of this age is closed, in milliseconds. */
  readonly rotateAgeMs: number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Called once for each batch that could not be written; the caller limits how often it logs. */
  onTrouble(error: Error): void;
  /** Lines that may wait in memory, in octets (8 MiB); rows above it are dropped and counted. */
  readonly bufferOctets?: number;
}

export interface SegmentCounters {
  /** Rows on disk, synced. */
  readonly written: number;
  /** Rows of batches that the disk refused. */
  readonly lost: number;
  /** Rows refused because the buffer was full or the writer closed. */
  readonly dropped: number;
}

export interface Segments {
  /** Takes a row into memory; returns at once and never throws. */
  append(row: Observation): void;
  /** Resolves when every row appended before is on disk or counted as lost. */
  flush(): Promise<void>;
  /** Writes what waits and closes the file; rows appended later are dropped. */
  close(): Promise<void>;
  counters(): SegmentCounters;
}

const BUFFER_OCTETS = 8 * 1024 * 1024;
/** More than this waiting is written at once instead of at the next tick. */
const EAGER_OCTETS = 1024 * 1024;
/** Half of the second that `kill -9` may cost, so that a slow sync still keeps the promise. */
const FLUSH_MS = 500;

/**
 * Opens a writer; the first file appears with the first row.
 *
 * While it is open it sets the time of the newest file again and again, also when no row comes: so a reader knows how far silence
 * was listened to, and takes no downtime of ours for it.
 *
 * @throws {ConfigError} the directory cannot be made: fatal at startup, before any answer
 */
export function openSegments(options: SegmentOptions): Segments {
  const { directory, rotateOctets, rotateAgeMs, now, onTrouble, bufferOctets = BUFFER_OCTETS } = options;
  makeDirectory(directory);

  const counters = { written: 0, lost: 0, dropped: 0 };
  let waiting: string[] = [];
  let waitingOctets = 0;
  let busyOctets = 0;
  let file: SegmentFile | undefined;
  let first: Observation | undefined; // its node and boot name the files
  let number = 0;
  let newest: string | undefined;
  let isClosed = false;
  let tail = Promise.resolve();

  const timer = setInterval(() => {
    if (busyOctets === 0) void flush();
  }, FLUSH_MS);
  timer.unref();

  function append(row: Observation): void {
    if (isClosed || waitingOctets + busyOctets >= bufferOctets) {
      counters.dropped += 1;
      return;
    }
    first ??= row;
    const line = `${JSON.stringify(row)}\n`;
    waiting.push(line);
    waitingOctets += line.length; // rows are ASCII but for an odd node name
    if (waitingOctets >= EAGER_OCTETS && busyOctets === 0) void flush();
  }

  function flush(): Promise<void> {
    tail = tail.then(writeWaiting);
    return tail;
  }

  async function writeWaiting(): Promise<void> {
    const lines = waiting;
    busyOctets = waitingOctets;
    waiting = [];
    waitingOctets = 0;
    try {
      await rotateIfDue();
      if (lines.length > 0) await write(lines);
      // A file that somebody took away needs no time.
      if (newest !== undefined) await utimes(newest, now() / 1000, now() / 1000).catch(() => {});
    } catch (cause) {
      counters.lost += lines.length;
      if (file !== undefined && !file.isSound) await closeFile();
      onTrouble(cause instanceof Error ? cause : new Error(String(cause)));
    } finally {
      busyOctets = 0;
    }
  }

  async function write(lines: readonly string[]): Promise<void> {
    const octets = Buffer.from(lines.join(''));
    file ??= await openNext();
    if (await file.isUnlinked()) {
      await closeFile();
      file = await openNext();
    }
    await file.append(octets);
    counters.written += lines.length;
  }

  async function rotateIfDue(): Promise<void> {
    if (file === undefined) return;
    if (file.octets >= rotateOctets || now() - file.openedAt >= rotateAgeMs) await closeFile();
  }

  /** Closes the file and forgets it, whatever the disk says: what was synced stays readable. */
  async function closeFile(): Promise<void> {
    const closing = file;
    file = undefined;
    await closing?.close().catch(onTrouble);
  }

  async function openNext(): Promise<SegmentFile> {
    for (;;) {
      number += 1;
      const name = segmentName(first?.node ?? '', first?.boot ?? 0, number);
      const opened = await openSegmentFile(directory, name, now()).catch((error: unknown) => {
        number -= 1;
        throw error;
      });
      if (opened === undefined) continue;
      newest = join(directory, name);
      return opened;
    }
  }

  return {
    append,
    flush,
    async close() {
      isClosed = true;
      clearInterval(timer);
      await flush();
      await closeFile();
    },
    counters: () => ({ ...counters }),
  };
}

function makeDirectory(directory: string): void {
  try {
    mkdirSync(directory, { recursive: true, mode: 0o750 });
  } catch (cause) {
    const { code } = cause as NodeJS.ErrnoException;
    throw new ConfigError(`data_dir: cannot make the folder ${directory} (${code})`, { cause });
  }
}
