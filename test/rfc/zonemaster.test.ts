/** Zonemaster's test cases, as far as the answers of one server can fail them (zonemaster test specifications). */
import type { NsecData, RrsigData, SoaData } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { addressKey } from '../../src/wire/address.ts';
import { type Name, prepend } from '../../src/wire/name.ts';
import { zoneText } from '../../src/zone/zone.ts';
import { type AskFrom, FULL_PLAN, makeTestResponder, type Question } from '../support/responder.ts';
import { hex } from './octets.ts';
import { type Seen, seen } from './seen.ts';

const responder = await makeTestResponder({ servers: FULL_PLAN });
const { origin } = responder.tree;
const EVERY_ADDRESS = FULL_PLAN.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6]);

/** Each zone with one of its own addresses. */
const ZONES = responder.tree.zones.map((zone) => ({
  name: zoneText(zone.apex).slice(0, -1),
  local: EVERY_ADDRESS.find((address) => zone.addresses.has(addressKey(address)))!,
  apex: zone.apex,
  isSigned: zone.signer !== undefined,
}));
const SIGNED = ZONES.filter(({ isSigned }) => isSigned);
/** Those at addresses of their own: the others are answered for where their parent is. */
const CHILDREN = ZONES.filter(({ local }) => local !== FULL_PLAN[0]!.ipv4[0]);

/** As Zonemaster asks: 512 octets without DNSSEC, 1232 with, again over TCP when truncated. */
function ask(query: Question & AskFrom): Seen {
  const size = query.dnssecOk ? { udpPayloadSize: 1232 } : {};
  const first = seen(responder.ask({ ...size, ...query }).octets);
  if (!first.flags.includes('tc')) return first;
  return seen(responder.ask({ ...size, ...query, transport: 'tcp' }).octets);
}

describe('names of others', () => {
  it.each(['xn--nameservertest.iis.se', 'xn--nameservertest.icann.org', 'xn--nameservertest.ripe.net'])(
    'NAMESERVER01: %s is refused, no recursion offered',
    (name) => {
      const found = ask({ name, type: 'A', flags: 0x0100 });
      expect(found).toMatchObject({ rcode: 'REFUSED', flags: 'rd', answer: [], authority: [] });
    },
  );

  it.each(['.', 'test', 'probe.example'])('NAMESERVER07: %s gets no upward referral', (name) => {
    const found = ask({ name, type: 'NS' });
    expect(found).toMatchObject({ rcode: 'REFUSED', flags: '', authority: [], additional: [] });
  });

  it('NAMESERVER15: no software version is disclosed', () => {
    for (const name of ['version.bind', 'version.server']) {
      const found = ask({ name, type: 'TXT', qclass: 3 });
      expect(found).toMatchObject({ rcode: 'REFUSED', answer: [] });
    }
  });
});

describe.each(ZONES)('$name', ({ name, local }) => {
  it('NAMESERVER02: EDNS 0 with 512 octets gets OPT version 0 and the SOA', () => {
    const found = ask({ name, local, type: 'SOA', udpPayloadSize: 512 });
    expect(found).toMatchObject({ rcode: 'NOERROR', answer: [`${name} SOA`], opt: { version: 0 } });
  });

  it('NAMESERVER03: a transfer is refused', () => {
    const found = ask({ name, local, type: 'AXFR', transport: 'tcp' });
    expect(found).toMatchObject({ rcode: 'REFUSED', answer: [] });
  });

  it('NAMESERVER05: AAAA is answered without error', () => {
    expect(ask({ name, local, type: 'AAAA' })).toMatchObject({ rcode: 'NOERROR', flags: 'aa' });
  });

  it('NAMESERVER08, NAMESERVER09: the case of the name is kept and does not matter', () => {
    const odd = [...name].map((letter, at) => (at % 2 === 0 ? letter.toUpperCase() : letter)).join('');
    const found = ask({ name: odd, local, type: 'SOA' });
    expect(found).toMatchObject({ question: `${odd} SOA`, answer: [`${odd} SOA`] });
    const inLowerCase = ({ records }: Seen) => JSON.stringify(records.answer[0]?.data).toLowerCase();
    expect(inLowerCase(found)).toBe(inLowerCase(ask({ name, local, type: 'SOA' })));
  });

  it('NAMESERVER10: EDNS 1 with 512 octets is BADVERS', () => {
    const found = ask({ name, local, type: 'SOA', udpPayloadSize: 512, ednsVersion: 1 });
    expect(found).toMatchObject({ rcode: 'BADVERS', answer: [], opt: { version: 0 } });
  });

  it('NAMESERVER11, NAMESERVER12: an unknown option and the Z bits do not come back', () => {
    const options = [{ code: 137, data: hex('0102') }];
    const found = ask({ name, local, type: 'SOA', udpPayloadSize: 512, options, ednsFlags: 0x0001 });
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [`${name} SOA`] });
    expect(found.opt).toMatchObject({ flags: '' });
    expect(found.opt?.options.size).toBe(0);
  });

  it('NAMESERVER13: DNSKEY with DO and 512 octets has OPT, truncated or not', () => {
    const query = { name, local, type: 'DNSKEY', dnssecOk: true, udpPayloadSize: 512 };
    const found = seen(responder.ask(query).octets);
    expect(found.size).toBeLessThanOrEqual(512);
    expect(found).toMatchObject({ rcode: 'NOERROR', opt: { version: 0 } });
  });

  it('CONNECTIVITY02: SOA and NS over TCP, with AA', () => {
    for (const type of ['SOA', 'NS']) {
      const { rcode, flags, answer } = ask({ name, local, type, transport: 'tcp' });
      expect({ rcode, flags, answers: new Set(answer) }).toEqual({
        rcode: 'NOERROR',
        flags: 'aa',
        answers: new Set([`${name} ${type}`]),
      });
    }
  });

  it('ZONE02 to ZONE06: the timers of the SOA are within their bounds', () => {
    const [record] = ask({ name, local, type: 'SOA' }).records.answer;
    const { refresh = 0, retry = 0, expire = 0, minimum = 0, serial = 0 } = record!.data as SoaData;
    expect(refresh).toBeGreaterThanOrEqual(14_400);
    expect(retry).toBeLessThan(refresh);
    expect(retry).toBeGreaterThanOrEqual(3_600);
    expect(expire).toBeGreaterThanOrEqual(604_800);
    expect(expire).toBeGreaterThan(refresh);
    expect(minimum).toBeGreaterThanOrEqual(300);
    expect(minimum).toBeLessThanOrEqual(86_400);
    expect(serial).toBeGreaterThan(0);
  });
});

