/** Keys that follow from the secret of the set (HKDF, RFC 5869): every node has them, none has stored them. */
import { hkdfSync, type KeyObject } from 'node:crypto';
import { findAlgorithm } from './algorithm.ts';
import { keyTag, parseZoneName, revokedKeyTag, type SigningKey, type ZoneKey, zoneKey } from './key.ts';
import { ROOT_KEY_TAGS } from './key-store.ts';
import { rsaKey } from './rsa-primes.ts';
import { makeSignIntoLater } from './sign-later.ts';

export interface DerivedChoice {
  /** Lower case, final dot. */
  readonly zone: string;
  readonly algorithm: 8 | 13 | 14 | 15 | 16;
  readonly flags: 256 | 257;
  /** Which of the keys of the zone: another purpose, another key. No spaces. */
  readonly purpose: string;
  /** Length of an RSA modulus, a multiple of 8 from 512 to 4096; 2048 if absent. */
  readonly bits?: number;
}

const RSA = 8;
const USUAL_BITS = 2048;
/** The REVOKE bit adds this to the key tags of the root's KSKs (RFC 5011 §2.1). */
const REVOKED = 128;
const REVOKED_FLAGS = 385;

/** Tags that stand for the root: sentinel and signal tests must not meet them in our zones, nor their revoked forms. */
const NEVER: ReadonlySet<number> = new Set(ROOT_KEY_TAGS.flatMap((tag) => [tag, tag + REVOKED]));

/**
 * The key of a choice; neither its tag nor the one it has once revoked is the root's.
 *
 * An RSA key is shared by all zones that name its purpose and length, because finding primes takes tens of ms.
 *
 * @param secret at least 16 octets, shared by every node of the set
 * @throws {RangeError} for an algorithm, zone name, purpose or modulus that is not allowed
 */
export function deriveKey(secret: Uint8Array, choice: DerivedChoice): ZoneKey {
  return deriveApart(secret, choice, NEVER);
}

/**
 * The keys of a zone, in the order of `choices`: as `deriveKey` gives them, but with tags (also once revoked) that all differ.
 * So a key may depend on the choices before it: wherever the set is wanted, list it whole and in one order.
 */
export function deriveKeys(secret: Uint8Array, choices: readonly DerivedChoice[]): ZoneKey[] {
  const taken = new Set(NEVER);
  return choices.map((choice) => {
    const key = deriveApart(secret, choice, taken);
    for (const tag of tagsOf(key.rdata)) taken.add(tag);
    return key;
  });
}

/** The same key with the REVOKE bit (RFC 5011 §2.1): other RDATA and tag, same signatures. */
export function revoked(key: ZoneKey): SigningKey {
  const rdata = Uint8Array.from(key.rdata);
  rdata[0] = REVOKED_FLAGS >> 8;
  rdata[1] = REVOKED_FLAGS & 0xff;
  return { ...key, flags: REVOKED_FLAGS, isKsk: true, rdata, keyTag: keyTag(rdata) };
}

/** The first key of a choice, counting on, none of whose tags is taken. */
function deriveApart(secret: Uint8Array, choice: DerivedChoice, taken: ReadonlySet<number>): ZoneKey {
  for (let counter = 0; ; counter++) {
    const key = keyOf(choice, derivePrivateKey(secret, choice, counter));
    if (!tagsOf(key.rdata).some((tag) => taken.has(tag))) return key;
  }
}

/** RSA keys as they were first made, for whatever zone; they go with what rsaKey remembers. */
const shared = new WeakMap<KeyObject, ZoneKey>();

function keyOf(choice: DerivedChoice, privateKey: KeyObject): ZoneKey {
  if (choice.algorithm !== RSA) return make(choice, privateKey);
  const kept = shared.get(privateKey) ?? make({ ...choice, zone: '.' }, privateKey);
  shared.set(privateKey, kept);
  return { ...kept, zone: choice.zone };
}

/** Proves nothing: OpenSSL has proven itself on the keys that were loaded, and a proof would cost more than the key. */
function make(choice: DerivedChoice, privateKey: KeyObject): ZoneKey {
  return zoneKey(choice, privateKey, true, makeSignIntoLater);
}

function derivePrivateKey(secret: Uint8Array, choice: DerivedChoice, counter: number): KeyObject {
  const { zone, algorithm, flags, purpose, bits = USUAL_BITS } = choice;
  if (parseZoneName(zone) !== zone) throw new RangeError(`zone "${zone}", want lower case with a final dot`);
  if (!/^[!-~]+$/.test(purpose))
    throw new RangeError(`purpose "${purpose}", want visible ASCII without spaces`);
  // An RSA key belongs to no one zone.
  const info =
    algorithm === RSA
      ? ['*', 'rsa', flags, purpose, bits, counter]
      : [zone, algorithm, flags, purpose, 0, counter];
  return privateKeyOf(secret, `padzone key ${info.join(' ')}`, algorithm, bits);
}

/**
 * The private key of an algorithm that `info` names.
 * @param algorithm one of the table of algorithms
 * @param bits of an RSA modulus
 * @throws {RangeError} for another algorithm, or a modulus that is not allowed
 */
export function privateKeyOf(secret: Uint8Array, info: string, algorithm: number, bits: number): KeyObject {
  const octets = (count: number) => expand(secret, info, count);
  if (algorithm === RSA) return rsaKey(octets(32), bits);
  const order = ORDERS[algorithm];
  const seedOctets = SEED_OCTETS[algorithm];
  if (order === undefined && seedOctets === undefined)
    throw new RangeError(`algorithm ${algorithm}, want one of 8, 13, 14, 15, 16`);
  const PrivateKey = order === undefined ? octets(seedOctets!) : scalar(octets, order);
  return findAlgorithm(algorithm)!.importFields({ PrivateKey });
}

/** Of the group of P-256 and of P-384 (FIPS 186-4 D.1.2). */
const ORDERS: Readonly<Record<number, bigint>> = {
  13: 0xffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551n,
  14: 0xffffffffffffffffffffffffffffffffffffffffffffffffc7634d81f4372ddf581a0db248b0a77aecec196accc52973n,
};

/** Of the secret keys of Ed25519 and Ed448 (RFC 8032). */
const SEED_OCTETS: Readonly<Record<number, number>> = { 15: 32, 16: 57 };

/** 1 to order - 1, from so many octets that the remainder is even over all of them but for 2^-128 (FIPS 186-4 B.4.1). */
function scalar(octets: (count: number) => Uint8Array, order: bigint): Uint8Array {
  const length = order.toString(16).length / 2;
  const drawn = BigInt(`0x${Buffer.from(octets(length + 16)).toString('hex')}`);
  const value = (drawn % (order - 1n)) + 1n;
  return Uint8Array.from(Buffer.from(value.toString(16).padStart(2 * length, '0'), 'hex'));
}

/** HKDF-SHA256 of the secret. */
export function expand(secret: Uint8Array, info: string, octets: number): Uint8Array {
  return new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), info, octets));
}

function tagsOf(rdata: Uint8Array): number[] {
  return [keyTag(rdata), revokedKeyTag(rdata)];
}
