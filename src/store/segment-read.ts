/** Reads a segment block by block, in memory that does not grow with the file; what is torn is skipped and counted. */
import { type FileHandle, open } from 'node:fs/promises';
import { FIELD, KIND } from '../record/layout.ts';
import { SLOT_OCTETS } from '../record/sink.ts';
import {
  BLOCK,
  BLOCK_OCTETS,
  decodeHead,
  HEADER_OCTETS,
  readBlock,
  type SegmentHead,
} from './segment-format.ts';

/** Octets read at a time; a larger block is read whole. */
const WINDOW = 4 * 1024 * 1024;
/** Everything in a segment begins at a multiple of this. */
const STEP = 32;

/**
 * A row of any kind but a filler, and the head of its segment.
 *
 * The octets are valid until the function returns or, where it returns a promise, until that resolves: reading waits for it.
 */
export type UseRow = (
  octets: Uint8Array,
  view: DataView,
  at: number,
  thread: number,
  head: SegmentHead,
) => void | Promise<void>;

export interface SegmentReading {
  /** Undefined where nobody can tell who wrote the segment: then it has no rows. */
  readonly head: SegmentHead | undefined;
  /** Pieces that are no block of rows. */
  readonly torn: number;
}

/** @throws {Error} with `code` ENOENT where the file is gone */
export async function readSegment(path: string, use: UseRow): Promise<SegmentReading> {
  const handle = await open(path);
  try {
    const window = new Window(handle, (await handle.stat()).size);
    await window.have(HEADER_OCTETS);
    const head = decodeHead(window.octets.subarray(0, HEADER_OCTETS));
    if (head === undefined) return { head, torn: window.length === 0 ? 0 : 1 };
    window.skip(HEADER_OCTETS);
    let torn = 0;
    let isTorn = false;
    while (await window.have(1)) {
      const block = (await window.haveBlock()) ? readBlock(window.octets, window.view, window.at) : undefined;
      if (block) {
        await useRows(window, block.octets, block.thread, head, use);
        window.skip(BLOCK_OCTETS + block.octets);
      } else {
        if (!isTorn) torn += 1;
        window.skip(STEP);
      }
      isTorn = block === undefined;
    }
    return { head, torn };
  } finally {
    await handle.close();
  }
}

async function useRows(
  { octets, view, at }: Window,
  size: number,
  thread: number,
  head: SegmentHead,
  use: UseRow,
): Promise<void> {
  const end = at + BLOCK_OCTETS + size;
  for (
    let row = at + BLOCK_OCTETS;
    row < end;
    row += octets[row + FIELD.slots] === 2 ? 2 * SLOT_OCTETS : SLOT_OCTETS
  ) {
    if (octets[row + FIELD.kind] === KIND.filler) continue;
    const wait = use(octets, view, row, thread, head);
    if (wait) await wait;
  }
}

/** A part of a file that moves on; what is appended while it is read does not count. */
class Window {
  octets = new Uint8Array(WINDOW);
  view = new DataView(this.octets.buffer);
  at = 0;
  private end = 0;
  /** Octets of the file that have not been read. */
  private rest: number;
  private readonly handle: FileHandle;

  constructor(handle: FileHandle, size: number) {
    this.handle = handle;
    this.rest = size;
  }

  /** Octets that have been read and not skipped. */
  get length(): number {
    return Math.max(0, this.end - this.at);
  }

  skip(octets: number): void {
    this.at += octets;
  }

  /** Whether so many octets follow, read if need be; fewer at the end of the file. */
  async have(octets: number): Promise<boolean> {
    if (this.length < octets && this.rest > 0) await this.fill(octets);
    return this.length >= octets;
  }

  /** Whether the whole block follows that seems to begin here. */
  async haveBlock(): Promise<boolean> {
    if (!(await this.have(BLOCK_OCTETS))) return false;
    const size = BLOCK_OCTETS + this.view.getUint32(this.at + BLOCK.octets, true);
    // A torn header may name any size: no memory for what cannot be.
    return size <= this.length + this.rest && this.have(size);
  }

  private async fill(octets: number): Promise<void> {
    // Skipped beyond the end: the rest of a torn piece.
    const from = Math.min(this.at, this.end);
    const kept = this.octets.subarray(from, this.end);
    const larger = octets > this.octets.length ? new Uint8Array(octets + WINDOW) : this.octets;
    larger.set(kept);
    this.at -= from;
    this.end = kept.length;
    if (larger !== this.octets) {
      this.octets = larger;
      this.view = new DataView(larger.buffer);
    }
    while (this.rest > 0 && this.end < this.octets.length) {
      const most = Math.min(this.rest, this.octets.length - this.end);
      const { bytesRead } = await this.handle.read(this.octets, this.end, most);
      this.end += bytesRead;
      this.rest = bytesRead === 0 ? 0 : this.rest - bytesRead;
    }
  }
}
