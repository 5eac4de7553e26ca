/** Block buffer: rows that wait for the disk, in blocks as the file has them; rows of one thread that follow each other share one. */
import { SLOT_OCTETS } from '../record/sink.ts';
import { BLOCK_OCTETS, sealBlock } from './segment-format.ts';

/** Octets of one piece of memory; a longer run of rows gets one of its own. */
const CHUNK_OCTETS = 1024 * 1024;
/** Pieces kept for later: what comes in while a batch is being synced. */
const SPARE_CHUNKS = 16;

interface Chunk {
  readonly octets: Uint8Array;
  readonly view: DataView;
  end: number;
}

/** Blocks that are ready to be written. */
export interface Batch {
  readonly parts: readonly Uint8Array[];
  readonly rows: number;
  /** Gives the memory back; not before it is on disk or given up. */
  release(): void;
}

export class BlockBuffer {
  /** Octets that wait, headers included. */
  octets = 0;
  private rows = 0;
  private chunks: Chunk[] = [];
  private readonly spare: Chunk[] = [];
  private block = { at: -1, thread: -1, rows: 0 };
  private readonly now: () => number;

  constructor(now: () => number) {
    this.now = now;
  }

  /** Copies a run of whole rows. */
  append(thread: number, source: Uint8Array, from: number, slots: number, rows: number): void {
    const size = slots * SLOT_OCTETS;
    let chunk = this.chunks.at(-1);
    if (chunk === undefined || chunk.end + BLOCK_OCTETS + size > chunk.octets.length) {
      this.seal();
      chunk = this.begin(BLOCK_OCTETS + size);
    }
    if (this.block.at < 0 || this.block.thread !== thread) {
      this.seal();
      this.block = { at: chunk.end, thread, rows: 0 };
      chunk.end += BLOCK_OCTETS;
      this.octets += BLOCK_OCTETS;
    }
    chunk.octets.set(source.subarray(from, from + size), chunk.end);
    chunk.end += size;
    this.octets += size;
    this.block.rows += rows;
    this.rows += rows;
  }

  /** Takes out what waits. */
  take(): Batch {
    this.seal();
    const { chunks, rows } = this;
    this.chunks = [];
    this.rows = 0;
    this.octets = 0;
    return {
      parts: chunks.map(({ octets, end }) => octets.subarray(0, end)),
      rows,
      release: () => {
        const ordinary = chunks.filter(({ octets }) => octets.length === CHUNK_OCTETS);
        this.spare.push(...ordinary.slice(0, SPARE_CHUNKS - this.spare.length));
      },
    };
  }

  private begin(octets: number): Chunk {
    const chunk = (octets <= CHUNK_OCTETS && this.spare.pop()) || makeChunk(Math.max(octets, CHUNK_OCTETS));
    chunk.end = 0;
    this.chunks.push(chunk);
    return chunk;
  }

  private seal(): void {
    const { at, thread, rows } = this.block;
    const chunk = this.chunks.at(-1);
    if (at >= 0 && chunk)
      sealBlock(
        chunk.octets,
        chunk.view,
        at,
        { thread, rows, octets: chunk.end - at - BLOCK_OCTETS },
        this.now(),
      );
    this.block = { at: -1, thread: -1, rows: 0 };
  }
}

function makeChunk(size: number): Chunk {
  // Not zeroed: nothing of it is written that was not put there.
  const octets = Buffer.allocUnsafeSlow(size);
  return { octets, view: new DataView(octets.buffer), end: 0 };
}
