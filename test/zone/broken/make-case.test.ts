/** Every shipped case says exactly what is wrong with it: asked as a strict validator asks, without a server. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { hashName } from '../../../src/dnssec/nsec3.ts';
import { RCODE } from '../../../src/wire/header.ts';
import { formatName, nameKey, parseName, prepend } from '../../../src/wire/name.ts';
import type { Ds } from '../../../src/wire/rdata/ds.ts';
import type { Nsec } from '../../../src/wire/rdata/nsec.ts';
import type { Nsec3 } from '../../../src/wire/rdata/nsec3.ts';
import { type Rrsig, rrsig } from '../../../src/wire/rdata/rrsig.ts';
import { parseType, typeText } from '../../../src/wire/rdata/table.ts';
import type { Rrset } from '../../../src/wire/rrset.ts';
import { formatBase32hex } from '../../../src/zone/base32hex.ts';
import type { Statement } from '../../../src/zone/made.ts';
import { ask, validate } from './validator.ts';
import { CASES, makeZones, NOON } from './zones.ts';

const zoneOf = makeZones();
const HOUR = 3600;

/** What a strict validator finds. */
const FOUND: Readonly<Record<string, string>> = {
  'alg-private': 'insecure: no DS that is supported',
  'alg-unassigned': 'insecure: no DS that is supported',
  alg1: 'insecure: no DS that is supported',
  alg10: 'secure',
  alg13: 'secure',
  alg14: 'secure',
  alg15: 'secure',
  alg16: 'secure',
  alg5: 'secure',
  alg7: 'secure',
  alg8: 'secure',
  'alg8-1024': 'secure',
  'alg8-4096': 'secure',
  'alg8-512': 'secure',
  'bad-cname-to-good': 'bogus: CNAME: does not verify',
  'big-dnskey': 'secure',
  'cname-to-bad': 'bogus: A: does not verify',
  'dnskey-ksk-nozonebit': 'bogus: DNSKEY: the key has no Zone Key bit',
  'dnskey-no-ksk': 'bogus: no DNSKEY for any DS',
  'dnskey-no-zsk': 'bogus: A: of no key',
  'dnskey-none': 'bogus: no DNSKEY',
  'dnskey-nozonebit': 'bogus: A: the key has no Zone Key bit',
  'dnskey-proto': 'bogus: A: the key has protocol 4',
  'dnskey-revoked-ksk': 'bogus: DNSKEY: the key is revoked',
  'dnskey-revoked-ksk-olds': 'bogus: no DNSKEY for any DS',
  'do-stripped': 'bogus: DNSKEY: no signature',
  'ds-bad-algo': 'bogus: no DNSKEY for any DS',
  'ds-bad-digest': 'bogus: no DNSKEY for any DS',
  'ds-bad-tag': 'bogus: no DNSKEY for any DS',
  'ds-gost-only': 'insecure: no DS that is supported',
  'ds-onegood-onebad': 'secure',
  'ds-reserved-algo': 'insecure: no DS that is supported',
  'ds-sha1-only': 'secure',
  'ds-sha1good-sha256bad': 'bogus: no DNSKEY for any DS',
  'ds-sha384': 'secure',
  'ds-unassigned-algo': 'insecure: no DS that is supported',
  'ds-unassigned-digest': 'insecure: no DS that is supported',
  'ecs-formerr': 'secure',
  good: 'secure',
  nods: 'insecure: no DS',
  'nsec-bad': 'bogus: NSEC: does not verify',
  'nsec-missing': 'bogus: nothing denies the type',
  'nsec-wrong': 'bogus: what is there does not deny the type',
  'nsec3-0': 'secure',
  'nsec3-1': 'secure',
  'nsec3-100': 'secure',
  'nsec3-150': 'secure',
  'nsec3-151': 'insecure: 151 iterations',
  'nsec3-50': 'secure',
  'nsec3-500': 'insecure: 500 iterations',
  'nsec3-nods': 'insecure: no DS at the delegation',
  'nsec3-nxdomain': 'secure',
  'nsec3-optout': 'insecure: the delegation lies in an opt-out span',
  'nsec3-optout-narrow': 'bogus: nothing denies the next closer name',
  'nsec3-optout-nodata': 'secure',
  'nsec3-optout-nxdomain': 'insecure: the name lies in an opt-out span',
  'nsec3-optout-unset': 'bogus: the delegation lies in a span without opt-out',
  'nsec3-salt': 'secure',
  'nsec3-salt-255': 'secure',
  'nsec3-salt-param': 'secure',
  'nsec3-salt-wrong': 'bogus: what is there does not deny the type',
  'nsec3-51': 'secure',
  'rrsig-bad-a': 'bogus: A: does not verify',
  'rrsig-bad-dnskey': 'bogus: DNSKEY: does not verify',
  'rrsig-baddata-a': 'bogus: A: does not verify',
  'rrsig-exp-1h': 'bogus: A: expired',
  'rrsig-exp-a': 'bogus: A: expired',
  'rrsig-exp-all': 'bogus: DNSKEY: expired',
  'rrsig-exp-before-inc': 'bogus: A: expires before it begins',
  'rrsig-labels-big': 'bogus: A: 7 labels',
  'rrsig-none-a': 'bogus: A: no signature',
  'rrsig-none-all': 'bogus: DNSKEY: no signature',
  'rrsig-none-dnskey': 'bogus: DNSKEY: no signature',
  'rrsig-notyet-a': 'bogus: A: not valid yet',
  'rrsig-notyet-all': 'bogus: DNSKEY: not valid yet',
  'rrsig-ottl-small': 'secure',
  'rrsig-signer-parent': 'bogus: DNSKEY: signed by broken.probe.test.',
  'rrsig-wrong-tag': 'bogus: A: of no key',
  'servfail-dnskey': 'fails: DNSKEY: RCODE 2',
  'tc-notcp': 'fails: DNSKEY: truncated, and nothing over TCP',
  unsigned: 'insecure: no DS',
  'wild-noproof': 'bogus: A: nothing denies a closer name',
  'wild-ok': 'secure',
};

