/** Numbers of 16 to 40 bits in octets, high octet first, read and written in place: the contents of tokens (RFC 1035 §2.3.2). */

const TWO_32 = 2 ** 32;

export function read16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}

export function read24(octets: Uint8Array, at: number): number {
  return (octets[at]! << 16) | read16(octets, at + 1);
}

export function read32(octets: Uint8Array, at: number): number {
  return ((read16(octets, at) << 16) | read16(octets, at + 2)) >>> 0;
}

export function read40(octets: Uint8Array, at: number): number {
  return octets[at]! * TWO_32 + read32(octets, at + 1);
}

/** The low 16 bits of a whole number. */
export function write16(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 8;
  octets[at + 1] = value;
}

export function write24(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 16;
  write16(octets, at + 1, value);
}

export function write32(octets: Uint8Array, at: number, value: number): void {
  write16(octets, at, value >>> 16);
  write16(octets, at + 2, value);
}

/** The low 40 bits of a whole number that is not negative. */
export function write40(octets: Uint8Array, at: number, value: number): void {
  octets[at] = Math.floor(value / TWO_32);
  write32(octets, at + 1, value);
}

export function copyOctets(from: Uint8Array, start: number, count: number, to: Uint8Array, at: number): void {
  for (let index = 0; index < count; index++) to[at + index] = from[start + index]!;
}
