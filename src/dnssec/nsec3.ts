/** Hashed owner names, and the NSEC3 chain of a small zone (RFC 5155 §5, §7.1). */
import { hash as digest } from 'node:crypto';
import { lower, type Name } from '../wire/name.ts';
import type { Nsec3Parameters } from '../wire/rdata/nsec3.ts';

/** SHA-1, the only hash algorithm there is (RFC 5155 §11). */
export const NSEC3_SHA1 = 1;
const DIGEST_OCTETS = 20;
/** What one round takes, about. */
const ROUND_MICROSECONDS = 1;

type Hashing = Pick<Nsec3Parameters, 'iterations' | 'salt'>;

/** The hash of a name in any case: 20 octets. */
export function hashName(name: Name, { iterations, salt }: Hashing): Uint8Array {
  const salted = Buffer.concat([new Uint8Array(DIGEST_OCTETS), salt]);
  salted.set(digest('sha1', Buffer.concat([lower(name), salt]), 'buffer'));
  for (let round = 0; round < iterations; round++) salted.set(digest('sha1', salted, 'buffer'));
  return Uint8Array.from(salted.subarray(0, DIGEST_OCTETS));
}

/** Microseconds that `hashName` takes, about. */
export function hashCost({ iterations }: Pick<Nsec3Parameters, 'iterations'>): number {
  return (1 + iterations) * ROUND_MICROSECONDS;
}

/** Whether `hash` lies behind `owner` and in front of `next`; the last span of a chain goes round (RFC 5155 §8.3). */
export function coversHash(owner: Uint8Array, next: Uint8Array, hash: Uint8Array): boolean {
  const isBehind = Buffer.compare(owner, hash) < 0;
  const isInFront = Buffer.compare(hash, next) < 0;
  return Buffer.compare(owner, next) < 0 ? isBehind && isInFront : isBehind || isInFront;
}
