/** Segments: rows on disk in blocks, appended, synced each second, rotated by size and age. */
import { mkdirSync } from 'node:fs';
import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { ConfigError } from '../config.ts';
import { SLOT_OCTETS } from '../record/sink.ts';
import { type Batch, BlockBuffer } from './block-buffer.ts';
import { openSegmentFile, type SegmentFile, segmentName } from './segment-file.ts';
import { encodeHead } from './segment-format.ts';

export interface SegmentOptions {
  /** Made when missing. */
  readonly directory: string;
  /** Name of this node; another one begins a new segment. */
  node(): string;
  /** Start of this process, milliseconds since the epoch. */
  readonly boot: number;
  /** A segment of this many octets is closed and the next one begun. */
  readonly rotateOctets: number;
  /** A segment of this age is closed, in milliseconds. */
  readonly rotateAgeMs: number;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Called once for each batch that could not be written; the caller limits how often it logs. */
  onTrouble(error: Error): void;
  /** Called before a batch is written: what else is to stand in it, as slots that count neither as written nor as lost. */
  notices?(): readonly Uint8Array[];
  /** Thread that notices are written as. */
  readonly noticeThread?: number;
  /** Called when a batch is on disk, synced, with the notices that it was given. */
  onWritten?(): void;
  /** Called when a segment is finished and another one will follow. */
  onClosed?(): void;
  /** Rows that may wait in memory, in octets (32 MiB); those above it are dropped and counted. */
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
  /**
   * Copies a run of whole rows into memory; returns at once and never throws.
   *
   * @param from where it begins in `octets`
   * @param slots of 256 octets; `rows` rows stand in them
   */
  appendRows(thread: number, octets: Uint8Array, from: number, slots: number, rows: number): void;
  /** Resolves when every row appended before is on disk or counted as lost. */
  flush(): Promise<void>;
  /** Writes what waits and closes the file; rows appended later are dropped. */
  close(): Promise<void>;
  counters(): SegmentCounters;
}

const BUFFER_OCTETS = 32 * 1024 * 1024;
/** More than this waiting is written at once instead of at the next tick. */
const EAGER_OCTETS = 2 * 1024 * 1024;
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
  const {
    directory,
    boot,
    rotateOctets,
    rotateAgeMs,
    now,
    onTrouble,
    bufferOctets = BUFFER_OCTETS,
  } = options;
  makeDirectory(directory);

  const counters = { written: 0, lost: 0, dropped: 0 };
  const waiting = new BlockBuffer(now);
  let busyOctets = 0;
  let file: (SegmentFile & { readonly node: string }) | undefined;
  let number = 0;
  let newest: string | undefined;
  let isClosed = false;
  let tail = Promise.resolve();

  const timer = setInterval(() => {
    if (busyOctets === 0) void flush();
  }, FLUSH_MS);
  timer.unref();

  function appendRows(thread: number, octets: Uint8Array, from: number, slots: number, rows: number): void {
    if (isClosed || waiting.octets + busyOctets + slots * SLOT_OCTETS > bufferOctets) {
      counters.dropped += rows;
      return;
    }
    waiting.append(thread, octets, from, slots, rows);
    if (waiting.octets >= EAGER_OCTETS && busyOctets === 0) void flush();
  }

  function flush(): Promise<void> {
    tail = tail.then(writeWaiting);
    return tail;
  }

  async function writeWaiting(): Promise<void> {
    const batch = takeWaiting();
    try {
      await rotateIfDue();
      if (batch.parts.length > 0) await write(batch);
      // A file that somebody took away needs no time.
      if (newest !== undefined) await utimes(newest, now() / 1000, now() / 1000).catch(() => {});
    } catch (cause) {
      counters.lost += batch.rows;
      if (file !== undefined && !file.isSound) await closeFile();
      onTrouble(cause instanceof Error ? cause : new Error(String(cause)));
    } finally {
      batch.release();
      busyOctets = 0;
    }
  }

  function takeWaiting(): Batch {
    const notices = waiting.octets > 0 || isClosed ? (options.notices?.() ?? []) : [];
    for (const notice of notices) waiting.append(options.noticeThread ?? 0, notice, 0, 1, 1);
    busyOctets = waiting.octets;
    const batch = waiting.take();
    return { ...batch, rows: batch.rows - notices.length };
  }

  async function write({ parts, rows }: Batch): Promise<void> {
    file ??= await openNext();
    if (await file.isUnlinked()) {
      await closeFile();
      file = await openNext();
    }
    await file.append(parts);
    counters.written += rows;
    options.onWritten?.();
  }

  async function rotateIfDue(): Promise<void> {
    if (file === undefined) return;
    const isFull = file.octets >= rotateOctets || now() - file.openedAt >= rotateAgeMs;
    if (!isFull && file.node === options.node()) return;
    await closeFile();
    options.onClosed?.();
  }

  /** Closes the file and forgets it, whatever the disk says: what was synced stays readable. */
  async function closeFile(): Promise<void> {
    const closing = file;
    file = undefined;
    await closing?.close().catch(onTrouble);
  }

  async function openNext(): Promise<SegmentFile & { readonly node: string }> {
    const [node, openedAt] = [options.node(), now()];
    for (;;) {
      number += 1;
      const name = segmentName(node, boot, number);
      const head = encodeHead({ node, boot, openedAt });
      const opened = await openSegmentFile(directory, name, head, openedAt).catch((error: unknown) => {
        number -= 1;
        throw error;
      });
      if (opened === undefined) continue;
      newest = join(directory, name);
      return Object.assign(opened, { node });
    }
  }

  return {
    appendRows,
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
