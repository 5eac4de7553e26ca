/** Cookies and tags read and written in place are to the bit what earlier versions make and take. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  COOKIE_OCTETS,
  type Cookie,
  type CookieLayout,
  type MutableCookie,
  makeCookie,
  readCookie,
  readCookieInto,
  writeCookie,
} from '../../src/server/cookie.ts';
import { prefixTag, prefixTagOf, type Source, sourceTag, sourceTagOf } from '../../src/server/source.ts';
import { latin1 } from '../../src/wire/name.ts';
import { macOfKey, makeMac } from '../../src/zone/mac.ts';
import { hex } from '../support/hex.ts';
import { type FormerHash, formerHash, formerTag, hashOfKey } from '../zone/former.ts';

const secret = latin1('a secret that only tests have');
const mac = makeMac(secret, 'cookie');
const hash = formerHash(secret, 'cookie');
const VERSION = { private: 0x70, rfc9018: 1 };

const anySource: fc.Arbitrary<Source> = fc
  .constantFrom(4 as const, 6 as const)
  .chain((family) =>
    fc
      .uint8Array({ minLength: family === 4 ? 4 : 16, maxLength: family === 4 ? 4 : 16 })
      .map((octets) => ({ text: 'any', octets, family })),
  );
const anyLayout = fc.constantFrom<CookieLayout>('private', 'rfc9018');
const anyClient = fc.uint8Array({ minLength: 8, maxLength: 8 });
const anyInstance = fc.nat(0xffff_ffff);
const anySeconds = fc.nat(2 ** 34);

function formerCookie(
  client: Uint8Array,
  { octets }: Source,
  instance: number,
  seconds: number,
  layout: CookieLayout,
  by: FormerHash = hash,
): Uint8Array {
  const front = new DataView(new ArrayBuffer(8));
  front.setUint32(0, layout === 'private' ? instance & 0xff_ffff : 0);
  front.setUint8(0, VERSION[layout]);
  front.setUint32(4, seconds % 2 ** 32);
  const half = new Uint8Array(front.buffer);
  return Uint8Array.from([...client, ...half, ...by(Uint8Array.from([...client, ...half, ...octets]))]);
}

function formerReadCookie(
  data: Uint8Array,
  { octets }: Source,
  seconds: number,
  layout: CookieLayout,
): Cookie {
  const client = data.slice(0, 8);
  if (data.length === 8) return { state: 'client', client, instance: null };
  const server = data.slice(8);
  const expected = hash(Uint8Array.from([...client, ...server.subarray(0, 8), ...octets]));
  if (
    server.length !== 16 ||
    server[0] !== VERSION[layout] ||
    Buffer.compare(server.subarray(8), expected) !== 0
  )
    return { state: 'stale', client, instance: null };
  const view = new DataView(server.buffer);
  const age = (seconds - view.getUint32(4)) | 0;
  const instance = layout === 'private' ? view.getUint32(0) & 0xff_ffff : null;
  return { state: age <= 3600 && age >= -300 ? 'valid' : 'stale', client, instance };
}

describe('a cookie', () => {
  it('is written as ever, in place and not', () => {
    fc.assert(
      fc.property(
        anyClient,
        anySource,
        anyInstance,
        anySeconds,
        anyLayout,
        fc.nat(9),
        fc.nat(9),
        (client, source, instance, seconds, layout, clientAt, at) => {
          const former = formerCookie(client, source, instance, seconds, layout);
          expect(makeCookie(client, source, instance, seconds, layout, mac)).toEqual(former);
          const query = Uint8Array.from([...new Uint8Array(clientAt), ...client]);
          const received = Uint8Array.from([...source.octets, ...new Uint8Array(12).fill(0x99)]);
          const out = new Uint8Array(at + COOKIE_OCTETS + 5).fill(0xaa);
          const { length } = source.octets;
          writeCookie(query, clientAt, received, length, instance, seconds, layout, mac, out, at);
          const untouched = [new Uint8Array(at).fill(0xaa), new Uint8Array(5).fill(0xaa)] as const;
          expect(out).toEqual(Uint8Array.from([...untouched[0], ...former, ...untouched[1]]));
        },
      ),
    );
  });

  it('may be written over the client cookie that it answers', () => {
    const source = { text: '192.0.2.7', octets: hex('c0000207'), family: 4 } as const;
    const octets = new Uint8Array(COOKIE_OCTETS + 2).fill(3);
    writeCookie(octets, 2, source.octets, 4, 9, 1_800_000_000, 'private', mac, octets, 2);
    expect(octets.subarray(2)).toEqual(
      formerCookie(new Uint8Array(8).fill(3), source, 9, 1_800_000_000, 'private'),
    );
  });

  it('is read as ever, in place and not, sound, aged, damaged or of any other length', () => {
    const damage = fc.option(fc.nat(COOKIE_OCTETS * 8 - 1));
    const states = new Set<string>();
    const read: MutableCookie = { state: 'none', instance: null };
    const judge = (data: Uint8Array, source: Source, seconds: number, layout: CookieLayout, at: number) => {
      const former = formerReadCookie(data, source, seconds, layout);
      expect(readCookie(data, source, seconds, layout, mac)).toEqual(former);
      const query = Uint8Array.from([...new Uint8Array(at).fill(0xaa), ...data, 1, 2, 3]);
      const received = Uint8Array.from([...source.octets, ...new Uint8Array(12).fill(0x99)]);
      readCookieInto(query, at, data.length, received, source.octets.length, seconds, layout, mac, read);
      expect(read).toEqual({ state: former.state, instance: former.instance });
      states.add(`${read.state} ${read.instance === null}`);
    };
    fc.assert(
      fc.property(
        fc.record({ client: anyClient, source: anySource, instance: anyInstance, seconds: anySeconds }),
        anyLayout,
        anyLayout,
        damage,
        fc.integer({ min: -400, max: 4000 }),
        fc.nat(9),
        ({ client, source, instance, seconds }, written, layout, bit, later, at) => {
          const data = formerCookie(client, source, instance, seconds, written);
          if (bit !== null) data[bit >> 3]! ^= 1 << (bit & 7);
          judge(data, source, seconds + later, layout, at);
        },
      ),
      { numRuns: 1000 },
    );
    const anyData = fc.uint8Array({ minLength: 8, maxLength: 40 });
    fc.assert(
      fc.property(anyData, anySource, anySeconds, anyLayout, (data, source, seconds, layout) =>
        judge(data, source, seconds, layout, 0),
      ),
    );
    expect([...states].sort()).toEqual([
      'client true',
      'stale false',
      'stale true',
      'valid false',
      'valid true',
    ]);
  });

  // RFC 9018, Appendix A.1 and A.2: the same secret, a new and a young cookie.
  it.each([
    { seconds: 1_559_731_985, data: '2464c4abcf10c957 010000005cf79f11 1f8130c3eee29480' },
    { seconds: 1_559_734_385, data: '2464c4abcf10c957 010000005cf7a871 d4a564a1442aca77' },
  ])('at $seconds is that of RFC 9018, Appendix A', ({ seconds, data }) => {
    const key = hex('e5e973e5a6b2a43f48e7dc849e37bfcf');
    const source = { text: '198.51.100.100', octets: hex('c6336464'), family: 4 } as const;
    const client = hex('2464c4abcf10c957');
    expect(makeCookie(client, source, 5, seconds, 'rfc9018', macOfKey(key))).toEqual(hex(data));
    expect(formerCookie(client, source, 5, seconds, 'rfc9018', hashOfKey(key))).toEqual(hex(data));
    expect(readCookie(hex(data), source, seconds, 'rfc9018', macOfKey(key)).state).toBe('valid');
  });
});

describe('the tags of a source address', () => {
  const taggers = { source: makeMac(secret, 'source'), prefix: makeMac(secret, 'prefix') };
  it('are those of ever, in place and not', () => {
    fc.assert(
      fc.property(anySource, (source) => {
        const { octets, family } = source;
        const whole = formerTag(formerHash(secret, 'source'), octets, 4);
        const prefix =
          formerTag(formerHash(secret, 'prefix'), octets.subarray(0, family === 4 ? 3 : 6), 3) || 1;
        expect([sourceTag(source, taggers), prefixTag(source, taggers)]).toEqual([whole, prefix]);
        const received = Uint8Array.from([...octets, ...new Uint8Array(12).fill(0x99)]);
        expect(sourceTagOf(received, octets.length, taggers)).toBe(whole);
        expect(prefixTagOf(received, family, taggers)).toBe(prefix);
      }),
    );
  });

  it('are never 0 for a prefix', () => {
    const zero = { ...taggers.prefix, tagOf: () => 0 };
    expect(prefixTagOf(hex('c0000207'), 4, { ...taggers, prefix: zero })).toBe(1);
  });
});
