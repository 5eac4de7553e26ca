/** Derived keys that sign as one algorithm and say of themselves whatever a broken zone wants said. */
import { type KeyObject, sign } from 'node:crypto';
import type { Name } from '../wire/name.ts';
import { findAlgorithm } from './algorithm.ts';
import { privateKeyOf } from './derive.ts';
import { parseZoneName, type SigningKey } from './key.ts';
import { uncheckedKey } from './unchecked-key.ts';

/**
 * What signs in truth: the row of the table of algorithms whose key it has and, for RSA, the digest with the least modulus that
 * holds it (RFC 2537, 3110, 5702: keys and PKCS #1 signatures have one form).
 */
const REAL = {
  'rsa-md5': { row: 8, digest: 'md5', least: 512 },
  'rsa-sha1': { row: 8, digest: 'sha1', least: 512 },
  'rsa-sha256': { row: 8, digest: 'sha256', least: 512 },
  'rsa-sha512': { row: 8, digest: 'sha512', least: 1024 },
  p256: { row: 13 },
  p384: { row: 14 },
  ed25519: { row: 15 },
  ed448: { row: 16 },
} as const satisfies Record<string, { row: number; digest?: string; least?: number }>;

export type RealAlgorithm = keyof typeof REAL;

/** All of them, for schemas and messages. */
export const REAL_ALGORITHMS = Object.keys(REAL) as RealAlgorithm[];

export interface OddChoice {
  /** Lower case, final dot. */
  readonly zone: string;
  readonly real: RealAlgorithm;
  /** The number on the wire, in the key and in its signatures; 0 to 255. */
  readonly algorithm: number;
  /** 0 to 65535. */
  readonly flags: number;
  /** 0 to 255; 3 if absent. */
  readonly protocol?: number;
  /** Which of the keys of the zone: another purpose, another key. Visible ASCII without spaces. */
  readonly purpose: string;
  /** Length of an RSA modulus; 2048 if absent. */
  readonly bits?: number;
  /** At the head of key and signatures, as algorithm 253 wants it (RFC 4034 A.1.1); none if absent. */
  readonly name?: Name;
}

const USUAL_BITS = 2048;

/**
 * The private key depends on zone, real algorithm, purpose and bits alone, so that a key can be had in two forms, such as with and
 * without the REVOKE bit; under RSA not on the zone or the digest either, because finding primes takes long (4096 bits: a second).
 * Nothing is done about key tags that meet those of other keys.
 *
 * @param secret at least 16 octets, shared by every node of the set
 * @throws {RangeError} for what does not fit its field, or a modulus that is not allowed or shorter than the digest needs
 */
export function oddKey(secret: Uint8Array, choice: OddChoice): SigningKey {
  const { zone, real, algorithm, flags, protocol = 3, purpose, bits = USUAL_BITS, name } = choice;
  if (parseZoneName(zone) !== zone) throw new RangeError(`zone "${zone}", want lower case with a final dot`);
  const what: { row: number; digest?: string; least?: number } = REAL[real];
  const { digest, least = 0 } = what;
  if (bits < least) throw new RangeError(`${real} with ${bits} bits, want ${least} or more`);
  const row = findAlgorithm(what.row)!;
  const isRsa = digest !== undefined;
  const info = isRsa ? ['*', 'rsa', 'odd', purpose, bits] : [zone, row.number, 'odd', purpose, 0];
  const privateKey = privateKeyOf(secret, `padzone key ${info.join(' ')} 0`, row.number, bits);
  const publicKey = row.publicOctets(privateKey);
  return uncheckedKey({
    zone,
    flags,
    protocol,
    algorithm,
    publicKey,
    ...(name && { name }),
    signatureOctets: row.signatureOctets(publicKey),
    costMicroseconds: row.costMicroseconds(publicKey),
    sign: isRsa ? signWith(digest, privateKey) : (data) => row.sign(privateKey, data),
  });
}

function signWith(digest: string, privateKey: KeyObject): (data: Uint8Array) => Uint8Array {
  return (data) => sign(digest, data, privateKey);
}
