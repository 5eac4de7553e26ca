import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { compareNames, signedOctets } from '../../src/dnssec/canonical.ts';
import { parseKeyFiles } from '../../src/dnssec/key-file.ts';
import { formatName, latin1, parseName } from '../../src/wire/name.ts';
import { cname } from '../../src/wire/rdata/cname.ts';
import { ns } from '../../src/wire/rdata/ns.ts';
import { nsec } from '../../src/wire/rdata/nsec.ts';
import { rrsig } from '../../src/wire/rdata/rrsig.ts';
import { soa } from '../../src/wire/rdata/soa.ts';
import { txt } from '../../src/wire/rdata/txt.ts';
import { Reader } from '../../src/wire/reader.ts';
import { type Rrset, rrset } from '../../src/wire/rrset.ts';
import { hex, toHex } from '../support/hex.ts';
import { KEY_VECTORS } from '../vectors/keys/rfc.ts';
import { anyFlips, anyName, recased } from '../wire/arbitrary.ts';

const RDATA = {
  typeCovered: 16,
  algorithm: 15,
  labels: 2,
  originalTtl: 300,
  expiration: 1,
  inception: 0,
  keyTag: 1,
  signerName: parseName('Example.'),
};
/** Octets of the RRSIG RDATA in front of the records: the fixed part and `example.` */
const FRONT = 18 + 9;

/** The RDATA of each record that is signed, in order. */
function signedRdatas(set: Rrset): string[] {
  const octets = signedOctets(set, RDATA);
  const reader = new Reader(octets, FRONT);
  const found: string[] = [];
  while (reader.remaining > 0) {
    reader.name();
    reader.octets(8);
    found.push(toHex(reader.octets(reader.u16())));
  }
  return found;
}

const owner = parseName('WWW.Example.');

describe.each(KEY_VECTORS.filter(({ source }) => source.startsWith('RFC 8080')))('$source', (vector) => {
  // example.com. 3600 IN MX 10 mail.example.com., a type that only RFC 3597 knows here.
  const mx: Rrset = {
    owner: parseName('example.com.'),
    type: 15,
    ttl: 3600,
    rdatas: [hex('000a 04 6d61696c 07 6578616d706c65 03 636f6d 00')],
  };
  const unsigned = {
    typeCovered: 15,
    algorithm: vector.algorithm,
    labels: 2,
    originalTtl: 3600,
    expiration: 1440021600,
    inception: 1438207200,
    keyTag: vector.keyTag,
    signerName: parseName('example.com.'),
  };

  it('signs these octets', () => {
    expect(toHex(signedOctets(mx, unsigned))).toBe(toHex(vector.signed));
  });

  it('gives the printed signature with the printed key', () => {
    const { key } = parseKeyFiles(vector.base, vector);
    expect(toHex(key.sign(signedOctets(mx, unsigned)))).toBe(toHex(vector.signature));
  });
});