/** `varies`: what the strictest reading gives. */
const STRICT: Readonly<Record<string, string>> = {
  'rrsig-exp-1h': 'bogus',
  alg5: 'secure',
  alg7: 'secure',
  'alg8-512': 'secure',
  'nsec3-51': 'secure',
  'nsec3-100': 'secure',
  'nsec3-150': 'secure',
  'nsec3-151': 'insecure',
  'nsec3-500': 'insecure',
};

it('covers every case', () => {
  expect(Object.keys(FOUND).sort()).toEqual(CASES.map(({ label }) => label).sort());
});

describe.each(CASES)('$label', ({ label, asks, expect: wanted }) => {
  it(`is ${wanted}: ${FOUND[label]}`, () => {
    const found = validate(zoneOf, label, asks, NOON);
    expect(found).toBe(FOUND[label]);
    expect(found.split(':')[0]).toBe(wanted === 'varies' ? STRICT[label] : wanted);
  });
});

it.each(
  CASES.filter(({ signatures }) => signatures.length > 0 && signatures.every(({ of }) => of?.includes('A'))),
)('$label is wrong in A alone', ({ label }) => {
  expect(validate(zoneOf, label, { name: 'www', type: 'AAAA' }, NOON)).toBe('secure');
  expect(validate(zoneOf, label, { name: 'www', type: 'TXT' }, NOON)).toBe('secure');
});

const shown = (sets: readonly Rrset[]) =>
  sets.map(({ owner, type }) => `${formatName(owner).replace('.broken.probe.test.', '')} ${typeText(type)}`);
const askAt = (label: string, name: string, type: string, nowSeconds = NOON) =>
  ask(zoneOf(label), parseName(`${name}${name && '.'}${label}.broken.probe.test.`), type, nowSeconds);
const signaturesOf = ({ answer }: Statement) =>
  answer.filter(({ type }) => type === rrsig.type).flatMap(({ rdatas }) => rdatas as readonly Rrsig[]);

