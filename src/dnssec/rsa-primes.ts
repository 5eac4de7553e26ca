/** RSA keys that follow from a seed: the same primes wherever the seed is the same (RFC 8017 §3.1 names the numbers). */
import { checkPrimeSync, createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';

/** Moduli that a key may have, in bits: multiples of 8 from the least to the most (RFC 5702 §2.1). */
export const MODULUS_BITS = { least: 512, most: 4096 };

const EXPONENT = 65537n;
/** OpenSSL makes at least 64 rounds of Miller and Rabin anyway. */
const ROUNDS = 64;
/** Odd numbers that are tried from one draw on. */
const WINDOW = 8192;
const SMALL_PRIMES = oddPrimesBelow(8192);

/** Bound of the memory for keys, entries. */
const MAX_REMEMBERED = 256;
const remembered = new Map<string, KeyObject>();

/**
 * The private key of a seed. Found once a thread and then remembered, since it takes from 2 ms (512 bits) to a second (4096 bits).
 *
 * @param seed 32 octets that nobody can guess
 * @param bits length of the modulus, exactly
 * @throws {RangeError} for a length that MODULUS_BITS does not allow
 */
export function rsaKey(seed: Uint8Array, bits: number): KeyObject {
  const { least, most } = MODULUS_BITS;
  if (bits % 8 !== 0 || bits < least || bits > most)
    throw new RangeError(`RSA modulus of ${bits} bits, want a multiple of 8 from ${least} to ${most}`);
  const name = `${bits} ${Buffer.from(seed).toString('hex')}`;
  const kept = remembered.get(name);
  if (kept) return kept;
  const [p, q] = primePair(seed, bits / 2);
  const key = privateKeyOf(p, q);
  if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
  remembered.set(name, key);
  return key;
}

/** Two primes of `bits` bits whose product has twice as many, the greater one first (it has to be where OpenSSL halves the work). */
function primePair(seed: Uint8Array, bits: number): [p: bigint, q: bigint] {
  let draws = 0;
  const draw = () => {
    const octets = hkdfSync(
      'sha512',
      seed,
      new Uint8Array(0),
      `padzone prime ${draws++}`,
      Math.ceil(bits / 8),
    );
    return BigInt(`0x${Buffer.from(octets).toString('hex')}`);
  };
  const first = findPrime(draw, bits);
  let second = findPrime(draw, bits);
  while (second === first) second = findPrime(draw, bits);
  return first > second ? [first, second] : [second, first];
}

/** @param draw a number of `bits` bits or a few more, another each time */
function findPrime(draw: () => bigint, bits: number): bigint {
  for (;;) {
    // With its two highest bits set, the product of two has no bit less than it should.
    const start = BigInt.asUintN(bits, draw()) | (3n << BigInt(bits - 2)) | 1n;
    for (const step of unsieved(start)) {
      const candidate = start + BigInt(2 * step);
      if (candidate >> BigInt(bits) !== 0n) break;
      if (candidate % EXPONENT !== 1n && checkPrimeSync(candidate, { checks: ROUNDS })) return candidate;
    }
  }
}

/** Steps of 2 from `start`, odd, to numbers that no small prime divides. */
function* unsieved(start: bigint): Generator<number> {
  const isDivided = new Uint8Array(WINDOW);
  for (const prime of SMALL_PRIMES) {
    const rest = Number(start % BigInt(prime));
    // start + 2·step is divided where step is -rest / 2.
    const missing = rest === 0 ? 0 : prime - rest;
    for (let step = missing % 2 === 0 ? missing / 2 : (missing + prime) / 2; step < WINDOW; step += prime)
      isDivided[step] = 1;
  }
  for (let step = 0; step < WINDOW; step++) if (isDivided[step] === 0) yield step;
}

function privateKeyOf(p: bigint, q: bigint): KeyObject {
  const n = p * q;
  const d = inverse(EXPONENT, (p - 1n) * (q - 1n));
  const numbers = { n, e: EXPONENT, d, p, q, dp: d % (p - 1n), dq: d % (q - 1n), qi: inverse(q, p) };
  const members = Object.entries(numbers).map(([member, value]) => [member, base64url(value)]);
  return createPrivateKey({ key: { kty: 'RSA', ...Object.fromEntries(members) }, format: 'jwk' });
}

/** The x with `value` · x ≡ 1 (mod `modulus`), by Euclid's extended algorithm; the two share no divisor. */
function inverse(value: bigint, modulus: bigint): bigint {
  let [rest, next] = [modulus, value % modulus];
  let [factor, nextFactor] = [0n, 1n];
  while (next !== 0n) {
    const times = rest / next;
    [rest, next] = [next, rest - times * next];
    [factor, nextFactor] = [nextFactor, factor - times * nextFactor];
  }
  return ((factor % modulus) + modulus) % modulus;
}

function base64url(value: bigint): string {
  const text = value.toString(16);
  return Buffer.from(text.padStart(text.length + (text.length % 2), '0'), 'hex').toString('base64url');
}

function oddPrimesBelow(end: number): number[] {
  const primes: number[] = [];
  for (let number = 3; number < end; number += 2)
    if (primes.every((prime) => number % prime !== 0)) primes.push(number);
  return primes;
}
