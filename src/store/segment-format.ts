/**
 * The format of a segment: a header, then blocks of rows, each with its checksum. Little endian.
 *
 * A row is one or two slots of 256 octets (record/layout.ts). Everything begins at a multiple of 32 octets, so that a reader finds
 * the next block behind a torn one.
 */
import { crc32 } from 'node:zlib';
import { SLOT_OCTETS } from '../record/sink.ts';

/** Of the layout of rows; a reader refuses a segment of another one. */
export const FORMAT_VERSION = 1;

export const HEADER_OCTETS = 256;
/** Offsets in the header of a segment. */
export const HEADER = {
  magic: 0, // 8 octets: `padzone` and 0
  version: 8, // u16
  slotOctets: 10, // u16
  boot: 16, // f64, milliseconds since the epoch
  openedAt: 24, // f64, milliseconds since the epoch
  nodeLength: 32, // u8
  node: 33, // UTF-8
  checksum: 252, // u32, CRC-32 of the octets before
} as const;

export const BLOCK_OCTETS = 32;
/** Offsets in the header of a block. */
export const BLOCK = {
  magic: 0, // 4 octets: `rows`
  octets: 4, // u32, of the rows behind the header
  rows: 8, // u32
  thread: 12, // u16
  writtenAt: 16, // f64, milliseconds since the epoch
  checksum: 28, // u32, CRC-32 of the octets of the header before, then of the rows
} as const;

const MAGIC = Buffer.from('padzone\0', 'latin1');
const BLOCK_MAGIC = 0x7377_6f72; // `rows`
const MAX_NODE = HEADER.checksum - HEADER.node;

/** Who wrote a segment. */
export interface SegmentHead {
  readonly node: string;
  readonly boot: number;
  readonly openedAt: number;
}

export interface BlockHead {
  readonly thread: number;
  readonly rows: number;
  /** Of the rows; without the header. */
  readonly octets: number;
}

/** @throws {RangeError} a node name that no setting allows */
export function encodeHead({ node, boot, openedAt }: SegmentHead): Uint8Array {
  const octets = new Uint8Array(HEADER_OCTETS);
  const view = new DataView(octets.buffer);
  const name = Buffer.from(node, 'utf8');
  if (name.length > MAX_NODE) throw new RangeError(`node of ${name.length} octets, at most ${MAX_NODE}`);
  octets.set(MAGIC);
  view.setUint16(HEADER.version, FORMAT_VERSION, true);
  view.setUint16(HEADER.slotOctets, SLOT_OCTETS, true);
  view.setFloat64(HEADER.boot, boot, true);
  view.setFloat64(HEADER.openedAt, openedAt, true);
  octets[HEADER.nodeLength] = name.length;
  octets.set(name, HEADER.node);
  view.setUint32(HEADER.checksum, crc32(octets.subarray(0, HEADER.checksum)), true);
  return octets;
}

/** Undefined where it is torn, or of another version. */
export function decodeHead(octets: Uint8Array): SegmentHead | undefined {
  if (octets.length < HEADER_OCTETS || MAGIC.compare(octets, 0, MAGIC.length) !== 0) return undefined;
  const view = new DataView(octets.buffer, octets.byteOffset);
  const isSound =
    view.getUint32(HEADER.checksum, true) === crc32(octets.subarray(0, HEADER.checksum)) &&
    view.getUint16(HEADER.version, true) === FORMAT_VERSION &&
    view.getUint16(HEADER.slotOctets, true) === SLOT_OCTETS;
  if (!isSound) return undefined;
  const end = HEADER.node + octets[HEADER.nodeLength]!;
  return {
    node: Buffer.from(octets.slice(HEADER.node, end)).toString('utf8'),
    boot: view.getFloat64(HEADER.boot, true),
    openedAt: view.getFloat64(HEADER.openedAt, true),
  };
}

/** Writes the header in front of the rows, which stand there already. */
export function sealBlock(
  octets: Uint8Array,
  view: DataView,
  at: number,
  { thread, rows, octets: size }: BlockHead,
  writtenAt: number,
): void {
  view.setUint32(at + BLOCK.magic, BLOCK_MAGIC, true);
  view.setUint32(at + BLOCK.octets, size, true);
  view.setUint32(at + BLOCK.rows, rows, true);
  view.setUint32(at + BLOCK.thread, thread, true);
  view.setFloat64(at + BLOCK.writtenAt, writtenAt, true);
  view.setUint32(at + 24, 0, true);
  view.setUint32(at + BLOCK.checksum, checksum(octets, at, size), true);
}

/** The block that begins here; undefined where it is torn, cut off, or none. */
export function readBlock(octets: Uint8Array, view: DataView, at: number): BlockHead | undefined {
  if (at + BLOCK_OCTETS > octets.length || view.getUint32(at + BLOCK.magic, true) !== BLOCK_MAGIC)
    return undefined;
  const size = view.getUint32(at + BLOCK.octets, true);
  const isWhole = size > 0 && size % SLOT_OCTETS === 0 && at + BLOCK_OCTETS + size <= octets.length;
  if (!isWhole || view.getUint32(at + BLOCK.checksum, true) !== checksum(octets, at, size)) return undefined;
  return {
    thread: view.getUint16(at + BLOCK.thread, true),
    rows: view.getUint32(at + BLOCK.rows, true),
    octets: size,
  };
}

function checksum(octets: Uint8Array, at: number, size: number): number {
  const head = crc32(octets.subarray(at, at + BLOCK.checksum));
  return crc32(octets.subarray(at + BLOCK_OCTETS, at + BLOCK_OCTETS + size), head);
}
