/** Small parts of the server layer: fragments, limits, buckets, prefixes, sources. */
import { describe, expect, it } from 'vitest';
import { linkMtu } from '../../src/engine/listen.ts';
import { makeAllow } from '../../src/server/allow.ts';
import { fragmentsOf } from '../../src/server/arrival.ts';
import { makeBuckets, makeRecentProofs } from '../../src/server/budget.ts';
import { fillerStrings } from '../../src/server/fit.ts';
import { type AnswerClass, udpLimit } from '../../src/server/limit.ts';
import { prefixTag, readSource, sourceTag } from '../../src/server/source.ts';
import { addressKey, parseAddress } from '../../src/wire/address.ts';
import { latin1 } from '../../src/wire/name.ts';
import { makeMac } from '../../src/zone/mac.ts';
import { arrivalOf } from '../support/responder.ts';

describe('IP packets of a UDP answer', () => {
  it.each([
    { octets: 1472, source: '192.0.2.1', linkMtu: 1500, packets: 1, why: 'the last that fits IPv4 on 1500' },
    { octets: 1473, source: '192.0.2.1', linkMtu: 1500, packets: 2, why: 'the first that does not' },
    {
      octets: 1452,
      source: '2001:db8::1',
      linkMtu: 1500,
      packets: 1,
      why: 'the last that fits IPv6 on 1500',
    },
    { octets: 1453, source: '2001:db8::1', linkMtu: 1500, packets: 2, why: 'the first that does not' },
    { octets: 4096, source: '192.0.2.1', linkMtu: 1500, packets: 3, why: '4104 octets in pieces of 1480' },
    { octets: 4096, source: '2001:db8::1', linkMtu: 1280, packets: 4, why: '4104 octets in pieces of 1232' },
    {
      octets: 2508,
      source: '192.0.2.1',
      linkMtu: 1280,
      packets: 2,
      why: 'the last fragment is filled to the MTU',
    },
    { octets: 2509, source: '192.0.2.1', linkMtu: 1280, packets: 3, why: 'and one octet more is another' },
    { octets: 2890, source: '2001:db8::1', linkMtu: 1500, packets: 3, why: 'IPv6 fills none: 1448, 1448, 2' },
    { octets: 4096, source: '127.0.0.1', linkMtu: 65_536, packets: 1, why: 'loopback' },
    { octets: 4096, source: '192.0.2.1', linkMtu: 0, packets: 0, why: 'unknown MTU is said to be unknown' },
  ])('$octets to $source at MTU $linkMtu: $packets ($why)', ({ octets, packets, ...from }) => {
    expect(fragmentsOf(octets, arrivalOf(from))).toBe(packets);
    expect(fragmentsOf(octets, arrivalOf({ ...from, transport: 'tcp' }))).toBe(0);
  });

  it('are counted by the MTU of the link that has the address', () => {
    expect(linkMtu('127.0.0.2')).toBeGreaterThanOrEqual(1280);
    expect(linkMtu('192.0.2.1')).toBe(0);
  });
});

describe('octets that may leave over UDP', () => {
  const settings = { udpMax: 4096, udpPlainMax: 1232 };
  const edns = (udpPayloadSize: number) => ({
    version: 0,
    udpPayloadSize,
    dnssecOk: true,
    compactOk: false,
    options: [],
  });
  it.each([
    { offered: undefined, what: 'measured', proof: 'gate', limit: 512 },
    { offered: 0, what: 'measured', proof: 'gate', limit: 512 },
    { offered: 1472, what: 'measured', proof: 'gate', limit: 1472 },
    { offered: 65_535, what: 'measured', proof: 'gate', limit: 4096 },
    { offered: 65_535, what: 'other', proof: 'gate', limit: 1232 },
    { offered: 4096, what: 'infrastructure', proof: 'recent', limit: 1750 },
    { offered: 1232, what: 'infrastructure', proof: 'recent', limit: 1232 },
    { offered: 4096, what: 'measured', proof: 'recent', limit: 8 * 50 + 64 },
    { offered: 4096, what: 'infrastructure', proof: 'none', limit: 8 * 50 + 64 },
  ] as const)('$what, EDNS $offered, proof $proof: $limit', ({ offered, what, proof, limit }) => {
    expect(
      udpLimit(offered === undefined ? undefined : edns(offered), 50, what as AnswerClass, proof, settings),
    ).toBe(limit);
  });
});

