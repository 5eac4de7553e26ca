/** RFC 9824: compact denial of existence. */
import type { NsecData } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { FULL_PLAN, makeTestResponder, type Question } from '../support/responder.ts';
import { infoCode, type Seen, seen } from './seen.ts';

const responder = await makeTestResponder();
const NXNAME = 128;

/** Over TCP, so that no limit of size has its word. */
function ask(query: Question): Seen {
  return seen(responder.ask({ udpPayloadSize: 1232, transport: 'tcp', ...query }).octets);
}

function nsecOf({ records }: Seen): { owner: string; next: string; types: string[] } {
  const all = records.authority.filter(({ type }) => type === 'NSEC');
  const { nextDomain, rrtypes = [] } = all[0]!.data as NsecData;
  expect(all).toHaveLength(1);
  return { owner: all[0]!.name, next: nextDomain, types: rrtypes };
}

describe.each(['probe.test', 'a8.probe.test', 'x.probe.test'])('%s', (zone) => {
  const absent = `nothing.${zone}`;

  it('§3.1: a name that does not exist is NODATA, with an NSEC whose types are RRSIG NSEC NXNAME', () => {
    const found = ask({ name: absent, type: 'A', dnssecOk: true });
    expect(found).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa',
      answer: [],
      authority: [`${zone} SOA`, `${zone} RRSIG`, `${absent} NSEC`, `${absent} RRSIG`],
    });
    const types = ['RRSIG', 'NSEC', `UNKNOWN_${NXNAME}`];
    expect(nsecOf(found)).toEqual({ owner: absent, next: `\0.${absent}`, types });
  });

  it('§3.2: a type that a name does not have is NODATA, with the types that it has', () => {
    const apex = nsecOf(ask({ name: zone, type: 'TXT', dnssecOk: true }));
    expect(apex).toMatchObject({ owner: zone, next: `\0.${zone}` });
    expect(apex.types).toEqual(expect.arrayContaining(['SOA', 'NS', 'DNSKEY', 'RRSIG', 'NSEC']));
    expect(apex.types).not.toContain('TXT');
    const test = nsecOf(ask({ name: `me.${zone}`, type: 'A', dnssecOk: true }));
    expect(test).toEqual({ owner: `me.${zone}`, next: `\0.me.${zone}`, types: ['TXT', 'RRSIG', 'NSEC'] });
  });

  it('§3.3: an empty non-terminal is NODATA with RRSIG NSEC', () => {
    const run = `n0123456789.${zone}`;
    const found = nsecOf(ask({ name: run, type: 'A', dnssecOk: true }));
    expect(found).toEqual({ owner: run, next: `\0.${run}`, types: ['RRSIG', 'NSEC'] });
  });

  it('§5.1: the CO flag brings NXDOMAIN for the same octets, and comes back', () => {
    const query = { name: absent, type: 'A', dnssecOk: true };
    const plain = ask(query);
    const compact = ask({ ...query, ednsFlags: 0x4000 });
    expect(compact).toMatchObject({ rcode: 'NXDOMAIN', opt: { flags: 'do co' } });
    expect(compact.records).toEqual(plain.records);
    expect(plain.opt?.flags).toBe('do');
  });

  it('without DO it is NXDOMAIN and no NSEC', () => {
    for (const edns of [{}, { ednsFlags: 0x4000 }]) {
      const found = ask({ name: absent, type: 'A', ...edns });
      expect(found).toMatchObject({ rcode: 'NXDOMAIN', authority: [`${zone} SOA`], opt: { flags: '' } });
    }
  });

  it('§3.4: NXNAME is no question: FORMERR and EDE 30', () => {
    for (const name of [zone, absent]) {
      const found = ask({ name, type: NXNAME, dnssecOk: true });
      expect(found).toMatchObject({ rcode: 'FORMERR', answer: [], authority: [] });
      expect(infoCode(found)).toBe(30);
    }
  });

  it('echoes the case of the question and denies in lower case or the same', () => {
    const found = ask({ name: absent.toUpperCase(), type: 'A', dnssecOk: true });
    expect(found.question).toBe(`${absent.toUpperCase()} A`);
    expect(nsecOf(found)).toMatchObject({ next: `\0.${absent}` });
  });
});

it('an unsigned zone says NXDOMAIN, DO or not', () => {
  for (const dnssecOk of [true, false]) {
    const found = ask({ name: 'nothing.unsigned.probe.test', type: 'A', dnssecOk });
    expect(found).toMatchObject({ rcode: 'NXDOMAIN', authority: ['unsigned.probe.test SOA'] });
  }
});

describe('at a cut', () => {
  it('the NSEC that denies DS covers nothing below the cut', async () => {
    for (const servers of [FULL_PLAN, undefined]) {
      const { ask: askIt } = await makeTestResponder(servers ? { servers } : {});
      const query = { name: 'unsigned.probe.test', type: 'DS', udpPayloadSize: 1232, dnssecOk: true };
      const found = seen(askIt({ ...query, transport: 'tcp' }).octets);
      expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', answer: [] });
      expect(nsecOf(found)).toEqual({
        owner: 'unsigned.probe.test',
        next: 'unsigned\0.probe.test',
        types: ['NS', 'RRSIG', 'NSEC'],
      });
    }
  });
});
