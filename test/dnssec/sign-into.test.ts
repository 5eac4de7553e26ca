/** Signing in place: the same signatures by either way, and node:crypto where the other fails. */
import { describe, expect, it } from 'vitest';
import { findAlgorithm, SIGNING_ALGORITHMS, type SigningAlgorithm } from '../../src/dnssec/algorithm.ts';
import { generateKey, verify } from '../../src/dnssec/key.ts';
import { makeSignInto, type SignInto } from '../../src/dnssec/sign-into.ts';
import { type NativeKey, openNativeKey } from '../../src/kernel/openssl.ts';

const DATA = Uint8Array.from({ length: 600 }, (_, at) => at);
const NONE: typeof openNativeKey = () => undefined;

/** Signs a part of DATA amid other octets, looks at those, and verifies. */
function isSound(
  row: SigningAlgorithm,
  signInto: SignInto,
  publicKey: Uint8Array,
  from = 7,
  length = 500,
): boolean {
  const octets = row.signatureOctets(publicKey);
  const out = new Uint8Array(5 + octets + 3).fill(0xaa);
  expect(signInto(DATA, from, length, out, 5)).toBe(octets);
  expect([...out.subarray(0, 5), ...out.subarray(5 + octets)].every((octet) => octet === 0xaa)).toBe(true);
  return row.verify(publicKey, DATA.subarray(from, from + length), out.subarray(5, 5 + octets));
}

describe.each(SIGNING_ALGORITHMS)('algorithm $number', (row) => {
  const privateKey = row.generate();
  const publicKey = row.publicOctets(privateKey);

  it.each([
    { way: 'OpenSSL itself', open: openNativeKey },
    { way: 'node:crypto', open: NONE },
  ])('is signed by $way into its place, and verifies', ({ open }) => {
    const signInto = makeSignInto(row, privateKey, publicKey, open);
    expect(isSound(row, signInto, publicKey)).toBe(true);
    expect(isSound(row, signInto, publicKey, 0, 1)).toBe(true);
    expect(isSound(row, signInto, publicKey, 600, 0)).toBe(true);
    const octets = row.signatureOctets(publicKey);
    const out = new Uint8Array(octets);
    expect(() => signInto(DATA, 101, 500, out, 0)).toThrow(RangeError);
    expect(() => signInto(DATA, 0, 500, out, 1)).toThrow(RangeError);
  });

  it.skipIf(process.platform !== 'linux')('asks node:crypto nothing once OpenSSL has proven itself', () => {
    const signInto = makeSignInto(
      { ...row, sign: () => expect.fail('node:crypto was asked') },
      privateKey,
      publicKey,
    );
    expect(isSound(row, signInto, publicKey)).toBe(true);
  });

  it('is one key with `sign`', () => {
    const key = generateKey({ zone: 'probe.example.', algorithm: row.number, flags: 257 });
    const signature = new Uint8Array(key.signatureOctets);
    expect(key.signInto(DATA, 1, 300, signature, 0)).toBe(key.signatureOctets);
    expect(verify(key.rdata, DATA.subarray(1, 301), signature)).toBe(true);
    expect(verify(key.rdata, DATA, key.sign(DATA))).toBe(true);
    expect(key.sign(DATA)).toHaveLength(key.signatureOctets);
    const kept = { ...key }.signInto;
    expect(kept(DATA, 1, 300, signature, 0)).toBe(key.signatureOctets);
  });
});

/** A way into OpenSSL whose key signs as `change` says. */
function spoiled(change: (native: NativeKey) => NativeKey['sign']): typeof openNativeKey {
  return (der, digest) => {
    const native = openNativeKey(der, digest);
    return native && { signature: native.signature, sign: change(native) };
  };
}

describe.each([13, 15])('OpenSSL that fails under algorithm %i gives way to node:crypto:', (number) => {
  const row = findAlgorithm(number)!;
  const privateKey = row.generate();
  const publicKey = row.publicOctets(privateKey);

  it.each([
    {
      what: 'it signs other octets',
      open: spoiled(
        ({ sign }) =>
          (data, from, length) =>
            sign(data, from, length - 1),
      ),
    },
    {
      what: 'it gives the first signature again',
      open: spoiled(({ sign }) => {
        let made = 0;
        return (data, from, length) => {
          made ||= sign(data, from, length);
          return made;
        };
      }),
    },
    {
      what: 'its signature has a wrong octet',
      open: spoiled(({ sign, signature }) => (data, from, length) => {
        const made = sign(data, from, length);
        signature[made - 1]! ^= 1;
        return made;
      }),
    },
    {
      what: 'its signature is cut',
      open: spoiled(
        ({ sign }) =>
          (data, from, length) =>
            sign(data, from, length) - 1,
      ),
    },
    { what: 'it refuses', open: spoiled(() => () => 0) },
    {
      what: 'it refuses after it has proven itself',
      open: spoiled(({ sign }) => {
        let calls = 0;
        return (data, from, length) => (calls++ < 3 ? sign(data, from, length) : 0);
      }),
    },
    { what: 'it takes another key', open: () => openNativeKey(derOf(row.generate()), row.digest) },
  ])('$what', ({ open }) => {
    const signInto = makeSignInto(row, privateKey, publicKey, open);
    for (let count = 0; count < 3; count++) expect(isSound(row, signInto, publicKey)).toBe(true);
  });
});

function derOf(key: ReturnType<SigningAlgorithm['generate']>): Uint8Array {
  return key.export({ type: 'pkcs8', format: 'der' });
}

it('4000 signatures of P-256 verify, those with short r or s among them', () => {
  const row = findAlgorithm(13)!;
  const privateKey = row.generate();
  const publicKey = row.publicOctets(privateKey);
  const signInto = makeSignInto(row, privateKey, publicKey);
  const out = new Uint8Array(64);
  let short = 0;
  for (let count = 0; count < 4000; count++) {
    signInto(DATA, count % 100, 400, out, 0);
    if (out[0] === 0 || out[32] === 0) short++;
    expect(row.verify(publicKey, DATA.subarray(count % 100, (count % 100) + 400), out)).toBe(true);
  }
  // One of 128; that there are none among so many happens once in 10^13.
  expect(short).toBeGreaterThan(0);
});