describe('signatures', () => {
  it('are the same for a quarter of an hour, and then new, on all nodes at one time', () => {
    const [first] = signaturesOf(askAt('good', 'www', 'A'));
    const [again] = signaturesOf(askAt('good', 'WWW', 'A', NOON + HOUR / 4 - 1));
    const [later] = signaturesOf(askAt('good', 'www', 'A', NOON + HOUR / 4));
    expect(again).toBe(first);
    expect(later!.inception).toBe(first!.inception + HOUR / 4);
    expect(signaturesOf(askAt('good', 'www', 'A', NOON))[0]!.inception).toBe(first!.inception);
  });

  it('stand from the moments that the case says', () => {
    const [one] = signaturesOf(askAt('rrsig-exp-a', 'www', 'A'));
    expect([one!.inception - NOON, one!.expiration - NOON]).toEqual([-30 * 24 * HOUR, -2 * 24 * HOUR]);
    const [good] = signaturesOf(askAt('good', 'www', 'A'));
    expect([good!.inception - NOON, good!.expiration - NOON]).toEqual([-24 * HOUR, 20 * 24 * HOUR]);
  });

  it('have the original TTL of the case', () => {
    const { answer } = askAt('rrsig-ottl-small', 'www', 'A');
    expect([answer[0]!.ttl, signaturesOf({ ...askAt('good', '', 'SOA'), answer })[0]!.originalTtl]).toEqual([
      3, 1,
    ]);
  });

  it('are not there for a query without DO', () => {
    const zone = zoneOf('good');
    const query = {
      qtype: parseType('A')!,
      dnssecOk: false,
      options: [],
      transport: 'udp',
      nowSeconds: NOON,
    } as const;
    const found = zone.script!.answer({ ...query, qname: prepend('www', zone.apex) });
    expect(shown(found.answer)).toEqual(['www.good A']);
    const absent = zone.script!.answer({ ...query, qname: prepend('nosuch', zone.apex) });
    expect(shown(absent.authority)).toEqual(['good SOA']);
  });
});

describe('keys', () => {
  const keysOf = (zones: typeof zoneOf, label: string) => [
    ...((zones(label).ds?.rdatas ?? []) as readonly Ds[]),
    ...ask(zones(label), zones(label).apex, 'DNSKEY', NOON).answer[0]!.rdatas,
  ];

  it('are the same on every node that has the secret, and differ by zone', () => {
    expect(keysOf(makeZones(), 'good')).toEqual(keysOf(zoneOf, 'good'));
    expect(keysOf(makeZones('another secret of tests only'), 'good')).not.toEqual(keysOf(zoneOf, 'good'));
    expect(keysOf(zoneOf, 'nsec3-0')).not.toEqual(keysOf(zoneOf, 'good'));
  });

  it('of the algorithm that is private begin with a name', () => {
    const { answer } = askAt('alg-private', '', 'DNSKEY');
    const { publicKey } = answer[0]!.rdatas[0] as { publicKey: Uint8Array };
    const { signature } = signaturesOf({ ...askAt('good', '', 'SOA'), answer })[0]!;
    const apex = zoneOf('alg-private').apex;
    for (const octets of [publicKey, signature]) {
      expect(octets.subarray(0, apex.length)).toEqual(apex);
      expect(octets).toHaveLength(apex.length + 64);
    }
  });
});

describe('denials', () => {
  it('by NSEC are the spans of a chain of two names', () => {
    const spans = ['a', 'zzz', 'below.www'].map((name) => askAt('good', name, 'A'));
    for (const { rcode } of spans) expect(rcode).toBe(RCODE.NXDOMAIN);
    const nsecs = spans.map(({ authority }) =>
      authority
        .filter(({ type }) => type === parseType('NSEC'))
        .map(({ owner, rdatas }) => `${formatName(owner)} ${formatName((rdatas[0] as Nsec).nextName)}`),
    );
    const front = 'good.broken.probe.test. www.good.broken.probe.test.';
    const behind = 'www.good.broken.probe.test. good.broken.probe.test.';
    expect(nsecs).toEqual([[front], [behind, front], [behind]]);
  });

  it('by NSEC3 prove the closest encloser, and deny the next closer name and the wildcard', () => {
    const { rcode, authority } = askAt('nsec3-50', 'x.y', 'A');
    expect(rcode).toBe(RCODE.NXDOMAIN);
    const apex = zoneOf('nsec3-50').apex;
    const chain = authority.filter(({ type }) => type === parseType('NSEC3'));
    const parameters = chain[0]!.rdatas[0] as Nsec3;
    const links = chain.map(({ owner, rdatas }) => ({
      from: formatName(owner).split('.')[0]!,
      to: formatBase32hex((rdatas[0] as Nsec3).nextHash),
    }));
    const hashOf = (name: Uint8Array) => formatBase32hex(hashName(name, parameters));
    const isCovered = (hash: string) =>
      links.some(({ from, to }) => (from < to ? from < hash && hash < to : from < hash || hash < to));
    expect(links.map(({ from }) => from)).toContain(hashOf(apex));
    expect(isCovered(hashOf(prepend('y', apex)))).toBe(true);
    expect(isCovered(hashOf(prepend('*', apex)))).toBe(true);
  });

  it('of a type at the wildcard hold both names', () => {
    const { rcode, authority } = askAt('wild-ok', 'www', 'TXT');
    expect(rcode).toBe(RCODE.NOERROR);
    expect(shown(authority)).toEqual(['wild-ok SOA', 'wild-ok RRSIG', '*.wild-ok NSEC', '*.wild-ok RRSIG']);
  });

  it('and all else that can be asked never shows a type that NSEC denies', () => {
    const { authority } = askAt('good', 'www', 'TXT');
    const { types } = authority.find(({ type }) => type === parseType('NSEC'))!.rdatas[0] as Nsec;
    for (const type of types)
      expect(askAt('good', 'www', typeText(type)).answer, typeText(type)).not.toEqual([]);
    expect(shown(askAt('good', 'www', 'ANY').answer)).toEqual(['www.good A', 'www.good RRSIG']);
  });
});

