import { createHash, createPublicKey, verify as verifySignature } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { keyTag, verify } from '../../src/dnssec/key.ts';
import { type OddChoice, oddKey, REAL_ALGORITHMS } from '../../src/dnssec/odd-algorithm.ts';
import { parseName } from '../../src/wire/name.ts';

const SECRET = Uint8Array.from({ length: 32 }, (_, at) => at);
const DATA = new TextEncoder().encode('padzone');

function choose(choice: Partial<OddChoice> = {}): OddChoice {
  return {
    zone: 'case.broken.example.',
    real: 'rsa-sha256',
    algorithm: 120,
    flags: 256,
    purpose: 'zsk',
    bits: 1024,
    ...choice,
  };
}

it.each([
  ['rsa-md5', '2627b32c41303b17077682bde40c5d40'],
  ['rsa-sha1', '2627b32c41303b17077682bde40c5d40'],
  ['rsa-sha256', '2627b32c41303b17077682bde40c5d40'],
  ['rsa-sha512', '2627b32c41303b17077682bde40c5d40'],
  ['p256', '57b0b1549235b8ae79c7dde9055dea81'],
  ['p384', '7c78cf613c2ed9e507b2af5b629515ef'],
  ['ed25519', '4bd682f66912a88a48d74c0385820d34'],
  ['ed448', '7477033d856b15f59dac51b4ad6cb1f8'],
] as const)('the key of %s stays what it was', (real, rdata) => {
  const key = oddKey(SECRET, choose({ real }));
  expect(createHash('sha256').update(key.rdata).digest('hex').slice(0, 32)).toBe(rdata);
});

describe('RSA under each digest (RFC 2537, 3110, 5702)', () => {
  it.each([
    ['rsa-md5', 'md5', 1],
    ['rsa-sha1', 'sha1', 5],
    ['rsa-sha1', 'sha1', 7],
    ['rsa-sha256', 'sha256', 8],
    ['rsa-sha512', 'sha512', 10],
  ] as const)('%s signs with %s as algorithm %s', (real, hash, algorithm) => {
    const key = oddKey(SECRET, choose({ real, algorithm }));
    const n = Buffer.from(key.rdata.subarray(8)).toString('base64url');
    const publicKey = createPublicKey({ key: { kty: 'RSA', n, e: 'AQAB' }, format: 'jwk' });
    const signature = key.sign(DATA);
    expect(key.rdata[3]).toBe(algorithm);
    expect(signature.length).toBe(key.signatureOctets);
    expect(verifySignature(hash, DATA, publicKey, signature)).toBe(true);
    const others = ['md5', 'sha1', 'sha256', 'sha512'].filter((other) => other !== hash);
    expect(others.map((other) => verifySignature(other, DATA, publicKey, signature))).toEqual([
      false,
      false,
      false,
    ]);
  });
});

it.each([
  ['rsa-sha256', 8],
  ['p256', 13],
  ['p384', 14],
  ['ed25519', 15],
  ['ed448', 16],
] as const)('a key of %s that says so verifies', (real, algorithm) => {
  const key = oddKey(SECRET, choose({ real, algorithm }));
  expect(verify(key.rdata, DATA, key.sign(DATA))).toBe(true);
});

it.each(REAL_ALGORITHMS)('%s signs in place what sign signs', (real) => {
  const key = oddKey(SECRET, choose({ real }));
  const out = new Uint8Array(3 + key.signatureOctets);
  const data = Uint8Array.from([9, 9, ...DATA, 9]);
  expect(key.signInto(data, 2, DATA.length, out, 3)).toBe(key.signatureOctets);
  expect([...out.subarray(0, 3)]).toEqual([0, 0, 0]);
  // ECDSA is randomized; its signatures are verified above.
  const repeats = !['p256', 'p384'].includes(real);
  expect(repeats ? out.subarray(3) : undefined).toEqual(repeats ? key.sign(DATA) : undefined);
  expect(() => key.signInto(data, 2, 20, out, 3)).toThrow('signature over 20 octets from 2 of 10');
});

describe('what a key says of itself', () => {
  it.each([
    [0, 3, false],
    [1, 3, true],
    [256, 4, false],
    [257, 3, true],
    [385, 3, true],
    [65535, 255, true],
  ])('flags %s, protocol %s: SEP %s, over the same key', (flags, protocol, isKsk) => {
    const key = oddKey(SECRET, choose({ real: 'p256', algorithm: 13, flags, protocol }));
    expect([...key.rdata.subarray(0, 4)]).toEqual([flags >> 8, flags & 0xff, protocol, 13]);
    expect(key).toMatchObject({ flags, isKsk, algorithm: 13, keyTag: keyTag(key.rdata) });
    expect(key.publicKey).toEqual(oddKey(SECRET, choose({ real: 'p256' })).publicKey);
  });

  it('the tag of algorithm 1 is cut out of the modulus (RFC 4034 Appendix B.1)', () => {
    const key = oddKey(SECRET, choose({ real: 'rsa-md5', algorithm: 1 }));
    const [high, low] = key.rdata.subarray(-3);
    expect(key.keyTag).toBe(high! * 256 + low!);
    expect(key.keyTag).not.toBe(keyTag(key.rdata));
  });

  it('a private name stands at the head of key and signature (RFC 4034 A.1.1)', () => {
    const name = parseName('case.broken.example.');
    const plain = oddKey(SECRET, choose({ real: 'ed25519', algorithm: 253 }));
    const named = oddKey(SECRET, choose({ real: 'ed25519', algorithm: 253, name }));
    expect(named.publicKey).toEqual(Uint8Array.from([...name, ...plain.publicKey]));
    expect(named.sign(DATA)).toEqual(Uint8Array.from([...name, ...plain.sign(DATA)]));
    expect(named.signatureOctets).toBe(64 + name.length);
  });
});

it.each([
  [{ flags: 65536 }, 'flags 65536, want 0 to 65535'],
  [{ protocol: 256 }, 'protocol 256, want 0 to 255'],
  [{ algorithm: -1 }, 'algorithm -1, want 0 to 255'],
  [{ zone: 'Case.' }, 'zone "Case.", want lower case with a final dot'],
  [{ real: 'rsa-sha512', bits: 512 }, 'rsa-sha512 with 512 bits, want 1024 or more'],
  [{ bits: 1000.5 }, 'RSA modulus of 1000.5 bits'],
] as const)('refuses %j', (wrong, message) => {
  expect(() => oddKey(SECRET, choose(wrong))).toThrow(message);
});