describe('a bucket', () => {
  it('gives what it has and fills again with time, each key for itself', () => {
    const buckets = makeBuckets(1000, 3000, 16);
    expect([1, 2, 3, 4].map(() => buckets.take(5, 1000, 0))).toEqual([true, true, true, false]);
    expect(buckets.take(6, 3000, 0)).toBe(true);
    expect(buckets.take(5, 1000, 999)).toBe(false);
    expect(buckets.take(5, 1000, 1000)).toBe(true);
    expect(buckets.take(5, 3001, 1_000_000)).toBe(false);
  });

  it('takes a clock that goes back for one that stands still', () => {
    const buckets = makeBuckets(1000, 1000, 1);
    buckets.take(0, 1000, 10_000);
    expect(buckets.take(0, 1, 5_000)).toBe(false);
  });

  it('of no limit always gives', () => {
    expect(makeBuckets(0, 0, 1).take(0, 1e12, 0)).toBe(true);
  });
});

it('a recent proof is forgotten after ten minutes, and when another takes its place', () => {
  const recent = makeRecentProofs(4);
  recent.note(3, 0);
  expect([recent.has(3, 599_999), recent.has(3, 600_000), recent.has(7, 0)]).toEqual([true, false, false]);
  recent.note(7, 0);
  expect(recent.has(3, 0)).toBe(false);
});

describe('a source address', () => {
  const taggers = {
    source: makeMac(latin1('sixteen octets..'), 'source'),
    prefix: makeMac(latin1('sixteen octets..'), 'prefix'),
  };
  it('that is IPv4 mapped into IPv6 is IPv4', () => {
    expect(readSource('::ffff:192.0.2.7')).toMatchObject({ text: '192.0.2.7', family: 4 });
  });

  it('shares its prefix tag with its /24 or /48, its own tag with nobody', () => {
    const tags = (text: string) => [
      prefixTag(readSource(text), taggers),
      sourceTag(readSource(text), taggers),
    ];
    expect(tags('192.0.2.7')[0]).toBe(tags('192.0.2.250')[0]);
    expect(tags('192.0.2.7')[0]).not.toBe(tags('192.0.3.7')[0]);
    expect(tags('2001:db8:1::7')[0]).toBe(tags('2001:db8:1:ffff::9')[0]);
    expect(tags('2001:db8:1::7')[0]).not.toBe(tags('2001:db8:2::7')[0]);
    expect(tags('192.0.2.7')[1]).not.toBe(tags('192.0.2.8')[1]);
  });

  it('is read from every form of IPv6 text', () => {
    for (const text of ['2001:db8::1', '2001:0DB8:0:0::0:1', '2001:db8:0:0:0:0:0.0.0.1'])
      expect(addressKey(text)).toBe('20010db8000000000000000000000001');
    expect(addressKey('::')).toBe('0'.repeat(32));
    expect(readSource('fe80::1%lo').family).toBe(6);
  });

  it('is allowed by a prefix that holds it, to the bit', () => {
    const prefixes = [
      { address: '192.0.2.128', length: 25 },
      { address: '2001:db8::', length: 33 },
    ];
    const allow = makeAllow(prefixes);
    const allowed = (text: string) => allow(parseAddress(text), parseAddress(text).length);
    expect(['192.0.2.129', '192.0.2.127', '2001:db8:7fff::1', '2001:db8:8000::1'].map(allowed)).toEqual([
      true,
      false,
      true,
      false,
    ]);
  });
});

it('filler has every length from 1 octet, in strings of 255 at the most', () => {
  for (const octets of [1, 2, 255, 256, 257, 512, 513, 65_535]) {
    const strings = fillerStrings(octets);
    expect(strings.reduce((sum, { length }) => sum + 1 + length, 0)).toBe(octets);
    expect(Math.max(...strings.map(({ length }) => length))).toBeLessThanOrEqual(255);
  }
  expect(() => fillerStrings(0)).toThrow(RangeError);
});
