import { createHash } from 'node:crypto';
import { ml_dsa44 } from '@noble/post-quantum/ml-dsa.js';
import { expect, it } from 'vitest';
import { keyTag } from '../../src/dnssec/key.ts';
import { deriveMlDsa, type MlDsaChoice } from '../../src/dnssec/ml-dsa.ts';
import { Signer } from '../../src/dnssec/signer.ts';
import { parseName } from '../../src/wire/name.ts';
import { dnskey } from '../../src/wire/rdata/dnskey.ts';
import { encodeRrset, type Rrset, rrset } from '../../src/wire/rrset.ts';
import { Writer } from '../../src/wire/writer.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at);
const DATA = new TextEncoder().encode('padzone');
const ZONE = 'mldsa44.example.';
const NAME = parseName(ZONE);

const derive = (choice: Partial<MlDsaChoice> = {}) =>
  deriveMlDsa(SECRET, { zone: ZONE, flags: 257, purpose: 'csk', ...choice });
const digest = (octets: Uint8Array) => createHash('sha256').update(octets).digest('hex').slice(0, 32);

it('says algorithm 253, with the zone’s name at the head of key and signature (RFC 4034 A.1.1)', () => {
  const key = derive();
  expect([...key.rdata.subarray(0, 4)]).toEqual([1, 1, 3, 253]);
  expect(key.publicKey.subarray(0, NAME.length)).toEqual(NAME);
  expect(key.sign(DATA).subarray(0, NAME.length)).toEqual(NAME);
  expect(key).toMatchObject({ zone: ZONE, flags: 257, isKsk: true, keyTag: keyTag(key.rdata) });
});

it('has 1316 octets of RDATA and 2420 of signature besides the name (FIPS 204 table 2)', () => {
  const key = derive();
  expect(key.rdata.length).toBe(1316 + NAME.length);
  expect(key.signatureOctets).toBe(2420 + NAME.length);
  expect(key.sign(DATA).length).toBe(key.signatureOctets);
});

it('signs what the public key verifies', () => {
  const key = derive();
  const [publicKey, signature] = [key.publicKey, key.sign(DATA)].map((octets) =>
    octets.subarray(NAME.length),
  );
  expect(ml_dsa44.verify(signature!, DATA, publicKey!)).toBe(true);
  expect(ml_dsa44.verify(signature!, SECRET, publicKey!)).toBe(false);
});

// OpenSSL 4.0.3 makes this public key of the same seed, and verifies this signature.
it('makes the octets that every other node makes', () => {
  const key = derive();
  expect(key.keyTag).toBe(60028);
  expect(digest(key.rdata)).toBe('7d5dda1b99690912bded4344caa12f4f');
  expect(digest(key.sign(DATA))).toBe('14fbdb18a4f685b4998583b28d0c742a');
});

it('differs by zone, purpose, flags and secret', () => {
  const keys = [
    derive(),
    derive({ zone: 'other.example.' }),
    derive({ purpose: 'zsk' }),
    derive({ flags: 256 }),
    deriveMlDsa(SECRET.with(0, 1), { zone: ZONE, flags: 257, purpose: 'csk' }),
  ];
  expect(new Set(keys.map(({ publicKey }) => digest(publicKey.subarray(-1312)))).size).toBe(keys.length);
});

it('under an unassigned number has no name, and the same key', () => {
  const key = derive({ algorithm: 100 });
  expect([...key.rdata.subarray(0, 4)]).toEqual([1, 1, 3, 100]);
  expect(key.publicKey).toEqual(derive().publicKey.subarray(NAME.length));
  expect(key.signatureOctets).toBe(2420);
});

it('makes records of the octets that are said, as does the placeholder', () => {
  const key = derive();
  const signer = new Signer(NAME, [key]);
  const { flags, algorithm, publicKey } = key;
  const set = rrset(dnskey, NAME, 60, [{ flags, protocol: 3, algorithm, publicKey }]);
  const octets = (records: Rrset) => {
    const writer = new Writer('canonical', 4096);
    encodeRrset(writer, records);
    return writer.finish().length;
  };
  // Without compression: owner, 10 octets, RDATA, which for RRSIG is 18 octets, signer, signature (RFC 4034 §3.1).
  expect(octets(set)).toBe(NAME.length + 10 + 1316 + NAME.length);
  expect(octets(signer.sign(set, 1_800_000_000))).toBe(
    NAME.length + 10 + 18 + NAME.length + NAME.length + 2420,
  );
  expect(octets(signer.placeholder(set))).toBe(octets(signer.sign(set, 1_800_000_000)));
});

it('refuses a zone that is not in lower case with a final dot', () => {
  expect(() => derive({ zone: 'Mldsa44.example.' })).toThrow('zone "Mldsa44.example.", want lower case');
});
