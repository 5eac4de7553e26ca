import { generateKeyPairSync, sign, verify } from 'node:crypto';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { writeFixed } from '../../src/kernel/ecdsa-signature.ts';
import { hex, toHex } from '../support/hex.ts';

/** INTEGER of X.690 §8.3: as few octets as hold the number and its sign. */
function integer(value: bigint): number[] {
  const digits = value.toString(16);
  const octets = [...Buffer.from(digits.padStart(digits.length + (digits.length % 2), '0'), 'hex')];
  const content = octets[0]! >= 0x80 ? [0, ...octets] : octets;
  return [2, content.length, ...content];
}

function der(r: bigint, s: bigint): Uint8Array {
  const content = [...integer(r), ...integer(s)];
  return Uint8Array.from([0x30, content.length, ...content]);
}

const fixed = (value: bigint, octets: number) => value.toString(16).padStart(2 * octets, '0');

/** Numbers of any length up to `octets`: short ones are as frequent as long ones. */
const anyNumber = (octets: number) =>
  fc
    .integer({ min: 1, max: 8 * octets })
    .chain((bits) => fc.bigInt({ min: 2n ** BigInt(bits - 1), max: 2n ** BigInt(bits) - 1n }));

describe.each([32, 48])('r and s of %i octets', (octets) => {
  it('are right-aligned, whatever stood there, and nothing around them is touched', () => {
    fc.assert(
      fc.property(anyNumber(octets), anyNumber(octets), fc.nat(9), fc.nat(9), (r, s, at, behind) => {
        const out = new Uint8Array(at + 2 * octets + 4).fill(0xaa);
        const signature = der(r, s);
        const received = Uint8Array.from([...signature, ...new Uint8Array(behind).fill(0x77)]);
        expect(writeFixed(received, signature.length, octets, out, at)).toBe(true);
        const around = ['aa'.repeat(at), 'aa'.repeat(4)] as const;
        expect(toHex(out)).toBe(around[0] + fixed(r, octets) + fixed(s, octets) + around[1]);
      }),
      { numRuns: 2000 },
    );
  });

  it('are refused where either has an octet too many', () => {
    const most = 2n ** BigInt(8 * octets) - 1n;
    const out = new Uint8Array(2 * octets);
    const take = (signature: Uint8Array) => writeFixed(signature, signature.length, octets, out, 0);
    expect(take(der(most, most))).toBe(true);
    expect(take(der(most + 1n, 1n))).toBe(false);
    expect(take(der(1n, most + 1n))).toBe(false);
  });
});

it.each([
  { what: 'nothing', octets: '' },
  { what: 'another tag', octets: '31 06 020101 020101' },
  { what: 'a length that is too short', octets: '30 05 020101 020101' },
  { what: 'a length that is too long', octets: '30 07 020101 020101' },
  { what: 'a long length', octets: '30 81 06 020101 020101' },
  { what: 'something behind s', octets: '30 08 020101 020101 0500' },
  { what: 'no s', octets: '30 03 020101' },
  { what: 'an r that is no INTEGER', octets: '30 06 040101 020101' },
  { what: 'an s that is no INTEGER', octets: '30 06 020101 040101' },
  { what: 'an r of no octets', octets: '30 05 0200 020101' },
  { what: 'an r that runs over', octets: '30 06 020501 020101' },
  { what: 'an s that runs over', octets: '30 06 020101 020201' },
  { what: 'a negative r', octets: '30 06 020181 020101' },
  { what: 'a negative s', octets: '30 06 020101 020181' },
])('refuses $what', ({ octets }) => {
  expect(writeFixed(hex('30 06 020101 020101'), 8, 32, new Uint8Array(64), 0)).toBe(true);
  expect(writeFixed(hex(octets), hex(octets).length, 32, new Uint8Array(64), 0)).toBe(false);
});

it('refuses every part of a signature, and any octets without a throw', () => {
  const signature = der(2n ** 255n + 3n, 77n);
  const out = new Uint8Array(64);
  for (let length = 0; length < signature.length; length++) {
    expect(writeFixed(signature, length, 32, out, 0)).toBe(false);
    expect(writeFixed(signature.subarray(0, length), signature.length, 32, out, 0)).toBe(false);
  }
  const almost = fc.tuple(fc.constantFrom(...signature.keys()), fc.nat(255));
  fc.assert(
    fc.property(almost, fc.uint8Array({ maxLength: 80 }), ([at, octet], any) => {
      const changed = Uint8Array.from(signature).with(at, octet);
      expect(typeof writeFixed(changed, changed.length, 32, out, 0)).toBe('boolean');
      expect(typeof writeFixed(any, any.length, 32, out, 0)).toBe('boolean');
    }),
    { numRuns: 2000 },
  );
});

it('throws where there is no room', () => {
  expect(() => writeFixed(der(1n, 1n), 8, 32, new Uint8Array(64), 1)).toThrow(
    'signature of 64 octets at 1 of 64',
  );
});

it.each([
  { namedCurve: 'P-256', octets: 32, digest: 'sha256', count: 3000 },
  { namedCurve: 'P-384', octets: 48, digest: 'sha384', count: 100 },
])(
  'turns $count signatures of $namedCurve into what node:crypto verifies',
  ({ namedCurve, octets, digest, count }) => {
    const { privateKey, publicKey } = generateKeyPairSync('ec', { namedCurve });
    const out = new Uint8Array(2 * octets);
    const lengths = new Set<number>();
    for (let index = 0; index < count; index++) {
      const data = Uint8Array.of(index, index >> 8);
      const signature = sign(digest, data, privateKey);
      lengths.add(signature.length);
      expect(writeFixed(signature, signature.length, octets, out, 0)).toBe(true);
      expect(verify(digest, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, out)).toBe(true);
    }
    // With and without a leading 0 in r and in s, at least.
    expect(lengths.size).toBeGreaterThanOrEqual(3);
  },
);