it('whatever is asked below a zone is answered, or denied with a proof', () => {
  const labels = fc.array(fc.uint8Array({ minLength: 1, maxLength: 63 }), { maxLength: 3 });
  const types = fc.constantFrom(1, 2, 5, 6, 28, 43, 46, 47, 48, 50, 51, 255, 65_280);
  const proving = CASES.filter(
    ({ signed, nsec, transport, signatures }) =>
      signed && nsec === undefined && transport === undefined && signatures.length === 0,
  );
  fc.assert(
    fc.property(labels, types, fc.constantFrom(...proving), (below, qtype, { label, nsec3 }) => {
      const { apex, script } = zoneOf(label);
      const qname = below.reduceRight((name, each) => prepend(each, name), apex);
      const query = {
        qname,
        qtype,
        dnssecOk: true,
        options: [],
        transport: 'udp',
        nowSeconds: NOON,
      } as const;
      const { answer, authority, rcode } = script!.answer(query);
      const proofType = parseType(nsec3 ? 'NSEC3' : 'NSEC');
      expect([RCODE.NOERROR, RCODE.NXDOMAIN]).toContain(rcode);
      if (answer.length === 0) expect(authority.map(({ type }) => type)).toContain(proofType);
      for (const set of answer) expect(nameKey(set.owner)).toBe(nameKey(qname));
    }),
  );
});

describe('what an answer takes', () => {
  const costOf = (label: string, name: string, dnssecOk = true) => {
    const { apex, script } = zoneOf(label);
    const query = { qtype: parseType('A')!, options: [], transport: 'udp', nowSeconds: NOON } as const;
    return script!.cost({ ...query, dnssecOk, qname: name === '' ? apex : prepend(name, apex) });
  };

  it('is known beforehand: the hash of one name, where NSEC3 denies it', () => {
    expect(costOf('nsec3-0', 'nosuch')).toBe(1);
    expect(costOf('nsec3-500', 'nosuch')).toBe(501);
    expect(costOf('nsec3-500', 'x'.repeat(63))).toBe(501);
  });

  it('is nothing where nothing is hashed', () => {
    expect([costOf('nsec3-500', ''), costOf('nsec3-500', 'WWW')]).toEqual([0, 0]);
    expect(costOf('nsec3-500', 'nosuch', false)).toBe(0);
    expect([costOf('good', 'nosuch'), costOf('nsec-missing', 'nosuch')]).toEqual([0, 0]);
  });
});

it('a query with Client Subnet gets FORMERR in ecs-formerr', () => {
  const zone = zoneOf('ecs-formerr');
  const query = {
    qname: zone.apex,
    qtype: parseType('SOA')!,
    dnssecOk: true,
    transport: 'udp',
    nowSeconds: NOON,
  } as const;
  expect(zone.script!.answer({ ...query, options: [10, 8] }).rcode).toBe(RCODE.FORMERR);
  expect(zone.script!.answer({ ...query, options: [10] }).rcode).toBe(RCODE.NOERROR);
});
