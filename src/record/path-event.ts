/** Path events: ICMP errors that answer what we sent, as rows (RFC 792, RFC 4443). Anybody can forge one. */

import { writeHead } from './encode.ts';
import { FIELD, FLAGS, KIND } from './layout.ts';
import { type RowSink, SLOT_OCTETS } from './sink.ts';

export interface PathEvent {
  /** Milliseconds since the epoch at which it was read. */
  readonly time: number;
  /** Our address that the datagram left from. */
  readonly local: { readonly octets: Uint8Array };
  readonly family: 4 | 6;
  /** The destination that could not be reached, in its first 4 or 16 octets: the source address of the query. */
  readonly source: Uint8Array;
  readonly sourcePort: number;
  readonly icmpType: number;
  readonly icmpCode: number;
  /** MTU that the error names, octets; 0 for none. */
  readonly icmpMtu: number;
  /** Who sent the error, in its first 4 or 16 octets. */
  readonly offender: Uint8Array;
  /** 0 where the kernel does not say. */
  readonly offenderFamily: 0 | 4 | 6;
  /** First octets of our message as the error quotes them; may be empty. */
  readonly quoted: Uint8Array;
}

const HEADER = 12;
const TAIL = SLOT_OCTETS - FIELD.tail;

/**
 * Reserves room and writes the row; the caller commits.
 * @returns where the row begins in `sink.octets`, -1 where there was no room
 */
export function recordPathEvent(event: PathEvent, sink: RowSink): number {
  const length = questionName(event.quoted);
  const slots = length > TAIL ? 2 : 1;
  const at = sink.reserve(slots);
  if (at < 0) return at;
  const { octets, view } = sink;
  octets.fill(0, at, at + slots * SLOT_OCTETS);
  writeHead(KIND.path, slots, sink.seq, octets, view, at);
  const size = event.family === 4 ? 4 : 16;
  octets[at + FIELD.flags] = event.family === 6 ? FLAGS.ipv6 : 0;
  octets[at + FIELD.ednsVersion] = 255;
  view.setUint16(at + FIELD.srcPort, event.sourcePort, true);
  view.setFloat64(at + FIELD.time, event.time, true);
  octets.set(event.source.subarray(0, size), at + FIELD.src);
  octets.set(event.local.octets.subarray(0, size), at + FIELD.dst);
  view.setInt16(at + FIELD.ede, -1, true);
  octets[at + FIELD.icmpType] = event.icmpType;
  octets[at + FIELD.icmpCode] = event.icmpCode;
  view.setUint16(at + FIELD.icmpMtu, Math.min(event.icmpMtu, 0xffff), true);
  octets[at + FIELD.icmpFromFamily] = event.offenderFamily;
  octets.set(event.offender.subarray(0, event.offenderFamily === 4 ? 4 : 16), at + FIELD.icmpFrom);
  view.setUint32(at + FIELD.count, 1, true);
  writeQuestion(event.quoted, length, octets, view, at);
  return at;
}

function writeQuestion(
  quoted: Uint8Array,
  length: number,
  octets: Uint8Array,
  view: DataView,
  at: number,
): void {
  if (quoted.length >= 2) view.setUint16(at + FIELD.id, (quoted[0]! << 8) | quoted[1]!, true);
  if (length === 0) return;
  const type = HEADER + length;
  octets.set(quoted.subarray(HEADER, type), at + FIELD.tail);
  view.setUint16(at + FIELD.qnameLength, length, true);
  view.setUint16(at + FIELD.qtype, (quoted[type]! << 8) | quoted[type + 1]!, true);
  view.setUint16(at + FIELD.qclass, (quoted[type + 2]! << 8) | quoted[type + 3]!, true);
}

/** Octets of the name in the first question, 0 where the quotation has no whole question. The first name is never compressed. */
function questionName(quoted: Uint8Array): number {
  if (quoted.length < HEADER || (quoted[4] === 0 && quoted[5] === 0)) return 0;
  let at = HEADER;
  while (quoted[at]! > 0 && quoted[at]! < 64) at += quoted[at]! + 1;
  const length = at + 1 - HEADER;
  return quoted[at] === 0 && length <= 255 && at + 5 <= quoted.length ? length : 0;
}
