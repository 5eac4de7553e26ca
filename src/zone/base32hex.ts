/** Base32 with the extended hex alphabet, lower case, no padding: octets that survive in a label of any case (RFC 4648 §7). */
import { latin1 } from '../wire/name.ts';

const ALPHABET = latin1('0123456789abcdefghijklmnopqrstuv');
const WRONG = 0xff;
/** Value of each character, WRONG for those that are none. */
const VALUES = new Uint8Array(256).fill(WRONG);
for (const [value, character] of ALPHABET.entries()) {
  VALUES[character] = value;
  VALUES[String.fromCharCode(character).toUpperCase().charCodeAt(0)] = value;
}
const LOWER_CASE = /^[0-9a-v]*$/;

/** Characters that `octets` octets need: the last one carries zero bits at its end. */
export function base32hexLength(octets: number): number {
  return Math.ceil((octets * 8) / 5);
}

export function formatBase32hex(octets: Uint8Array): string {
  const text = new Uint8Array(base32hexLength(octets.length));
  formatBase32hexInto(octets, octets.length, text, 0);
  return Buffer.from(text.buffer).toString('latin1');
}

/** Writes the first `count` octets as base32hexLength(count) characters from `at`; allocates nothing. */
export function formatBase32hexInto(octets: Uint8Array, count: number, out: Uint8Array, at: number): void {
  let bits = 0;
  let held = 0;
  let to = at;
  for (let from = 0; from < count; from++) {
    held = ((held & 0xf) << 8) | octets[from]!;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      out[to++] = ALPHABET[(held >> bits) & 31]!;
    }
  }
  if (bits > 0) out[to] = ALPHABET[(held << (5 - bits)) & 31]!;
}

/** Exactly `octets` octets; undefined where a character, the length or the spare bits at the end do not fit. */
export function parseBase32hex(text: string, octets: number): Uint8Array | undefined {
  if (text.length !== base32hexLength(octets) || !LOWER_CASE.test(text)) return undefined;
  const parsed = new Uint8Array(octets);
  return parseBase32hexInto(latin1(text), 0, octets, parsed) ? parsed : undefined;
}

/**
 * Reads `count` octets from the base32hexLength(count) characters at `at`, of any case, into the front of `out`; allocates nothing.
 * @returns false where a character or the spare bits at the end do not fit; `out` then holds anything
 */
export function parseBase32hexInto(
  characters: Uint8Array,
  at: number,
  count: number,
  out: Uint8Array,
): boolean {
  const end = at + base32hexLength(count);
  if (end > characters.length) return false;
  let bits = 0;
  let held = 0;
  let seen = 0;
  let to = 0;
  for (let from = at; from < end; from++) {
    const value = VALUES[characters[from]!]!;
    seen |= value;
    held = ((held & 0x7f) << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      out[to++] = held >> bits;
    }
  }
  return seen < 32 && (held & ((1 << bits) - 1)) === 0;
}
