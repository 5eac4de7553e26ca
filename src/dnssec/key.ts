/** A zone's signing key: its DNSKEY RDATA, key tag and signature (RFC 4034 §2 and Appendix B). */
import type { KeyObject } from 'node:crypto';
import { ALGORITHM_NUMBERS, findAlgorithm, type SigningAlgorithm } from './algorithm.ts';
import { makeSignInto, type SignInto } from './sign-into.ts';

/** Zone Key, Zone Key with the SEP bit (RFC 4034 §2.1.1), and that one revoked (RFC 5011 §7). */
export type KeyFlags = 256 | 257 | 385;

const ZONE_KEY = 0x0100;
const REVOKE = 0x0080;
const PROTOCOL = 3;

/** What signing needs of a key. */
export interface SigningKey {
  /** Lower case, final dot. */
  readonly zone: string;
  readonly algorithm: number;
  /** KeyFlags, but for keys of zones that are broken on purpose. */
  readonly flags: number;
  /** The SEP bit is set: a KSK, or a CSK where the zone has no other key of the algorithm. */
  readonly isKsk: boolean;
  /** The Public Key field of the DNSKEY RDATA. */
  readonly publicKey: Uint8Array;
  /** The whole DNSKEY RDATA. */
  readonly rdata: Uint8Array;
  readonly keyTag: number;
  readonly signatureOctets: number;
  /** Typical time of one signature. */
  readonly costMicroseconds: number;
  /** The Signature field of an RRSIG over `data`; randomized under ECDSA. */
  sign(data: Uint8Array): Uint8Array;
  /** As `sign`, in place: `signatureOctets` octets at `at`. */
  readonly signInto: SignInto;
}

export interface ZoneKey extends SigningKey {
  readonly flags: KeyFlags;
  readonly protocol: 3;
  readonly privateKey: KeyObject;
}

export interface KeyChoice {
  readonly zone: string;
  readonly algorithm: number;
  readonly flags: KeyFlags;
}

/**
 * A new random key.
 * @throws {RangeError} for an algorithm or zone name that `zoneKey` refuses
 */
export function generateKey(choice: KeyChoice): ZoneKey {
  return zoneKey(choice, knownAlgorithm(choice.algorithm).generate());
}

/**
 * The key that `privateKey` makes for a zone, once it has proven that it signs.
 *
 * A fixed message is signed and verified and, where there is a second implementation, signed by
 * both, so that a broken crypto build or a damaged key is found at start and not in a resolver.
 *
 * @param isProven true where another thread of this process has proven the very key, or keys of its algorithm have been and it is derived
 * @param makeSign how it signs in place
 * @throws {RangeError} for an unknown algorithm, or a zone that is no lower-case name with final dot
 * @throws {Error} when the proof fails
 */
export function zoneKey(
  { zone, algorithm, flags }: KeyChoice,
  privateKey: KeyObject,
  isProven = false,
  makeSign: typeof makeSignInto = makeSignInto,
): ZoneKey {
  const row = knownAlgorithm(algorithm);
  if (parseZoneName(zone) !== zone) throw new RangeError(`zone "${zone}", want lower case with a final dot`);
  const publicKey = row.publicOctets(privateKey);
  if (!isProven) prove(row, privateKey, publicKey);
  const signInto = makeSign(row, privateKey, publicKey);
  const signatureOctets = row.signatureOctets(publicKey);
  const rdata = Uint8Array.from([flags >> 8, flags & 0xff, PROTOCOL, algorithm, ...publicKey]);
  return {
    zone,
    algorithm,
    flags,
    isKsk: flags !== 256,
    protocol: PROTOCOL,
    publicKey,
    rdata,
    keyTag: keyTag(rdata),
    signatureOctets,
    costMicroseconds: row.costMicroseconds(publicKey),
    privateKey,
    sign(data) {
      const signature = new Uint8Array(signatureOctets);
      signInto(data, 0, data.length, signature, 0);
      return signature;
    },
    signInto,
  };
}

/** The key tag of a DNSKEY RDATA (RFC 4034 Appendix B). Algorithm 1 would differ (B.1); nothing here signs with it. */
export function keyTag(rdata: Uint8Array): number {
  let sum = 0;
  for (const [at, octet] of rdata.entries()) sum += at % 2 === 0 ? octet << 8 : octet;
  return (sum + (sum >>> 16)) & 0xffff;
}

/** The key tag once the REVOKE bit is set (RFC 5011 §2.1): 128 more, or 129 where the sum carries. */
export function revokedKeyTag(rdata: Uint8Array): number {
  const revoked = Uint8Array.from(rdata);
  revoked[1]! |= REVOKE;
  return keyTag(revoked);
}

/**
 * Whether `signature` over `data` was made by the key in `rdata`.
 * False also for a key that may sign nothing (RFC 4034 §2.1.1, §2.1.2), an algorithm that we do not have, malformed octets.
 */
export function verify(rdata: Uint8Array, data: Uint8Array, signature: Uint8Array): boolean {
  const [high = 0, low = 0, protocol, algorithm = 0] = rdata;
  if (((high * 256 + low) & ZONE_KEY) === 0 || protocol !== PROTOCOL) return false;
  return findAlgorithm(algorithm)?.verify(rdata.subarray(4), data, signature) ?? false;
}

const LABELS = /^(?:[a-z0-9_-]{1,63}\.)+$/;

/** What `parseZoneName` takes, for messages. */
export const ZONE_NAME_RULE = 'labels of letters, digits, "-" and "_" joined by dots, 253 characters at most';

/**
 * A zone's name in the form that keys and their file names use: lower case, final dot.
 * @returns undefined unless it keeps ZONE_NAME_RULE: other octets would need escapes, which differ among tools
 */
export function parseZoneName(text: string): string | undefined {
  const zone = `${text.toLowerCase().replace(/\.$/, '')}.`;
  return text !== '' && (zone === '.' || LABELS.test(zone)) && zone.length <= 254 ? zone : undefined;
}

function knownAlgorithm(number: number): SigningAlgorithm {
  const algorithm = findAlgorithm(number);
  if (algorithm === undefined) throw new RangeError(`algorithm ${number}, want one of ${ALGORITHM_NUMBERS}`);
  return algorithm;
}

const PROOF = new TextEncoder().encode('padzone signs this to prove a key');

/**
 * Signs a fixed message and checks the signature, with both implementations where there are two.
 * @throws {Error} when it does not verify or the two differ
 */
export function prove(algorithm: SigningAlgorithm, privateKey: KeyObject, publicKey: Uint8Array): void {
  const signature = algorithm.sign(privateKey, PROOF);
  if (
    signature.length !== algorithm.signatureOctets(publicKey) ||
    !algorithm.verify(publicKey, PROOF, signature)
  ) {
    throw new Error(`${algorithm.mnemonic}: the key's own signature does not verify`);
  }
  const { second } = algorithm;
  if (second === undefined) return;
  if (
    !equal(second.publicOctets(privateKey), publicKey) ||
    !equal(second.sign(privateKey, PROOF), signature)
  ) {
    throw new Error(`${algorithm.mnemonic}: two implementations disagree on this key; one of them is broken`);
  }
}

function equal(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}
