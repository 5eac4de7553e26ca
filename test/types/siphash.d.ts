/** siphash 1.2 ships no types: SipHash-2-4 over octets. */
declare module 'siphash' {
  /** @param key four 32-bit words, little-endian halves of the 16-octet key */
  export function hash(key: Uint32Array, message: Uint8Array): { h: number; l: number };
  const siphash: { hash: typeof hash };
  export default siphash;
}
