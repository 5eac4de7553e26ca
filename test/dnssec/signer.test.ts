import { createPublicKey, type KeyObject, verify as nodeVerify } from 'node:crypto';
import * as noble from '@noble/ed25519';
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/dnssec/algorithm.ts';
import { generateKey, type SigningKey, type ZoneKey } from '../../src/dnssec/key.ts';
import { Signer } from '../../src/dnssec/signer.ts';
import { formatName, latin1, lower, type Name, parseName, prepend } from '../../src/wire/name.ts';
import { dnskey } from '../../src/wire/rdata/dnskey.ts';
import type { Rrsig } from '../../src/wire/rdata/rrsig.ts';
import { txt } from '../../src/wire/rdata/txt.ts';
import { Reader } from '../../src/wire/reader.ts';
import { encodeRrset, type Rrset, rrset } from '../../src/wire/rrset.ts';
import { Writer } from '../../src/wire/writer.ts';
import { anyName } from '../wire/arbitrary.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
const NOW = Date.UTC(2026, 10, 24, 12) / 1000;
const ZONE = 'probe.test.';
const apex = parseName(ZONE);
const owner = parseName('S512.Probe.test.');

const keyOf = (algorithm: number, flags: 256 | 257 = 257) => generateKey({ zone: ZONE, algorithm, flags });
const txtSet = (name: Name, text = 'said', ttl = 300): Rrset =>
  rrset(txt, name, ttl, [{ strings: [latin1(text)] }]);
const rdatasOf = (set: Rrset) => set.rdatas as readonly Rrsig[];
const onlyRdata = (set: Rrset) => rdatasOf(set)[0]!;

/** What a signature over one TXT record covers, put together here and not by the code under test (RFC 4034 §3.1.8.1). */
function covered(name: Name, text: string, { signature: _, ...rdata }: Rrsig): Buffer {
  const u16 = (value: number) => [value >> 8, value & 0xff];
  const u32 = (value: number) => [...u16(value >>> 16), ...u16(value & 0xffff)];
  return Buffer.from([
    ...[...u16(rdata.typeCovered), rdata.algorithm, rdata.labels],
    ...[...u32(rdata.originalTtl), ...u32(rdata.expiration), ...u32(rdata.inception), ...u16(rdata.keyTag)],
    ...lower(rdata.signerName),
    ...[...lower(name), ...u16(16), ...u16(1), ...u32(rdata.originalTtl)],
    ...[...u16(text.length + 1), text.length, ...latin1(text)],
  ]);
}

/** node:crypto, told by algorithm number what it has to know; null hashes for itself (RFC 5702, 6605, 8080). */
function verifies(key: ZoneKey, data: Buffer, signature: Uint8Array): boolean {
  const hash = { 8: 'sha256', 13: 'sha256', 14: 'sha384' }[key.algorithm] ?? null;
  const publicKey: KeyObject = createPublicKey(key.privateKey);
  return nodeVerify(hash, data, { key: publicKey, dsaEncoding: 'ieee-p1363' }, signature);
}

describe.each(SIGNING_ALGORITHMS)('algorithm $number $mnemonic', ({ number }) => {
  const key = keyOf(number);
  const signer = new Signer(apex, [key]);

  it('makes signatures that node:crypto verifies, and that say whose and when', () => {
    const signed = signer.sign(txtSet(owner), NOW);
    expect(signed).toMatchObject({ owner, type: 46, ttl: 300 });
    const rdata = onlyRdata(signed);
    expect(rdata).toMatchObject({
      typeCovered: 16,
      algorithm: number,
      labels: 3,
      originalTtl: 300,
      keyTag: key.keyTag,
      signerName: apex,
    });
    expect(verifies(key, covered(owner, 'said', rdata), rdata.signature)).toBe(true);
    expect(verifies(key, covered(owner, 'Said', rdata), rdata.signature)).toBe(false);
  });

  it('foretells the size of the record that it will sign', () => {
    const sizeOf = (set: Rrset) => {
      const writer = new Writer('message');
      encodeRrset(writer, set);
      return writer.length;
    };
    fc.assert(
      fc.property(anyName(apex), fc.nat(0xffff), (name, ttl) => {
        const set = txtSet(name, 'x', ttl);
        expect(sizeOf(signer.placeholder(set))).toBe(sizeOf(signer.sign(set, NOW)));
      }),
      { numRuns: 30 },
    );
  });

  it('spoils a signature on request, and only the signature', () => {
    const rdata = onlyRdata(signer.sign(txtSet(owner), NOW, 'badsig'));
    expect(rdata.signature).toHaveLength(key.signatureOctets);
    expect(verifies(key, covered(owner, 'said', rdata), rdata.signature)).toBe(false);
    const mended = Uint8Array.from(rdata.signature);
    mended[mended.length - 1]! ^= 1;
    expect(verifies(key, covered(owner, 'said', rdata), mended)).toBe(true);
  });

  it('lets a signature expire on request: it is sound, but its time is over', () => {
    const rdata = onlyRdata(signer.sign(txtSet(owner), NOW, 'expired'));
    expect(rdata.expiration).toBeLessThan(NOW - HOUR);
    expect(rdata.inception).toBeLessThan(rdata.expiration);
    expect(verifies(key, covered(owner, 'said', rdata), rdata.signature)).toBe(true);
  });

  it('signs DNSKEY so that node:crypto agrees on the public key too', () => {
    const set = rrset(dnskey, apex, 300, [dnskey.decode(new Reader(key.rdata), key.rdata.length)]);
    const { signature: _, ...rdata } = onlyRdata(signer.sign(set, NOW));
    const spki = createPublicKey(key.privateKey).export({ format: 'jwk' });
    const octets = (member: string | undefined) => Buffer.from(member ?? '', 'base64url');
    const point = [...octets(spki.x), ...octets(spki.y)];
    const expected = number === 8 ? [3, ...octets(spki.e), ...octets(spki.n)] : point;
    expect([...key.publicKey]).toEqual(expected);
    expect(rdata.typeCovered).toBe(48);
  });
});

