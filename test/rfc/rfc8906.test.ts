/** RFC 8906 (BCP 231) §8: what every server must answer to a query that it does not expect. */
import { describe, expect, it } from 'vitest';
import { type AskFrom, makeTestResponder, type Question } from '../support/responder.ts';
import { hex } from './octets.ts';
import { type Seen, seen } from './seen.ts';

const responder = await makeTestResponder();
const CD = 0x10;
const AD = 0x20;
const Z = 0x40;
const RD = 0x100;

const ECS = { code: 8, data: hex('0001 0000') };
const OPTION_100 = { code: 100, data: hex('') };
const SUPPORTED = [
  { code: 3, data: hex('') },
  { code: 10, data: hex('0102030405060708') },
  { code: 9, data: hex('') },
  ECS,
];

type Row = { section: string; what: string; query: Omit<Question, 'name'> & AskFrom; flags?: string };

/** The answer to SOA that all of these get: NOERROR, SOA, AA and nothing odd in the header. */
const plain: Row[] = [
  { section: '8.1.1', what: 'no EDNS', query: {} },
  { section: '8.1.3.1', what: 'CD=1, which a signed zone copies', query: { flags: CD }, flags: 'aa cd' },
  { section: '8.1.3.2', what: 'AD=1', query: { flags: AD } },
  { section: '8.1.3.3', what: 'the reserved header bit', query: { flags: Z } },
  { section: '8.1.3.4', what: 'RD=1, which is copied', query: { flags: RD }, flags: 'aa rd' },
  { section: '8.1.5', what: 'no EDNS, over TCP', query: { transport: 'tcp' } },
];
const edns: Row[] = [
  { section: '8.2.1', what: 'EDNS version 0', query: { udpPayloadSize: 4096 } },
  { section: '8.2.3', what: 'an unknown option', query: { udpPayloadSize: 4096, options: [OPTION_100] } },
  { section: '8.2.4', what: 'an unknown EDNS flag', query: { udpPayloadSize: 4096, ednsFlags: 0x40 } },
  {
    section: '8.2.10',
    what: 'NSID, COOKIE, EXPIRE and ECS',
    query: { udpPayloadSize: 4096, options: SUPPORTED },
  },
];
const version1: Row[] = [
  { section: '8.2.2', what: 'EDNS version 1', query: {} },
  { section: '8.2.5', what: 'version 1 and an unknown flag', query: { ednsFlags: 0x40 } },
  { section: '8.2.6', what: 'version 1 and an unknown option', query: { options: [OPTION_100] } },
  { section: '8.2.9', what: 'version 1 and DO', query: { dnssecOk: true } },
];

describe.each(['probe.test', 'a8.probe.test', 'unsigned.probe.test'])('%s', (name) => {
  const ask = (query: Omit<Question, 'name'> & AskFrom): Seen =>
    seen(responder.ask({ name, type: 'SOA', ...query }).octets);

  it.each(plain)('§$section: SOA with $what', ({ query, flags = 'aa' }) => {
    const expected = { rcode: 'NOERROR', flags, answer: [`${name} SOA`], opt: undefined };
    expect(ask(query)).toMatchObject(expected);
  });

  it('§8.1.2: an unknown type is NODATA', () => {
    const expected = { rcode: 'NOERROR', flags: 'aa', answer: [], opt: undefined };
    expect(ask({ type: 1000 })).toMatchObject(expected);
  });

  it('§8.1.4: an unknown opcode is NOTIMP with nothing but a header', () => {
    const flags = 15 << 11;
    const query = new Uint8Array([0x12, 0x34, flags >> 8, flags & 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
    const { octets } = responder.respond(query);
    expect(octets).toHaveLength(12);
    expect(seen(octets)).toMatchObject({ id: 0x1234, opcode: 15, rcode: 'NOTIMP', flags: '' });
  });

  it.each(edns)('§$section: SOA with $what', ({ query }) => {
    const found = ask(query);
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [`${name} SOA`] });
    expect(found.opt).toMatchObject({ version: 0, flags: '' });
    for (const foreign of [100, 8, 9]) expect(found.opt?.options.has(foreign)).toBe(false);
  });

  it.each(version1)('§$section: SOA with $what is BADVERS', ({ query }) => {
    const found = ask({ udpPayloadSize: 4096, ednsVersion: 1, ...query });
    expect(found).toMatchObject({ rcode: 'BADVERS', flags: '', answer: [], authority: [], additional: [] });
    expect(found.opt).toMatchObject({ version: 0, flags: query.dnssecOk ? 'do' : '' });
    expect([...(found.opt?.options.keys() ?? [])]).toEqual([]);
  });

  it('§8.2.7: DNSKEY with DO and 512 octets has OPT whether it is truncated or not', () => {
    const found = ask({ type: 'DNSKEY', udpPayloadSize: 512, dnssecOk: true });
    expect(found).toMatchObject({ rcode: 'NOERROR', opt: { version: 0, flags: 'do' } });
    expect(found.flags.split(' ')).toContain('aa');
  });

  // Truncated where eight times the query is less than an RSA signature needs; the tools retry over TCP then.
  it('§8.2.8: SOA with DO is signed where the zone is', () => {
    const query = { udpPayloadSize: 4096, dnssecOk: true } as const;
    const first = ask(query);
    const found = first.flags === 'aa tc' ? ask({ ...query, transport: 'tcp' }) : first;
    const signature = name.startsWith('unsigned') ? [] : [`${name} RRSIG`];
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [`${name} SOA`, ...signature] });
    expect(found.opt).toMatchObject({ version: 0, flags: 'do' });
  });
});
