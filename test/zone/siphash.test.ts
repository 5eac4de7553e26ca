import fc from 'fast-check';
import siphash from 'siphash';
import { describe, expect, it } from 'vitest';
import { SipHash } from '../../src/zone/siphash.ts';
import { MAX_MESSAGE } from '../../src/zone/siphash-module.ts';
import { hex, toHex } from '../support/hex.ts';

const KEY = hex('000102030405060708090a0b0c0d0e0f');
const counted = (length: number) => Uint8Array.from({ length }, (_, at) => at);

function hashOf(sip: SipHash, message: Uint8Array, from = 0, length = message.length): string {
  sip.run(message, from, length);
  return toHex(new Uint8Array(Int32Array.of(sip.low, sip.high).buffer));
}

// vectors.h of the reference implementation: the message is 00 01 02 …, of as many octets.
const VECTORS = [
  [0, '310e0edd47db6f72'],
  [1, 'fd67dc93c539f874'],
  [2, '5a4fa9d909806c0d'],
  [3, '2d7efbd796666785'],
  [4, 'b7877127e09427cf'],
  [5, '8da699cd64557618'],
  [6, 'cee3fe586e46c9cb'],
  [7, '37d1018bf50002ab'],
  [8, '6224939a79f5f593'],
  [9, 'b0e4a90bdf82009e'],
  [10, 'f3b9dd94c5bb5d7a'],
  [11, 'a7ad6b22462fb3f4'],
  [12, 'fbe50e86bc8f1e75'],
  [13, '903d84c02756ea14'],
  [14, 'eef27a8e90ca23f7'],
  // Also in appendix A of the paper, as the number a129ca6149be45e5.
  [15, 'e545be4961ca29a1'],
] as const;

it.each(VECTORS)('a message of %i octets has the hash of the reference implementation', (length, hash) => {
  expect(hashOf(new SipHash(KEY), counted(length))).toBe(hash);
});

it('is what the siphash package computes, for any key and any part of any octets', () => {
  const key = fc.uint8Array({ minLength: 16, maxLength: 16 });
  fc.assert(
    fc.property(
      key,
      fc.uint8Array({ maxLength: 700 }),
      fc.nat(20),
      fc.nat(20),
      (octets, message, before, after) => {
        fc.pre(before + after <= message.length);
        const length = message.length - before - after;
        const view = new DataView(octets.buffer, octets.byteOffset);
        const words = Uint32Array.from([0, 4, 8, 12], (at) => view.getUint32(at, true));
        const { h, l } = siphash.hash(words, message.subarray(before, before + length));
        const sip = new SipHash(octets);
        sip.run(message, before, length);
        expect([sip.low, sip.high]).toEqual([l | 0, h | 0]);
      },
    ),
    { numRuns: 1000 },
  );
});

it('reads a message up to the last octet that its memory has room for', () => {
  const message = new Uint8Array(MAX_MESSAGE).fill(0x5a);
  const { h, l } = siphash.hash(Uint32Array.of(0x03020100, 0x07060504, 0x0b0a0908, 0x0f0e0d0c), message);
  expect(hashOf(new SipHash(KEY), message)).toBe(toHex(new Uint8Array(Uint32Array.of(l, h).buffer)));
});

it('keys stay apart where their hashes alternate, and long messages leave nothing behind', () => {
  const [one, two] = [new SipHash(KEY), new SipHash(KEY.toReversed())];
  const alone = [hashOf(one, counted(42)), hashOf(two, counted(3))];
  hashOf(two, new Uint8Array(MAX_MESSAGE).fill(0xff));
  expect([hashOf(one, counted(42)), hashOf(two, counted(3))]).toEqual(alone);
});

describe('refuses', () => {
  const sip = new SipHash(KEY);
  it('a message that its memory cannot hold', () => {
    expect(() => sip.run(new Uint8Array(MAX_MESSAGE + 1), 0, MAX_MESSAGE + 1)).toThrow(RangeError);
  });

  it('octets beyond the end', () => {
    expect(() => sip.run(counted(8), 1, 8)).toThrow('SipHash over 8 octets from 1 of 8');
  });

  it('a key that has not 16 octets', () => {
    expect(() => new SipHash(counted(15))).toThrow(RangeError);
  });
});
