/** RSA keys that follow from a seed: the same primes wherever the seed is the same (RFC 8017 §3.1 names the numbers). */
import { checkPrimeSync, createPrivateKey, hkdfSync, type KeyObject } from 'node:crypto';

/** Moduli that a key may have, in bits: multiples of 8 from the least to the most (RFC 5702 §2.1). */
export const MODULUS_BITS = { least: 512, most: 4096 };

const EXPONENT = 65537n;
/** A longer modulus has four primes (RFC 8017 §3.1): they are found several times as fast, and are as far from being found by others. */
const MOST_OF_TWO = 2048;
/** OpenSSL makes at least 64 rounds of Miller and Rabin anyway. */
const ROUNDS = 64;
/** Odd numbers that are tried from one draw on. */
const WINDOW = 8192;
const SMALL_PRIMES = oddPrimesBelow(8192);

/** Bound of the memory for keys, entries. */
const MAX_REMEMBERED = 256;
const remembered = new Map<string, KeyObject>();

/**
 * The private key of a seed. Found once a thread and then remembered, since it takes from 2 ms (512 bits) to about 150 (4096 bits).
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
  const [p, q] = factorPair(seed, bits / 2, bits > MOST_OF_TWO);
  const key = privateKeyOf(p, q);
  if (remembered.size >= MAX_REMEMBERED) remembered.delete(remembered.keys().next().value!);
  remembered.set(name, key);
  return key;
}

/** A factor of the modulus, for which OpenSSL wants no more than that the exponents fit. */
interface Factor {
  readonly value: bigint;
  /** How many numbers below it share no divisor with it. */
  readonly totient: bigint;
}

/** Two factors of `bits` bits whose product has twice as many, the greater one first (it has to be where OpenSSL halves the work). */
function factorPair(seed: Uint8Array, bits: number, areTwoPrimes: boolean): [p: Factor, q: Factor] {
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
  const find = () => (areTwoPrimes ? twoPrimes(draw, bits / 2) : onePrime(draw, bits));
  const first = find();
  let second = find();
  while (second.value === first.value) second = find();
  return first.value > second.value ? [first, second] : [second, first];
}

function onePrime(draw: () => bigint, bits: number): Factor {
  // With its two highest bits set, the product of two has no bit less than it should.
  const value = findPrime(draw, bits, 2);
  return { value, totient: value - 1n };
}

function twoPrimes(draw: () => bigint, bits: number): Factor {
  // Of four it takes three bits.
  const [one, other] = [findPrime(draw, bits, 3), findPrime(draw, bits, 3)];
  return { value: one * other, totient: (one - 1n) * (other - 1n) };
}

/**
 * @param draw a number of `bits` bits or a few more, another each time
 * @param highest so many of the highest bits are set
 */
function findPrime(draw: () => bigint, bits: number, highest: number): bigint {
  const high = ((1n << BigInt(highest)) - 1n) << BigInt(bits - highest);
  for (;;) {
    const start = BigInt.asUintN(bits, draw()) | high | 1n;
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

function privateKeyOf({ value: p, totient: ofP }: Factor, { value: q, totient: ofQ }: Factor): KeyObject {
  const n = p * q;
  const d = inverse(EXPONENT, ofP * ofQ);
  const numbers = { n, e: EXPONENT, d, p, q, dp: d % ofP, dq: d % ofQ, qi: inverse(q, p) };
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