it('makes Ed25519 signatures that @noble/ed25519 verifies', () => {
  const key = keyOf(15);
  const signer = new Signer(apex, [key]);
  fc.assert(
    fc.property(anyName(apex), fc.string({ unit: 'binary-ascii', maxLength: 255 }), (name, text) => {
      const rdata = onlyRdata(signer.sign(txtSet(name, text), NOW));
      expect(noble.verify(rdata.signature, covered(name, text, rdata), key.publicKey)).toBe(true);
    }),
    { numRuns: 60 },
  );
});

describe('times', () => {
  const signer = new Signer(apex, [keyOf(15)]);

  it('begin an hour back, for clocks that are slow, and end 14 to 16 days ahead', () => {
    fc.assert(
      fc.property(anyName(apex), fc.integer({ min: NOW, max: NOW + 1000 * DAY }), (name, now) => {
        const { inception, expiration } = onlyRdata(signer.sign(txtSet(name), now));
        expect(inception).toBe(now - HOUR);
        expect(expiration).toBeGreaterThanOrEqual(now + 14 * DAY);
        expect(expiration).toBeLessThan(now + 16 * DAY);
      }),
      { numRuns: 60 },
    );
  });

  it('end at different moments for different owners, and at one for an owner in any case', () => {
    const end = (name: string) => onlyRdata(signer.sign(txtSet(parseName(name)), NOW)).expiration;
    const ends = Array.from({ length: 20 }, (_, at) => end(`s${512 + at}.probe.test.`));
    expect(new Set(ends).size).toBeGreaterThan(15);
    expect(end('S512.PROBE.test.')).toBe(ends[0]);
  });
});

describe('keys', () => {
  const [ksk, zsk] = [keyOf(13, 257), keyOf(13, 256)];
  const tags = (keys: readonly SigningKey[]) => keys.map(({ keyTag }) => keyTag);

  it.each([
    [48, 'DNSKEY'],
    [59, 'CDS'],
    [60, 'CDNSKEY'],
  ])('the KSK signs type %i, %s', (type) => {
    expect(tags(new Signer(apex, [zsk, ksk]).keysFor(type))).toEqual([ksk.keyTag]);
  });

  it.each([6, 2, 16, 47, 43, 1])('the ZSK signs type %i', (type) => {
    expect(tags(new Signer(apex, [ksk, zsk]).keysFor(type))).toEqual([zsk.keyTag]);
  });

  it('one key alone signs everything, whatever its flags', () => {
    for (const key of [ksk, zsk])
      for (const type of [48, 16]) expect(tags(new Signer(apex, [key]).keysFor(type))).toEqual([key.keyTag]);
  });

  it('two keys of a kind make two signatures, and cost both', () => {
    const signer = new Signer(apex, [ksk, zsk, keyOf(14, 256)]);
    expect(rdatasOf(signer.sign(txtSet(owner), NOW)).map(({ algorithm }) => algorithm)).toEqual([13, 14]);
    expect(signer.costOf(16)).toBe(28 + 920);
    expect(signer.costOf(48)).toBe(28);
  });
});

