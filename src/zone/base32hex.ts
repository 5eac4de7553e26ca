/** Base32 with the extended hex alphabet, lower case, no padding: octets that survive in a label of any case (RFC 4648 §7). */

const ALPHABET = '0123456789abcdefghijklmnopqrstuv';

/** Characters that `octets` octets need: the last one carries zero bits at its end. */
export function base32hexLength(octets: number): number {
  return Math.ceil((octets * 8) / 5);
}

export function formatBase32hex(octets: Uint8Array): string {
  let text = '';
  let bits = 0;
  let held = 0;
  for (const octet of octets) {
    held = (held << 8) | octet;
    bits += 8;
    while (bits >= 5) {
      bits -= 5;
      text += ALPHABET[(held >> bits) & 31];
    }
    held &= (1 << bits) - 1;
  }
  return bits > 0 ? text + ALPHABET[(held << (5 - bits)) & 31] : text;
}

/** Exactly `octets` octets; undefined where a character, the length or the spare bits at the end do not fit. */
export function parseBase32hex(text: string, octets: number): Uint8Array | undefined {
  if (text.length !== base32hexLength(octets)) return undefined;
  const parsed = new Uint8Array(octets);
  let at = 0;
  let bits = 0;
  let held = 0;
  for (const character of text) {
    const value = ALPHABET.indexOf(character);
    if (value < 0) return undefined;
    held = (held << 5) | value;
    bits += 5;
    if (bits >= 8) {
      bits -= 8;
      parsed[at++] = held >> bits;
      held &= (1 << bits) - 1;
    }
  }
  return held === 0 ? parsed : undefined;
}
