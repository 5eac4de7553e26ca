/** ECDSA signatures from OpenSSL's DER, SEQUENCE { r INTEGER, s INTEGER }, to r | s of fixed length (RFC 3279 §2.2.3, X.690 §8.3). */

const SEQUENCE = 0x30;
const INTEGER = 0x02;
/** Lengths from here on take several octets; no curve up to 384 bits has them. */
const LONG = 0x80;

/**
 * Writes r | s, each in `octets` octets, at `at`; allocates nothing.
 * @param length octets of `der` that are the signature
 * @returns false where it is no such signature; `out` then holds anything
 * @throws {RangeError} where `out` has no room
 */
export function writeFixed(
  der: Uint8Array,
  length: number,
  octets: number,
  out: Uint8Array,
  at: number,
): boolean {
  if (at + 2 * octets > out.length)
    throw new RangeError(`signature of ${2 * octets} octets at ${at} of ${out.length}`);
  if (length < 2 || length > der.length || der[0] !== SEQUENCE) return false;
  if (der[1]! >= LONG || der[1] !== length - 2) return false;
  const second = writeInteger(der, 2, length, octets, out, at);
  return second > 0 && writeInteger(der, second, length, octets, out, at + octets) === length;
}

/** One INTEGER, right-aligned. Returns where it ends, 0 where there is none or it is negative or too large. */
function writeInteger(
  der: Uint8Array,
  start: number,
  limit: number,
  octets: number,
  out: Uint8Array,
  at: number,
): number {
  if (start + 2 >= limit || der[start] !== INTEGER) return 0;
  let from = start + 2;
  const end = from + der[start + 1]!;
  if (der[start + 1]! >= LONG || end === from || end > limit || der[from]! >= 0x80) return 0;
  // A leading 0 keeps a number with the highest bit set positive.
  while (from < end && der[from] === 0) from++;
  if (end - from > octets) return 0;
  const first = at + octets - (end - from);
  out.fill(0, at, first);
  for (let to = first; from < end; to++, from++) out[to] = der[from]!;
  return end;
}
