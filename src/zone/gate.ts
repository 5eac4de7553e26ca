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
import { copyOctets, read16, read24, read32, read40, write16, write24, write32, write40 } from './fields.ts';
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
const RUN_OCTETS = 6;
const FIRST_PREFIX = 18;
const TICK_MS = 10;
const TWO_32 = 2 ** 32;

/** A gate that is filled anew for each message. */
export interface MutableGate {
  behavior: number;
  n: number;
  state: number;
  /** 6 octets. */
  readonly run: Uint8Array;
  issuedAt: number;
  /** MAX_PREFIXES places, of which the first `prefixCount` are in use, oldest first. */
  readonly prefixes: Int32Array;
  prefixCount: number;
}

export function makeMutableGate(): MutableGate {
  return {
    behavior: 0,
    n: 0,
    state: 0,
    run: new Uint8Array(RUN_OCTETS),
    issuedAt: 0,
    prefixes: new Int32Array(MAX_PREFIXES),
    prefixCount: 0,
  };
}

/** Writes the 30 octets of content of a gate; allocates nothing. */
export function writeGate(content: Uint8Array, gate: MutableGate): void {
  content[0] = (VERSION << 4) | gate.behavior;
  write16(content, 1, gate.n);
  write40(content, 3, gate.state);
  copyOctets(gate.run, 0, RUN_OCTETS, content, 8);
  write32(content, 14, Math.floor(gate.issuedAt / TICK_MS));
  for (let index = 0; index < MAX_PREFIXES; index++)
    write24(content, FIRST_PREFIX + index * 3, index < gate.prefixCount ? gate.prefixes[index]! : 0);
}

/**
 * Reads the content of an opened token into `gate`; allocates nothing.
 * @param now milliseconds since the epoch: completes the time of issue
 * @returns false where it is of another version
 */
export function readGateInto(content: Uint8Array, now: number, gate: MutableGate): boolean {
  if (content[0]! >> 4 !== VERSION) return false;
  const ticks = Math.floor(now / TICK_MS);
  const age = ((ticks % TWO_32) - read32(content, 14)) | 0;
  gate.behavior = content[0]! & 0xf;
  gate.n = read16(content, 1);
  gate.state = read40(content, 3);
  copyOctets(content, 8, RUN_OCTETS, gate.run, 0);
  gate.issuedAt = (ticks - age) * TICK_MS;
  gate.prefixCount = 0;
  for (let index = 0; index < MAX_PREFIXES; index++) {
    const tag = read24(content, FIRST_PREFIX + index * 3);
    if (tag !== 0) gate.prefixes[gate.prefixCount++] = tag;
  }
  return true;
}

/** Label of a gate in the zone `apex`, 62 characters. */
export function formatGate(gate: Gate, apex: Name, mac: Mac): string {
  const content = new Uint8Array(TOKEN_CONTENT);
  const prefixes = gate.prefixes.slice(0, MAX_PREFIXES);
  writeGate(content, {
    ...gate,
    run: Buffer.from(gate.run, 'hex'),
    prefixes: Int32Array.from(prefixes),
    prefixCount: prefixes.length,
  });
  return GATE_LETTER + sealToken(content, apex, mac);
}

/**
 * Reads a gate label (lower case); undefined where it is none of ours in this zone.
 * @param now milliseconds since the epoch: completes the time of issue
 */
export function parseGate(label: string, apex: Name, mac: Mac, now: number): Gate | undefined {
  const content = label.startsWith(GATE_LETTER) ? openToken(label.slice(1), apex, mac) : undefined;
  const gate = makeMutableGate();
  if (!content || !readGateInto(content, now, gate)) return undefined;
  const { prefixCount, ...rest } = gate;
  return {
    ...rest,
    run: Buffer.from(gate.run).toString('hex'),
    prefixes: [...gate.prefixes.subarray(0, prefixCount)],
  };
}
