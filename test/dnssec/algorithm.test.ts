import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { findAlgorithm, SIGNING_ALGORITHMS } from '../../src/dnssec/algorithm.ts';
import { parseKeyFiles } from '../../src/dnssec/key-file.ts';
import { hex, KEY_VECTORS } from '../vectors/keys/rfc.ts';

const keys = KEY_VECTORS.map((vector) => ({ ...vector, key: parseKeyFiles(vector.base, vector).key }));

describe.each(keys)('$source', ({ algorithm, key, signed, signature }) => {
  const row = findAlgorithm(algorithm)!;

  it('verifies the printed signature', () => {
    expect(row.verify(key.publicKey, signed, signature)).toBe(true);
  });

  it('states the size of the printed signature', () => {
    expect(row.signatureOctets(key.publicKey)).toBe(signature.length);
  });
});

it.each(keys.filter(({ repeats }) => repeats))('makes the signature that $source prints', (printed) => {
  const { algorithm, key, signed, signature } = printed;
  expect(findAlgorithm(algorithm)!.sign(key.privateKey, signed)).toEqual(Buffer.from(signature));
});

describe.each(SIGNING_ALGORITHMS)('algorithm $number $mnemonic', (row) => {
  const privateKey = row.generate();
  const publicKey = row.publicOctets(privateKey);
  const data = hex('70 61 64');

  it('signs what it verifies, in the stated number of octets', () => {
    const signature = row.sign(privateKey, data);
    expect(signature.length).toBe(row.signatureOctets(publicKey));
    expect(row.verify(publicKey, data, signature)).toBe(true);
  });

  it('gives the same key back from the fields of a .private file', () => {
    const fields = row.exportFields(privateKey);
    expect(Object.keys(fields)).toEqual(row.fields);
    expect(row.publicOctets(row.importFields(fields))).toEqual(publicKey);
  });

  it('refuses a signature with any octet changed, cut or added', () => {
    const signature = row.sign(privateKey, data);
    for (const at of [0, signature.length >> 1, signature.length - 1]) {
      const changed = Uint8Array.from(signature);
      changed[at]! ^= 0x10;
      expect(row.verify(publicKey, data, changed), `octet ${at}`).toBe(false);
    }
    expect(row.verify(publicKey, data, signature.subarray(1))).toBe(false);
    expect(row.verify(publicKey, data, Uint8Array.from([...signature, 0]))).toBe(false);
    expect(row.verify(publicKey, hex('70 61'), signature)).toBe(false);
  });

  it('answers false, and does not throw, for public keys of any octets', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 140 }), (octets) => {
        expect(row.verify(octets, data, new Uint8Array(64))).toBe(false);
      }),
      { numRuns: 200 },
    );
  });

  it('refuses fields that are no key of it', () => {
    const fields = Object.fromEntries(row.fields.map((field) => [field, new Uint8Array(7)]));
    expect(() => row.importFields(fields)).toThrow();
  });

  it('states a cost above zero', () => {
    expect(row.costMicroseconds(publicKey)).toBeGreaterThan(0);
  });
});

it('makes RSA keys of 2048 bits with the usual exponent', () => {
  const row = findAlgorithm(8)!;
  const octets = row.publicOctets(row.generate());
  expect(octets.subarray(0, 4)).toEqual(hex('03 010001'));
  expect(row.signatureOctets(octets)).toBe(256);
  expect(row.costMicroseconds(octets)).toBe(700);
});

it('reads an RSA exponent whose length takes two octets (RFC 3110 §2)', () => {
  const { verify, signatureOctets } = findAlgorithm(8)!;
  const { key, signed, signature } = keys.find(({ algorithm }) => algorithm === 8)!;
  const long = Uint8Array.from([...hex('00 0003 010001'), ...key.publicKey.subarray(4)]);
  expect(signatureOctets(long)).toBe(64);
  expect(verify(long, signed, signature)).toBe(true);
});

it('signs Ed25519 with the same octets in both implementations', () => {
  const row = findAlgorithm(15)!;
  const privateKey = row.generate();
  expect(row.second!.publicOctets(privateKey)).toEqual(row.publicOctets(privateKey));
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 4096 }), (data) => {
      expect(Buffer.from(row.second!.sign(privateKey, data))).toEqual(row.sign(privateKey, data));
    }),
    { numRuns: 50 },
  );
});

it('refuses RSA primes that do not make the modulus', () => {
  const row = findAlgorithm(8)!;
  const fields = { ...row.exportFields(keys[0]!.key.privateKey) };
  fields['Prime1'] = fields['Prime2']!;
  expect(() => row.importFields(fields)).toThrow('Prime1 times Prime2 is not Modulus');
});
