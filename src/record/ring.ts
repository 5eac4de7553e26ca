/**
 * Ring: rows of one thread on their way to the main thread, in shared memory. One writes, one reads; neither ever waits.
 *
 *     0     i32  slots written: counts up, wraps at 2^32       64   i32  slots read, likewise
 *     4     u32  low and                                       256  the slots
 *     8     u32  high half of the number of the next row
 *     12    u32  rows dropped
 *     16    u32  thread
 *
 * Only what has been committed is read: a thread that dies in the middle of a row leaves no half of it, and the one that
 * replaces it goes on with the same ring where the last commit ended.
 */
import { FIELD, KIND } from './layout.ts';
import { type RowSink, SLOT_OCTETS } from './sink.ts';

const WRITTEN = 0;
const SEQ_LOW = 1;
const SEQ_HIGH = 2;
const DROPPED = 3;
const THREAD = 4;
const READ = 16;
const HEADER = 256;
const TWO_32 = 2 ** 32;

/** @param slots made a power of two, at least this */
export function makeRing(slots: number): SharedArrayBuffer {
  return new SharedArrayBuffer(HEADER + 2 ** Math.ceil(Math.log2(Math.max(4, slots))) * SLOT_OCTETS);
}

/** The writing end; of two of one ring only the younger may be used. */
export function ringSink(memory: SharedArrayBuffer, thread: number): RowSink {
  return new RingSink(memory, thread);
}

class RingSink implements RowSink {
  readonly octets: Uint8Array;
  readonly view: DataView;
  seq: number;
  private readonly words: Int32Array;
  private readonly slots: number;
  private written: number;
  private read: number;

  constructor(memory: SharedArrayBuffer, thread: number) {
    this.octets = new Uint8Array(memory, HEADER);
    this.view = new DataView(memory, HEADER);
    this.words = new Int32Array(memory, 0, HEADER / 4);
    this.slots = this.octets.length / SLOT_OCTETS;
    this.written = Atomics.load(this.words, WRITTEN);
    this.read = Atomics.load(this.words, READ);
    const [low, high] = [Atomics.load(this.words, SEQ_LOW), Atomics.load(this.words, SEQ_HIGH)];
    this.seq = (high >>> 0) * TWO_32 + (low >>> 0) - 1;
    Atomics.store(this.words, THREAD, thread);
  }

  reserve(slots: 1 | 2): number {
    this.seq += 1;
    const place = this.written & (this.slots - 1);
    const isSplit = slots === 2 && place === this.slots - 1;
    const needed = isSplit ? 3 : slots;
    if (!this.hasRoom(needed)) {
      Atomics.add(this.words, DROPPED, 1);
      return -1;
    }
    this.written = (this.written + needed) | 0;
    if (!isSplit) return place * SLOT_OCTETS;
    this.octets[place * SLOT_OCTETS + FIELD.kind] = KIND.filler;
    this.octets[place * SLOT_OCTETS + FIELD.slots] = 1;
    return 0;
  }

  private hasRoom(needed: number): boolean {
    if (((this.written - this.read) >>> 0) + needed <= this.slots) return true;
    this.read = Atomics.load(this.words, READ);
    return ((this.written - this.read) >>> 0) + needed <= this.slots;
  }

  commit(): void {
    const next = this.seq + 1;
    // The high half first: whoever dies between the two skips numbers, and never gives one twice.
    Atomics.store(this.words, SEQ_HIGH, Math.floor(next / TWO_32) | 0);
    Atomics.store(this.words, SEQ_LOW, next | 0);
    Atomics.store(this.words, WRITTEN, this.written);
  }
}

export interface RingReader {
  /** Thread that writes; 0 before it began. */
  readonly thread: number;
  /**
   * Hands over everything committed, as one or two runs of whole rows, and frees it when `use` returns.
   * @returns slots taken
   */
  take(use: (octets: Uint8Array, view: DataView, at: number, slots: number) => void): number;
  /** Rows that found no room since this reader was made. */
  dropped(): number;
}

export function ringReader(memory: SharedArrayBuffer): RingReader {
  const octets = new Uint8Array(memory, HEADER);
  const view = new DataView(memory, HEADER);
  const words = new Int32Array(memory, 0, HEADER / 4);
  const slots = octets.length / SLOT_OCTETS;
  let dropped = 0;
  let droppedWord = Atomics.load(words, DROPPED);
  return {
    get thread() {
      return Atomics.load(words, THREAD);
    },
    take(use) {
      const written = Atomics.load(words, WRITTEN);
      const read = Atomics.load(words, READ);
      const waiting = (written - read) >>> 0;
      if (waiting === 0) return 0;
      const place = read & (slots - 1);
      const first = Math.min(waiting, slots - place);
      try {
        use(octets, view, place * SLOT_OCTETS, first);
        if (waiting > first) use(octets, view, 0, waiting - first);
      } finally {
        Atomics.store(words, READ, written);
      }
      return waiting;
    },
    dropped() {
      const word = Atomics.load(words, DROPPED);
      dropped += (word - droppedWord) >>> 0;
      droppedWord = word;
      return dropped;
    },
  };
}
