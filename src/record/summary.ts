/** Rows of the recorder itself: how many queries of a flood were only counted, and how many rows were lost. */
import { writeHead } from './encode.ts';
import { FIELD, FLAGS, KIND, LOSSES } from './layout.ts';
import type { LossReason } from './row.ts';
import { SLOT_OCTETS } from './sink.ts';

/** What a flood row takes over from the first query that was only counted. */
const KEPT = [FIELD.rcode, FIELD.rcode + 1, FIELD.step, FIELD.proof, FIELD.action, FIELD.excluded];

/** Octets of the address that are its network, /24 and /48. */
export function networkOctets(flags: number): number {
  return flags & FLAGS.ipv6 ? 6 : 3;
}

/**
 * One slot: so many queries of one network, within the second that begins at `time`.
 * @param first the fixed fields of the first of them
 */
export function encodeFlood(first: Uint8Array, count: number, time: number, seq: number): Uint8Array {
  const octets = emptyRow(KIND.flood, count, time, seq);
  octets[FIELD.flags] = first[FIELD.flags]! & (FLAGS.ipv6 | FLAGS.tcp | FLAGS.tls);
  octets.set(first.subarray(FIELD.src, FIELD.src + networkOctets(first[FIELD.flags]!)), FIELD.src);
  octets.set(first.subarray(FIELD.dst, FIELD.dst + 16), FIELD.dst);
  for (const field of KEPT) octets[field] = first[field]!;
  return octets;
}

/** One slot: so many rows were lost for this reason since the last one that says so. */
export function encodeLost(reason: LossReason, count: number, time: number, seq: number): Uint8Array {
  const octets = emptyRow(KIND.lost, count, time, seq);
  octets[FIELD.reason] = LOSSES.indexOf(reason);
  return octets;
}

function emptyRow(kind: number, count: number, time: number, seq: number): Uint8Array {
  const octets = new Uint8Array(SLOT_OCTETS);
  const view = new DataView(octets.buffer);
  writeHead(kind, 1, seq, octets, view, 0);
  octets[FIELD.ednsVersion] = 255;
  view.setInt16(FIELD.ede, -1, true);
  view.setFloat64(FIELD.time, time, true);
  view.setUint32(FIELD.count, Math.min(count, 0xffff_ffff), true);
  return octets;
}
