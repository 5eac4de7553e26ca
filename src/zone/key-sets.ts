/** What a zone says of its keys: DNSKEY, CDS and CDNSKEY at the apex, DS at the parent (RFC 4034, RFC 7344). */
import { type DigestType, dsDigest } from '../dnssec/digest.ts';
import type { SigningKey } from '../dnssec/key.ts';
import type { Signer } from '../dnssec/signer.ts';
import type { Name } from '../wire/name.ts';
import { cdnskey } from '../wire/rdata/cdnskey.ts';
import { cds } from '../wire/rdata/cds.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import type { Ds } from '../wire/rdata/ds.ts';
import { Reader } from '../wire/reader.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';

export const KEY_TTL = 300;
/** SHA-256 (RFC 4509). */
const DIGEST_TYPE: DigestType = 2;
/** Flag of a DNSKEY that trust is taken from (RFC 5011 §7). */
const REVOKE = 0x80;

/** DS data of the keys that have SEP set and are not revoked (RFC 4034 §5, RFC 5011 §2.1). */
export function dsOf(apex: Name, signer: Signer, digestType: DigestType = DIGEST_TYPE): Ds[] {
  return signer.keys
    .filter(({ isKsk, flags }) => isKsk && (flags & REVOKE) === 0)
    .map(({ keyTag, algorithm, rdata }) => ({
      keyTag,
      algorithm,
      digestType,
      digest: dsDigest(digestType, apex, rdata),
    }));
}

export function keySets(apex: Name, signer: Signer | undefined): Rrset[] {
  if (!signer) return [];
  return [
    dnskeySet(apex, signer, KEY_TTL),
    rrset(cds, apex, KEY_TTL, dsOf(apex, signer)),
    rrset(cdnskey, apex, KEY_TTL, decodeKeys(signer.keys.filter(({ isKsk }) => isKsk))),
  ];
}

export function dnskeySet(apex: Name, signer: Signer, ttl: number): Rrset {
  return rrset(dnskey, apex, ttl, decodeKeys(signer.keys));
}

function decodeKeys(keys: readonly SigningKey[]) {
  return keys.map(({ rdata }) => dnskey.decode(new Reader(rdata), rdata.length));
}
