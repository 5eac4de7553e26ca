/** Memory whose address the kernel is given. */

const LEAST = 128;

/** At least 128 octets, all 0: an array of up to 64 may lie in the garbage-collected heap and move. */
export function stableOctets(length: number): Uint8Array<ArrayBuffer> {
  return new Uint8Array(Math.max(length, LEAST));
}