describe.each(SIGNED)('$name', ({ name, local }) => {
  const query = { name, local, dnssecOk: true };

  it('DNSSEC10: NSEC at the apex is one NSEC with a true bitmap, signed', () => {
    const found = ask({ ...query, type: 'NSEC' });
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [`${name} NSEC`, `${name} RRSIG`] });
    const { rrtypes = [] } = found.records.answer[0]!.data as NsecData;
    expect(rrtypes).toEqual(expect.arrayContaining(['SOA', 'NS', 'DNSKEY', 'NSEC', 'RRSIG']));
    for (const type of ['NSEC3', 'NSEC3PARAM']) expect(rrtypes).not.toContain(type);
    // True: each type of the bitmap is there, and nothing is there that the bitmap lacks.
    for (const type of rrtypes.filter((one) => !['NSEC', 'RRSIG'].includes(one)))
      expect(ask({ ...query, type }).answer, type).toContain(`${name} ${type}`);
    for (const type of ['TXT', 'CNAME', 'A']) expect(rrtypes).not.toContain(type);
  });

  it('DNSSEC10: NSEC3PARAM is NODATA with the SOA and exactly the NSEC of the apex', () => {
    const found = ask({ ...query, type: 51 });
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [] });
    const owners = found.authority.filter((record) => !record.endsWith('RRSIG'));
    expect(owners).toEqual([`${name} SOA`, `${name} NSEC`]);
  });

  it('DNSSEC04, DNSSEC08, DNSSEC09: DNSKEY and SOA are signed for days, not months', () => {
    const now = responder.clock.now / 1000;
    // The zone `expired` is signed well where its keys are concerned.
    for (const type of name === 'expired.probe.test' ? ['DNSKEY'] : ['DNSKEY', 'SOA']) {
      const signatures = ask({ ...query, type }).records.answer.filter((record) => record.type === 'RRSIG');
      expect(signatures, type).not.toEqual([]);
      for (const { data } of signatures) {
        const { inception = 0, expiration = 0, typeCovered } = data as RrsigData;
        expect(typeCovered).toBe(type);
        expect(inception).toBeLessThan(now);
        expect(expiration - now).toBeGreaterThan(12 * 3600);
        expect(expiration - inception).toBeLessThan(180 * 86_400);
      }
    }
  });

  it('DNSSEC15 to DNSSEC18: CDS and CDNSKEY are there and agree in number', () => {
    const count = (type: string) =>
      ask({ ...query, type }).answer.filter((record) => record === `${name} ${type}`).length;
    expect(count('CDS')).toBe(1);
    expect(count('CDNSKEY')).toBe(1);
  });
});

describe.each(CHILDREN)('$name', ({ name, apex }) => {
  it('DELEGATION03: the referral for a name of 255 octets fits into 512', () => {
    const found = seen(responder.ask({ name: longName(apex), local: '127.0.0.1', type: 'A' }).octets);
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: '', answer: [], authority: [`${name} NS`] });
    expect(found.size).toBeLessThanOrEqual(512);
    const glue = found.additional.map((record) => record.split(' ')[1]);
    expect(glue).toEqual({ v4: ['A'], v6: ['AAAA'] }[name.split('.')[0]!] ?? ['A', 'AAAA']);
  });
});

/** A name below `apex` of exactly 255 octets. */
function longName(apex: Name): Name {
  let name = apex;
  while (name.length < 255) name = prepend('x'.repeat(Math.min(63, 254 - name.length || 1)), name);
  return name;
}

it('has the origin among its zones', () => {
  expect(ZONES[0]?.apex).toEqual(origin.apex);
});
