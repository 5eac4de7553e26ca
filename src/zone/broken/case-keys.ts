/** Keys of a case, and the DS that its parent publishes: both as wrong as the case wants them (RFC 4034 §2, §5). */
import { createHash } from 'node:crypto';
import { expand } from '../../dnssec/derive.ts';
import type { SigningKey } from '../../dnssec/key.ts';
import { oddKey, type RealAlgorithm } from '../../dnssec/odd-algorithm.ts';
import { formatName, lower, type Name } from '../../wire/name.ts';
import { type Dnskey, dnskey } from '../../wire/rdata/dnskey.ts';
import type { Ds } from '../../wire/rdata/ds.ts';
import { Reader } from '../../wire/reader.ts';
import type { CaseFile } from './case-file.ts';

export interface CaseKeys {
  /** Signs DNSKEY. */
  readonly ksk: SigningKey;
  /** Signs everything else. */
  readonly zsk: SigningKey;
  /** The DNSKEY RRset. */
  readonly published: readonly Dnskey[];
  /** At the parent. */
  readonly ds: readonly Ds[];
  /** One above that of `key`, or the next that no key of the zone has. */
  wrongTag(key: SigningKey): number;
}

/** How keys of an algorithm number sign; those of any other number as P-256. */
const REAL: Readonly<Record<number, RealAlgorithm>> = {
  1: 'rsa-md5',
  5: 'rsa-sha1',
  7: 'rsa-sha1',
  8: 'rsa-sha256',
  10: 'rsa-sha512',
  13: 'p256',
  14: 'p384',
  15: 'ed25519',
  16: 'ed448',
};
/** PRIVATEDNS: a name in front says which one (RFC 4034 A.1.1). */
const PRIVATE = 253;

const KSK = 257;
const ZSK = 256;

/** Digest types with their hash (RFC 4034 A.2, 4509, 6605); others get a placeholder of 32 octets. */
const DIGESTS: Readonly<Record<number, string>> = { 1: 'sha1', 2: 'sha256', 4: 'sha384' };
const PLACEHOLDER = 'sha256';

/** @param secret from which the keys follow, so that all nodes have the same */
export function makeCaseKeys(file: CaseFile, secret: Uint8Array, apex: Name): CaseKeys {
  const make = (purpose: string, flags: number, protocol: number) =>
    oddKey(secret, {
      zone: formatName(lower(apex)),
      real: REAL[file.algorithm] ?? 'p256',
      algorithm: file.algorithm,
      flags,
      protocol,
      purpose,
      bits: file.bits,
      ...(file.algorithm === PRIVATE && { name: lower(apex) }),
    });
  const kskOf = (flags: number) => make('ksk', flags, file.ksk.protocol);
  const ksk = kskOf(file.ksk.flags ?? KSK);
  const zsk = make('zsk', file.zsk.flags ?? ZSK, file.zsk.protocol);
  const spare = Array.from({ length: file.spare }, (_, at) => spareKey(file, secret, apex, at + 1));
  const published = [...(file.ksk.published ? [ksk] : []), ...(file.zsk.published ? [zsk] : [])];
  const tags = new Set([ksk, zsk].map(({ keyTag }) => keyTag));
  const wrongTag = ({ keyTag }: SigningKey) => {
    let tag = keyTag;
    while (tags.has(tag)) tag = (tag + 1) & 0xffff;
    return tag;
  };
  const ds = file.ds.map((wanted) => {
    const key = wanted.flags === undefined ? ksk : kskOf(wanted.flags);
    return makeDs(wanted, key, apex, wrongTag(key));
  });
  return { ksk, zsk, published: [...published.map(decodeKey), ...spare], ds, wrongTag };
}

/** An RSA key that nobody can sign with, as nobody knows factors of its modulus (RFC 3110 §2): it costs no search for primes. */
function spareKey({ algorithm, bits }: CaseFile, secret: Uint8Array, apex: Name, count: number): Dnskey {
  const modulus = expand(secret, `padzone spare ${formatName(lower(apex))} ${count}`, bits / 8);
  modulus[0]! |= 0x80;
  modulus[modulus.length - 1]! |= 1;
  return { flags: ZSK, protocol: 3, algorithm, publicKey: Uint8Array.of(3, 1, 0, 1, ...modulus) };
}

function makeDs(wanted: CaseFile['ds'][number], key: SigningKey, apex: Name, wrongTag: number): Ds {
  const { tag, algorithm, type, digest } = wanted;
  const right = createHash(DIGESTS[type] ?? PLACEHOLDER)
    .update(lower(apex))
    .update(key.rdata)
    .digest();
  return {
    keyTag: tag === 'wrong' ? wrongTag : (tag ?? key.keyTag),
    algorithm: algorithm ?? key.algorithm,
    digestType: type,
    digest:
      digest === undefined
        ? Uint8Array.from(right)
        : new Uint8Array(right.length).fill(Number.parseInt(digest, 16)),
  };
}

function decodeKey({ rdata }: SigningKey): Dnskey {
  return dnskey.decode(new Reader(rdata), rdata.length);
}
