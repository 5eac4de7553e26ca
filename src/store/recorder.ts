/** Recorder: takes the rows of all threads out of their rings, counts them, and gives to the disk what is worth keeping. */

import { FIELD, KIND, LOSSES, MARKS, STEPS } from '../record/layout.ts';
import { makeRing, type RingReader, ringReader, ringSink } from '../record/ring.ts';
import type { LossReason } from '../record/row.ts';
import { classOfRow, ROW_CLASSES } from '../record/row-class.ts';
import { type RowSink, SLOT_OCTETS } from '../record/sink.ts';
import { encodeFlood, encodeLost } from '../record/summary.ts';
import { decidesTrial, makeFloodTable } from './flood.ts';
import { openSegments, type SegmentOptions } from './segment.ts';

export interface RecorderOptions extends Omit<SegmentOptions, 'notices' | 'noticeThread' | 'onWritten'> {
  /** Octets of rows a second that may go to the disk; what decides trials may take the last quarter. 0 is no limit. */
  readonly diskBudget: number;
  /** Called with each row of a measured answer or a receipt, as it is taken out of its ring; must be quick, and keep nothing. */
  onTrialRow(octets: Uint8Array, view: DataView, at: number): void;
  /** Any number nobody else knows. */
  readonly seed: number;
}

export interface RowCounters {
  /** Rows on disk, synced. */
  readonly written: number;
  /** Queries of floods that were only counted. */
  readonly counted: number;
  readonly lost: Readonly<Record<LossReason, number>>;
}

export interface Recorder {
  /** A sink for this thread itself; its rows are taken out with all others. */
  sink(thread: number): RowSink;
  /** Takes rows out of the ring of another thread from now on. */
  attach(ring: SharedArrayBuffer): void;
  /** Takes out what waits now; otherwise it happens 50 times a second. */
  drain(): void;
  /** Resolves when every row committed before is on disk or counted as lost. */
  flush(): Promise<void>;
  /** Writes what waits and closes the file. */
  close(): Promise<void>;
  counters(): RowCounters;
  /** How often each class of rows (record/row-class.ts) came. */
  classes(): Iterable<readonly [number, number]>;
}

/** Thread of the rows that say what was counted or lost. */
export const RECORDER_THREAD = 255;

const DRAIN_MS = 20;
/** 2 MiB: several drains of what one thread without a packet engine can answer. */
const LOCAL_SLOTS = 8192;
/** The budget of so many milliseconds may be taken at once. */
const BURST_MS = 2000;
const REASONS = LOSSES.filter((reason) => reason !== '');
const MEASURED = STEPS.indexOf('measured');

/** @throws {ConfigError} the directory cannot be made */
export function openRecorder(options: RecorderOptions): Recorder {
  const { now, diskBudget } = options;
  const rings: RingReader[] = [];
  const classCounts = new Float64Array(ROW_CLASSES);
  const classesSeen: number[] = [];
  const floods = makeFloodTable(options.seed);
  const rate = makeRate(diskBudget, now());
  let second = Math.floor(now() / 1000);
  let counted = 0;
  let limited = 0;
  let ownRows = 0;
  let told = lost0();
  let telling = told;

  const segments = openSegments({
    ...options,
    noticeThread: RECORDER_THREAD,
    notices() {
      telling = lost();
      return REASONS.filter((reason) => telling[reason] > told[reason]).map((reason) =>
        encodeLost(reason, telling[reason] - told[reason], now(), ownRows++),
      );
    },
    onWritten() {
      told = telling;
    },
  });
  const timer = setInterval(drain, DRAIN_MS);
  timer.unref();

  function drain(): void {
    const time = now();
    rate.refill(time);
    if (Math.floor(time / 1000) !== second) {
      endSecond();
      second = Math.floor(time / 1000);
    }
    for (const ring of rings) {
      try {
        ring.take((octets, view, at, slots) => collect(ring.thread, octets, view, at, slots));
      } catch (error) {
        options.onTrouble(error as Error);
      }
    }
  }

  /** Hands runs of rows that are kept to the disk, as long as they can be. */
  function collect(thread: number, octets: Uint8Array, view: DataView, from: number, slots: number): void {
    const end = from + slots * SLOT_OCTETS;
    let start = from;
    let rows = 0;
    let at = from;
    while (at < end) {
      const size = octets[at + FIELD.slots] === 2 ? 2 * SLOT_OCTETS : SLOT_OCTETS;
      if (isKept(octets, view, at, size)) {
        rows += 1;
      } else {
        if (rows > 0) segments.appendRows(thread, octets, start, (at - start) / SLOT_OCTETS, rows);
        start = at + size;
        rows = 0;
      }
      at += size;
    }
    if (rows > 0) segments.appendRows(thread, octets, start, (at - start) / SLOT_OCTETS, rows);
  }

  function isKept(octets: Uint8Array, view: DataView, at: number, size: number): boolean {
    const kind = octets[at + FIELD.kind];
    if (kind === KIND.filler || (kind === KIND.query && isOnlyCounted(octets, view, at))) return false;
    if (diskBudget === 0 || rate.take(size, decidesTrial(octets, at))) return true;
    limited += 1;
    return false;
  }

  function isOnlyCounted(octets: Uint8Array, view: DataView, at: number): boolean {
    const number = classOfRow(octets, at);
    if (classCounts[number] === 0) classesSeen.push(number);
    classCounts[number]! += 1;
    if (octets[at + FIELD.step] === MEASURED || octets[at + FIELD.marks]! & MARKS.receipt)
      options.onTrialRow(octets, view, at);
    const isFlood = floods.counts(octets, at, second);
    if (isFlood) counted += 1;
    return isFlood;
  }

  function endSecond(): void {
    for (const { first, count } of floods.take()) {
      const row = encodeFlood(first, count, second * 1000, ownRows++);
      rate.take(row.length, true);
      segments.appendRows(RECORDER_THREAD, row, 0, 1, 1);
    }
  }

  function lost(): Record<LossReason, number> {
    const { lost: disk, dropped: memory } = segments.counters();
    const ring = rings.reduce((sum, each) => sum + each.dropped(), 0);
    return { ring, disk, memory, rate: limited };
  }

  return {
    sink(thread) {
      const memory = makeRing(LOCAL_SLOTS);
      rings.push(ringReader(memory));
      return ringSink(memory, thread);
    },
    attach(memory) {
      rings.push(ringReader(memory));
    },
    drain,
    flush() {
      drain();
      return segments.flush();
    },
    async close() {
      clearInterval(timer);
      drain();
      endSecond();
      await segments.close();
    },
    counters: () => ({ written: segments.counters().written, counted, lost: lost() }),
    classes: () => classesSeen.map((number) => [number, classCounts[number]!] as const),
  };
}

function lost0(): Record<LossReason, number> {
  return { ring: 0, disk: 0, memory: 0, rate: 0 };
}

/** A bucket of octets; its last quarter is for what decides trials. */
function makeRate(octetsPerSecond: number, start: number) {
  const most = (octetsPerSecond * BURST_MS) / 1000;
  let level = most;
  let filledAt = start;
  return {
    refill(time: number): void {
      level = Math.min(most, level + (Math.max(0, time - filledAt) * octetsPerSecond) / 1000);
      filledAt = time;
    },
    take(octets: number, isNeeded: boolean): boolean {
      if (level - octets < (isNeeded ? 0 : most / 4)) return false;
      level -= octets;
      return true;
    },
  };
}
