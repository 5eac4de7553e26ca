/** RFC 4035 §3.1.4: referrals, and DS on both sides of a cut; the address that was asked says which side answers. */
import { describe, expect, it } from 'vitest';
import { type AskFrom, FULL_PLAN, makeTestResponder, type Question } from '../support/responder.ts';
import { infoCode, type Seen, seen } from './seen.ts';

const PARENT = '127.0.0.1';
const CHILDREN = '127.0.0.2';
const HOSTILE = '127.0.0.3';
const full = await makeTestResponder({ servers: FULL_PLAN });

function ask(local: string, query: Question & AskFrom): Seen {
  return seen(full.ask({ udpPayloadSize: 1232, transport: 'tcp', local, ...query }).octets);
}

const CUTS = [
  { zone: 'a13.probe.test', host: 'nsc.probe.test', signed: true, own: CHILDREN, glue: ['A', 'AAAA'] },
  { zone: 'a8.probe.test', host: 'nsc.probe.test', signed: true, own: CHILDREN, glue: ['A', 'AAAA'] },
  { zone: 'v4.probe.test', host: 'nsc-v4.probe.test', signed: true, own: CHILDREN, glue: ['A'] },
  { zone: 'v6.probe.test', host: 'nsc-v6.probe.test', signed: true, own: '2001:db8::2', glue: ['AAAA'] },
  { zone: 'x.probe.test', host: 'nsx.probe.test', signed: true, own: HOSTILE, glue: ['A', 'AAAA'] },
  { zone: 'unsigned.probe.test', host: 'nsc.probe.test', signed: false, own: CHILDREN, glue: ['A', 'AAAA'] },
];

describe.each(CUTS)('$zone', ({ zone, host, signed, own, glue }) => {
  const addresses = glue.map((type) => `${host} ${type}`);

  it.each([
    { name: zone, type: 'SOA' },
    { name: zone, type: 'NS' },
    { name: zone, type: 'DNSKEY' },
    { name: zone, type: 255 },
    { name: `s4096.${zone}`, type: 'TXT' },
    { name: `a.b.c.${zone}`, type: 'A' },
  ])('§3.1.4: $name $type at the parent is a referral', ({ name, type }) => {
    const plain = ask(PARENT, { name, type });
    expect(plain).toMatchObject({ rcode: 'NOERROR', flags: '', answer: [], authority: [`${zone} NS`] });
    expect(plain.additional).toEqual(addresses);
    const secure = ask(PARENT, { name, type, dnssecOk: true });
    const proof = signed ? [`${zone} DS`, `${zone} RRSIG`] : [`${zone} NSEC`, `${zone} RRSIG`];
    expect(secure.authority).toEqual([`${zone} NS`, ...proof]);
    expect(secure).toMatchObject({ flags: '', answer: [], additional: addresses });
  });

  it('§3.1.4.1: DS at the parent is an answer of the parent', () => {
    const found = ask(PARENT, { name: zone, type: 'DS', dnssecOk: true });
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', additional: [] });
    if (signed) expect(found).toMatchObject({ answer: [`${zone} DS`, `${zone} RRSIG`], authority: [] });
    else expect(found.answer).toEqual([]);
    if (!signed) expect(found.authority).toContain('probe.test SOA');
  });

  it('§3.1.4.1: DS at the child alone is NODATA of the child', () => {
    const found = ask(own, { name: zone, type: 'DS', dnssecOk: true });
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [] });
    expect(found.authority).toContain(`${zone} SOA`);
  });

  it('the child answers for itself at its own address', () => {
    expect(ask(own, { name: zone, type: 'SOA' })).toMatchObject({ flags: 'aa', answer: [`${zone} SOA`] });
    expect(ask(own, { name: `me.${zone}` })).toMatchObject({ flags: 'aa' });
  });

  it('the child does not know its parent', () => {
    const found = ask(own, { name: 'probe.test', type: 'SOA' });
    expect(found).toMatchObject({ rcode: 'REFUSED', flags: '', answer: [] });
    expect(infoCode(found)).toBe(20);
  });
});

it('a zone of the children is refused where only hostile zones are served, and the other way round', () => {
  expect(ask(HOSTILE, { name: 'a13.probe.test', type: 'SOA' }).rcode).toBe('REFUSED');
  expect(ask(CHILDREN, { name: 'x.probe.test', type: 'SOA' }).rcode).toBe('REFUSED');
});

it('a zone of one family is not served at the other', () => {
  expect(ask('2001:db8::2', { name: 'v4.probe.test', type: 'SOA' }).rcode).toBe('REFUSED');
  expect(ask(CHILDREN, { name: 'v6.probe.test', type: 'SOA' }).rcode).toBe('REFUSED');
});

it('one address for all zones answers for the child, but for DS', async () => {
  const minimal = await makeTestResponder();
  const at = (type: string) => seen(minimal.ask({ name: 'a13.probe.test', type }).octets);
  expect(at('SOA')).toMatchObject({ flags: 'aa', answer: ['a13.probe.test SOA'] });
  expect(at('DS')).toMatchObject({ flags: 'aa', answer: ['a13.probe.test DS'] });
});

it('an address that no name server has answers for every zone: it was translated', () => {
  for (const name of ['probe.test', 'a13.probe.test', 'x.probe.test'])
    expect(ask('10.0.0.9', { name, type: 'SOA' })).toMatchObject({ flags: 'aa', answer: [`${name} SOA`] });
});

it('§3.1.4: a signed referral that does not fit is TC=1 with OPT', () => {
  const query = { name: 'a8.probe.test', type: 'A', dnssecOk: true, udpPayloadSize: 512 } as const;
  const found = seen(full.ask({ ...query, local: PARENT }).octets);
  expect(found.size).toBeLessThanOrEqual(512);
  if (found.flags === 'tc') expect(found).toMatchObject({ authority: [], opt: { flags: 'do' } });
  else expect(found).toMatchObject({ flags: '', additional: ['nsc.probe.test A', 'nsc.probe.test AAAA'] });
});
