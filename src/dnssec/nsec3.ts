/** Hashed owner names, and the NSEC3 chain of a small zone (RFC 5155 §5, §7.1). */
import { createHash } from 'node:crypto';
import { lower, type Name } from '../wire/name.ts';
import type { Nsec3Parameters } from '../wire/rdata/nsec3.ts';

/** SHA-1, the only hash algorithm there is (RFC 5155 §11). */
export const NSEC3_SHA1 = 1;

/** The hash of a name in any case: 20 octets. */
export function hashName(
  name: Name,
  { iterations, salt }: Pick<Nsec3Parameters, 'iterations' | 'salt'>,
): Uint8Array {
  const once = (octets: Uint8Array) => createHash('sha1').update(octets).update(salt).digest();
  let hash = once(lower(name));
  for (let round = 0; round < iterations; round++) hash = once(hash);
  return Uint8Array.from(hash);
}

/** Whether `hash` lies behind `owner` and in front of `next`; the last span of a chain goes round (RFC 5155 §8.3). */
export function coversHash(owner: Uint8Array, next: Uint8Array, hash: Uint8Array): boolean {
  const isBehind = Buffer.compare(owner, hash) < 0;
  const isInFront = Buffer.compare(hash, next) < 0;
  return Buffer.compare(owner, next) < 0 ? isBehind && isInFront : isBehind || isInFront;
}
