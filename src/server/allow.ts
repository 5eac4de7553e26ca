/** Whether a source address lies in one of the prefixes that an operator lists. */
import { parseAddress } from '../wire/address.ts';

export interface AllowedPrefix {
  /** Presentation form. */
  readonly address: string;
  /** Bits. */
  readonly length: number;
}

/** @param octets of the source address, 4 or 16 */
export function allows(prefixes: readonly AllowedPrefix[], octets: Uint8Array): boolean {
  return prefixes.some(({ address, length }) => contains(parseAddress(address), length, octets));
}

function contains(prefix: Uint8Array, length: number, octets: Uint8Array): boolean {
  if (prefix.length !== octets.length) return false;
  for (let bit = 0; bit < length; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((prefix[bit >> 3]! & mask) !== (octets[bit >> 3]! & mask)) return false;
  }
  return true;
}
