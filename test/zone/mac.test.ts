import { hkdfSync } from 'node:crypto';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import { makeMac, type Purpose } from '../../src/zone/mac.ts';
import { hex, toHex } from '../support/hex.ts';

const secret = latin1('a secret that only tests have');
const PURPOSES: readonly Purpose[] = ['gate', 'receipt', 'source', 'prefix', 'cookie'];

const WORD = 2n ** 64n - 1n;
const little = (octets: Uint8Array, at: number) =>
  Buffer.from(octets.buffer, octets.byteOffset).readBigUInt64LE(at);
const rotate = (value: bigint, bits: bigint) => ((value << bits) | (value >> (64n - bits))) & WORD;

/** SipHash-2-4 from its paper, in big integers: slow, and without a line in common with what we use. */
function sipHash(key: Uint8Array, message: Uint8Array): bigint {
  const [k0, k1] = [little(key, 0), little(key, 8)];
  let [v0, v1, v2, v3] = [
    k0 ^ 0x736f6d6570736575n,
    k1 ^ 0x646f72616e646f6dn,
    k0 ^ 0x6c7967656e657261n,
    k1 ^ 0x7465646279746573n,
  ];
  const rounds = (count: number) => {
    for (let round = 0; round < count; round++) {
      v0 = (v0 + v1) & WORD;
      v1 = rotate(v1, 13n) ^ v0;
      v0 = rotate(v0, 32n);
      v2 = (v2 + v3) & WORD;
      v3 = rotate(v3, 16n) ^ v2;
      v0 = (v0 + v3) & WORD;
      v3 = rotate(v3, 21n) ^ v0;
      v2 = (v2 + v1) & WORD;
      v1 = rotate(v1, 17n) ^ v2;
      v2 = rotate(v2, 32n);
    }
  };
  const padded = new Uint8Array(Math.floor(message.length / 8) * 8 + 8);
  padded.set(message);
  padded[padded.length - 1] = message.length & 0xff;
  for (let at = 0; at < padded.length; at += 8) {
    const word = little(padded, at);
    v3 ^= word;
    rounds(2);
    v0 ^= word;
  }
  v2 ^= 0xffn;
  rounds(4);
  return v0 ^ v1 ^ v2 ^ v3;
}

it('the SipHash of this test gives the value in appendix A of the SipHash paper', () => {
  expect(sipHash(hex('000102030405060708090a0b0c0d0e0f'), hex('000102030405060708090a0b0c0d0e'))).toBe(
    0xa129ca6149be45e5n,
  );
});

it.each(PURPOSES)(
  'the hash for a %s is SipHash-2-4, low octet first, under its own key of HKDF',
  (purpose) => {
    const mac = makeMac(secret, purpose);
    const key = new Uint8Array(hkdfSync('sha256', secret, '', `padzone ${purpose}`, 16));
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 80 }), (message) => {
        const expected = sipHash(key, message).toString(16).padStart(16, '0');
        expect(toHex(mac.hash(message).reverse())).toBe(expected);
      }),
      { numRuns: 50 },
    );
  },
);

it('no purpose shares its hashes with another, nor a secret with another', () => {
  const hashes = PURPOSES.flatMap((purpose) =>
    [secret, latin1('another secret, of tests')].map((one) => toHex(makeMac(one, purpose).hash(latin1('x')))),
  );
  expect(new Set(hashes).size).toBe(2 * PURPOSES.length);
});

it('tags have 3 or 4 octets and spread over them', () => {
  const mac = makeMac(secret, 'source');
  for (const octets of [3, 4] as const) {
    const tags = Array.from({ length: 400 }, (_, index) => mac.tag(Uint8Array.of(index >> 8, index), octets));
    expect(new Set(tags).size).toBeGreaterThan(395);
    expect(Math.max(...tags)).toBeLessThan(2 ** (8 * octets));
    expect(Math.max(...tags)).toBeGreaterThan(2 ** (8 * octets - 1));
    expect(Math.min(...tags)).toBeLessThan(2 ** (8 * octets - 4));
  }
});