describe('remembered signatures', () => {
  // ECDSA signatures differ each time: two that are equal are one.
  const key = keyOf(13);
  const fresh = () => new Signer(apex, [key]);
  const signature = (set: Rrset) => Buffer.from(onlyRdata(set).signature).toString('hex');
  const set = txtSet(owner);

  it('serve again for a day, and are then renewed', () => {
    const signer = fresh();
    const at = (seconds: number) => signature(signer.sign(set, NOW + seconds, undefined, 'name'));
    const first = at(0);
    expect(at(DAY - 1)).toBe(first);
    const second = at(DAY);
    expect(second).not.toBe(first);
    expect(at(2 * DAY - 1)).toBe(second);
  });

  it('have 13 days left at least whenever they serve', () => {
    const signer = fresh();
    for (let now = NOW; now < NOW + 40 * DAY; now += 5 * HOUR) {
      const { expiration, inception } = onlyRdata(signer.sign(set, now, undefined, 'name'));
      expect(expiration - now).toBeGreaterThanOrEqual(13 * DAY);
      expect(inception).toBeLessThanOrEqual(now - HOUR);
    }
  });

  it('are made anew when the clock has gone back, or they would not be valid yet', () => {
    const signer = fresh();
    signer.sign(set, NOW + 10 * DAY, undefined, 'name');
    expect(onlyRdata(signer.sign(set, NOW, undefined, 'name')).inception).toBe(NOW - HOUR);
  });

  it('are made only under a name to remember them by', () => {
    const signer = fresh();
    expect(signature(signer.sign(set, NOW))).not.toBe(signature(signer.sign(set, NOW)));
  });

  it('never serve another name, TTL or type', () => {
    const signer = fresh();
    const first = signature(signer.sign(set, NOW, undefined, 'name'));
    const others = [
      signer.sign(set, NOW, undefined, 'name2'),
      signer.sign(txtSet(owner, 'said', 60), NOW, undefined, 'name'),
      signer.sign({ ...set, type: 65_280, rdatas: [Uint8Array.of(4)] }, NOW, undefined, 'name'),
    ];
    for (const other of others) expect(signature(other)).not.toBe(first);
    expect(onlyRdata(others[1]!).originalTtl).toBe(60);
    expect(onlyRdata(others[2]!).typeCovered).toBe(65_280);
  });

  it('are known beforehand: whether there is one for the same name, TTL and type at this time', () => {
    const signer = fresh();
    const knows = (one: Rrset, now = NOW, reuse = 'name') => signer.remembers(one, now, reuse);
    expect(knows(set)).toBe(false);
    signer.sign(set, NOW, undefined, 'name');
    expect([knows(set), knows(set, NOW + DAY - 1)]).toEqual([true, true]);
    expect([knows(set, NOW + DAY), knows(set, NOW - 1), knows(set, NOW, 'name2')]).toEqual([
      false,
      false,
      false,
    ]);
    expect(knows(txtSet(owner, 'said', 60))).toBe(false);
    signer.sign(txtSet(owner, 'said', 60), NOW, 'badsig', 'name');
    expect(knows(txtSet(owner, 'said', 60))).toBe(false);
  });

  it('serve the owner in the case in which it is asked for', () => {
    const signer = fresh();
    signer.sign(set, NOW, undefined, 'name');
    const again = signer.sign(txtSet(lower(owner)), NOW, undefined, 'name');
    expect(formatName(again.owner)).toBe('s512.probe.test.');
    const rdata = onlyRdata(again);
    expect(verifies(key, covered(lower(owner), 'said', rdata), rdata.signature)).toBe(true);
  });

  it('are never spoiled ones', () => {
    const signer = fresh();
    signer.sign(set, NOW, 'badsig', 'name');
    const rdata = onlyRdata(signer.sign(set, NOW, undefined, 'name'));
    expect(verifies(key, covered(owner, 'said', rdata), rdata.signature)).toBe(true);
    const spoiled = onlyRdata(signer.sign(set, NOW, 'badsig', 'name'));
    expect(verifies(key, covered(owner, 'said', spoiled), spoiled.signature)).toBe(false);
  });

  it('number 20,000 at most: the oldest goes first', () => {
    const signer = fresh();
    const under = (name: string) => signature(signer.sign(set, NOW, undefined, name));
    const [first, second] = [under('first'), under('second')];
    for (let count = 2; count < 20_000; count++) under(`${count}`);
    expect(under('first')).toBe(first);
    under('one more');
    expect(under('second')).toBe(second);
    expect(under('first')).not.toBe(first);
  });
});

it('an owner of any octets is signed under as many labels as it has', () => {
  const signer = new Signer(apex, [keyOf(15)]);
  expect(onlyRdata(signer.sign(txtSet(prepend('a.b', apex)), NOW)).labels).toBe(3);
  expect(onlyRdata(signer.sign(txtSet(apex), NOW)).labels).toBe(2);
});
