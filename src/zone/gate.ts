/**
 * The gate: a name that only the receiver of a small answer knows, and that lets the large one out (DESIGN: receipts and gates).
 *
 *     g + token, content:
 *      0      version 4 bits, behavior 4 bits
 *      1..2   n: the behavior's number (octets asked for, say)
 *      3..7   state: 40 bits that options or the behavior hold
 *      8..13  run
 *     14..17  time of issue, hundredths of a second modulo 2^32
 *     18..29  four 24-bit tags of source prefixes (/24, /48); 0 is none
 */
import type { Name } from '../wire/name.ts';
import type { Mac } from './mac.ts';
import { openToken, sealToken, TOKEN_CONTENT } from './token.ts';

export interface Gate {
  /** Code of the behavior in its table, 0..15. */
  readonly behavior: number;
  /** 0..65535. */
  readonly n: number;
  /** 0..2^40 - 1. */
  readonly state: number;
  /** 12 hex digits. */
  readonly run: string;
  /** Milliseconds since the epoch; kept to 10 ms. */
  readonly issuedAt: number;
  /** 24-bit tags of the prefixes that may pass, oldest first, at most 4. */
  readonly prefixes: readonly number[];
}

export const GATE_LETTER = 'g';
export const MAX_PREFIXES = 4;
const VERSION = 1;
const TICK_MS = 10;
const TWO_32 = 2 ** 32;

/** Label of a gate in the zone `apex`, 62 characters. */
export function formatGate(gate: Gate, apex: Name, mac: Mac): string {
  const content = new Uint8Array(TOKEN_CONTENT);
  const view = new DataView(content.buffer);
  content[0] = (VERSION << 4) | gate.behavior;
  view.setUint16(1, gate.n);
  view.setUint8(3, Math.floor(gate.state / TWO_32));
  view.setUint32(4, gate.state % TWO_32);
  content.set(Buffer.from(gate.run, 'hex'), 8);
  view.setUint32(14, Math.floor(gate.issuedAt / TICK_MS) % TWO_32);
  for (const [index, tag] of gate.prefixes.slice(0, MAX_PREFIXES).entries()) {
    view.setUint8(18 + index * 3, tag >>> 16);
    view.setUint16(19 + index * 3, tag & 0xffff);
  }
  return GATE_LETTER + sealToken(content, apex, mac);
}

/**
 * Reads a gate label (lower case); undefined where it is none of ours in this zone.
 * @param now milliseconds since the epoch: completes the time of issue
 */
export function parseGate(label: string, apex: Name, mac: Mac, now: number): Gate | undefined {
  const content = label.startsWith(GATE_LETTER) ? openToken(label.slice(1), apex, mac) : undefined;
  if (!content || content[0]! >> 4 !== VERSION) return undefined;
  const view = new DataView(content.buffer, content.byteOffset);
  const ticks = Math.floor(now / TICK_MS);
  const age = ((ticks % TWO_32) - view.getUint32(14)) | 0;
  const prefixes = [18, 21, 24, 27].map((at) => view.getUint8(at) * 0x1_0000 + view.getUint16(at + 1));
  return {
    behavior: content[0]! & 0xf,
    n: view.getUint16(1),
    state: view.getUint8(3) * TWO_32 + view.getUint32(4),
    run: Buffer.from(content.subarray(8, 14)).toString('hex'),
    issuedAt: (ticks - age) * TICK_MS,
    prefixes: prefixes.filter((tag) => tag !== 0),
  };
}
