/**
 * ML-DSA-44 (FIPS 204) keys as a private algorithm: what a zone weighs under post-quantum signatures. No validator knows it: the zone is insecure.
 *
 * The DNSKEY RDATA has 1316 octets and the Signature field 2420, each and the octets of the algorithm's name.
 */
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { parseName } from '../wire/name.ts';
import { expand } from './derive.ts';
import { parseZoneName, type SigningKey } from './key.ts';
import { uncheckedKey } from './unchecked-key.ts';

/** The algorithm is the one that the name at the head of key and signature says (RFC 4034 A.1.1). */
export const PRIVATEDNS = 253;

export interface MlDsaChoice {
  /** Lower case, final dot. */
  readonly zone: string;
  readonly flags: 256 | 257;
  /** Which of the keys of the zone: another purpose, another key. */
  readonly purpose: string;
  /** PRIVATEDNS if absent; an unassigned number carries no name. */
  readonly algorithm?: number;
}

/** As measured in JavaScript: the mean, since signing tries until a signature is short enough; one in ten takes twice as long. */
const COST_MICROSECONDS = 4000;

/**
 * The key of a choice. Under PRIVATEDNS the algorithm has the zone's own name: whoever serves the zone may give it (RFC 4034 A.1.1).
 *
 * @param secret at least 16 octets, shared by every node of the set
 * @throws {RangeError} for a zone name that is not allowed
 */
export function deriveMlDsa(secret: Uint8Array, choice: MlDsaChoice): SigningKey {
  const { zone, flags, purpose, algorithm = PRIVATEDNS } = choice;
  if (parseZoneName(zone) !== zone) throw new RangeError(`zone "${zone}", want lower case with a final dot`);
  const info = `padzone key ${zone} ml-dsa-44 ${flags} ${purpose} 0 0`;
  const { publicKey, secretKey } = ml_dsa44.keygen(expand(secret, info, ml_dsa44.lengths.seed!));
  return uncheckedKey({
    zone,
    flags,
    protocol: 3,
    algorithm,
    publicKey,
    ...(algorithm === PRIVATEDNS && { name: parseName(zone) }),
    signatureOctets: ml_dsa44.lengths.signature!,
    costMicroseconds: COST_MICROSECONDS,
    // Without randomness (FIPS 204 §3.4): every node makes the same octets.
    sign: (data) => ml_dsa44.sign(data, secretKey, { extraEntropy: false }),
  });
}
