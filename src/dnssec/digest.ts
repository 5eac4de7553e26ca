/** The digest of a DS record: over the owner name and the DNSKEY RDATA (RFC 4034 §5.1.4, 4509, 6605 §2). */
import { createHash } from 'node:crypto';

/** 2 is SHA-256 (32 octets), 4 is SHA-384 (48 octets). SHA-1 is not offered (RFC 8624 §3.3). */
export const DIGEST_TYPES = { 2: 'sha256', 4: 'sha384' } as const;

export type DigestType = keyof typeof DIGEST_TYPES;

/**
 * @param owner the zone's name in wire form, root octet included; in any case, since it is hashed in lower case
 * @param rdata the whole DNSKEY RDATA
 */
export function dsDigest(type: DigestType, owner: Uint8Array, rdata: Uint8Array): Uint8Array {
  // Length octets are at most 63 and so lie below the letters.
  const canonical = owner.map((octet) => (octet >= 0x41 && octet <= 0x5a ? octet | 0x20 : octet));
  return Uint8Array.from(createHash(DIGEST_TYPES[type]).update(canonical).update(rdata).digest());
}