describe('the canonical form (RFC 4034 §6.2)', () => {
  it('is the RRSIG RDATA without its signature, then each record with the original TTL', () => {
    const set = rrset(txt, owner, 17, [{ strings: [latin1('Ab')] }]);
    expect(toHex(signedOctets(set, RDATA))).toBe(
      toHex(
        hex(
          '0010 0f 02 0000012c 00000001 00000000 0001 07 6578616d706c65 00',
          '03 777777 07 6578616d706c65 00 0010 0001 0000012c 0003 02 4162',
        ),
      ),
    );
  });

  it('starts with what an RRSIG record holds in front of its signature', () => {
    const set = rrset(txt, owner, 300, [{ strings: [] }]);
    const octets = signedOctets(set, RDATA).subarray(0, FRONT);
    const decoded = rrsig.decode(new Reader(octets), octets.length);
    expect(decoded).toEqual({ ...RDATA, signerName: parseName('example.'), signature: new Uint8Array(0) });
  });

  it.each([
    ['NS', rrset(ns, owner, 300, [{ nsdname: parseName('NS1.Example.') }])],
    ['CNAME', rrset(cname, owner, 300, [{ target: parseName('NS1.Example.') }])],
  ])('lower-cases the name in %s', (_type, set) => {
    expect(signedRdatas(set)).toEqual([toHex(parseName('ns1.example.'))]);
  });

  it('lower-cases both names in SOA', () => {
    const [mname, rname] = ['NS1.Example.', 'Hostmaster.Example.'].map((text) => parseName(text)) as [
      Uint8Array,
      Uint8Array,
    ];
    const set = rrset(soa, owner, 300, [
      { mname, rname, serial: 1, refresh: 2, retry: 3, expire: 4, minimum: 5 },
    ]);
    const names = toHex(parseName('ns1.example.')) + toHex(parseName('hostmaster.example.'));
    expect(signedRdatas(set)[0]!.slice(0, names.length)).toBe(names);
  });

  it('keeps the case of the next name in NSEC (RFC 6840 §5.1)', () => {
    const set = rrset(nsec, owner, 300, [{ nextName: parseName('NEXT.Example.'), types: [1] }]);
    expect(signedRdatas(set)).toEqual([`${toHex(parseName('NEXT.Example.'))}000140`]);
  });

  it('does not look into RDATA of a type that we do not know (RFC 3597 §7)', () => {
    const rdata = parseName('MAIL.Example.');
    expect(signedRdatas({ owner, type: 65_280, ttl: 300, rdatas: [rdata] })).toEqual([toHex(rdata)]);
  });

  it('is the same for an owner in any case', () => {
    fc.assert(
      fc.property(anyName(), anyFlips, (name, flips) => {
        const set = (asked: Uint8Array) => rrset(ns, asked, 300, [{ nsdname: asked }]);
        expect(signedOctets(set(recased(name, flips)), RDATA)).toEqual(signedOctets(set(name), RDATA));
      }),
    );
  });
});

describe('the order of records (RFC 4034 §6.3)', () => {
  const unknown = (...rdatas: string[]): Rrset => ({
    owner,
    type: 65_280,
    ttl: 300,
    rdatas: rdatas.map((one) => hex(one)),
  });

  it('is that of RDATA as unsigned octets, where an absent octet comes before a zero octet', () => {
    expect(signedRdatas(unknown('ff', '7f00', '7f', '80', '00', '', '0000'))).toEqual([
      '',
      '00',
      '0000',
      '7f',
      '7f00',
      '80',
      'ff',
    ]);
  });

  it('is that of the canonical form, not of the form that came', () => {
    const names = ['b.example.', 'A.example.', 'C.example.'].map((text) => ({ nsdname: parseName(text) }));
    expect(signedRdatas(rrset(ns, owner, 300, names))).toEqual(
      ['a.example.', 'b.example.', 'c.example.'].map((text) => toHex(parseName(text))),
    );
  });

  it('counts records that are equal in canonical form once', () => {
    const names = ['A.example.', 'a.EXAMPLE.', 'b.example.'].map((text) => ({ nsdname: parseName(text) }));
    expect(signedRdatas(rrset(ns, owner, 300, names))).toHaveLength(2);
  });

  it('does not depend on the order in which they came', () => {
    const lists = fc.array(fc.uint8Array({ maxLength: 5 }), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(
        lists.chain((list) =>
          fc.tuple(fc.constant(list), fc.shuffledSubarray(list, { minLength: list.length })),
        ),
        ([list, shuffled]) => {
          const set = (rdatas: readonly Uint8Array[]): Rrset => ({ owner, type: 65_280, ttl: 300, rdatas });
          expect(signedOctets(set(shuffled), RDATA)).toEqual(signedOctets(set(list), RDATA));
        },
      ),
    );
  });
});

it('orders names as RFC 4034 §6.1 does', () => {
  const sorted = [
    'example.',
    'a.example.',
    'yljkjljk.a.example.',
    'Z.a.example.',
    'zABC.a.EXAMPLE.',
    'z.example.',
  ];
  const all = [...sorted, '\\001.z.example.', '*.z.example.', '\\200.z.example.'].map((text) =>
    parseName(text),
  );
  for (const [at, one] of all.entries())
    for (const [place, other] of all.entries())
      expect(Math.sign(compareNames(one, other)), `${formatName(one)} ${formatName(other)}`).toBe(
        Math.sign(at - place),
      );
});
