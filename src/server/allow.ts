/** Whether a source address lies in one of the prefixes that an operator lists. */
import { parseAddress } from '../wire/address.ts';

export interface AllowedPrefix {
  /** Presentation form. */
  readonly address: string;
  /** Bits. */
  readonly length: number;
}

/** @returns whether the address in the first `length` octets, 4 or 16, is allowed */
export function makeAllow(
  prefixes: readonly AllowedPrefix[],
): (octets: Uint8Array, length: number) => boolean {
  const known = prefixes.map(({ address, length }) => ({ octets: parseAddress(address), bits: length }));
  if (known.length === 0) return () => false;
  return (octets, length) =>
    known.some((prefix) => prefix.octets.length === length && contains(prefix.octets, prefix.bits, octets));
}

function contains(prefix: Uint8Array, bits: number, octets: Uint8Array): boolean {
  for (let bit = 0; bit < bits; bit++) {
    const mask = 0x80 >> (bit & 7);
    if ((prefix[bit >> 3]! & mask) !== (octets[bit >> 3]! & mask)) return false;
  }
  return true;
}
