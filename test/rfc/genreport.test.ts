/** ISC's EDNS compliance tester (genreport, ednscomp.isc.org): its rows, at the apex, as the DNS flag days judged by them. */
import { describe, expect, it } from 'vitest';
import { type AskFrom, makeTestResponder, type Question } from '../support/responder.ts';
import { hex } from './octets.ts';
import { type Seen, seen } from './seen.ts';

const responder = await makeTestResponder();
const COOKIE = { code: 10, data: hex('0102030405060708') };
const NSID = { code: 3, data: hex('') };
const ECS = { code: 8, data: hex('0001 0000') };
const EXPIRE = { code: 9, data: hex('') };
const UNKNOWN = { code: 100, data: hex('') };
const EDNS = { udpPayloadSize: 4096 } as const;

type Asked = Omit<Question, 'name'> & AskFrom;

/** TC=1 is followed over TCP, as the tester does unless it says otherwise. */
function askWhole(name: string, query: Asked): Seen {
  const first = seen(responder.ask({ name, type: 'SOA', ...query }).octets);
  if (!first.flags.includes('tc')) return first;
  return seen(responder.ask({ name, type: 'SOA', ...query, transport: 'tcp' }).octets);
}

const answered: { test: string; query: Asked; flags?: string }[] = [
  { test: 'dns', query: {} },
  { test: 'tcp', query: { transport: 'tcp' } },
  { test: 'aa', query: { flags: 0x0400 } },
  { test: 'ad', query: { flags: 0x0020 } },
  { test: 'cd', query: { flags: 0x0010 }, flags: 'aa cd' },
  { test: 'ra', query: { flags: 0x0080 } },
  { test: 'rd', query: { flags: 0x0100 }, flags: 'aa rd' },
  { test: 'tc', query: { flags: 0x0200 } },
  { test: 'zflag', query: { flags: 0x0040 } },
  { test: 'edns', query: EDNS },
  { test: 'ednsopt', query: { ...EDNS, options: [UNKNOWN] } },
  { test: 'ednsflags', query: { ...EDNS, ednsFlags: 0x0080 } },
  { test: 'do', query: { ...EDNS, dnssecOk: true } },
  { test: 'docd', query: { ...EDNS, dnssecOk: true, flags: 0x0010 }, flags: 'aa cd' },
  { test: 'docookie', query: { ...EDNS, dnssecOk: true, options: [COOKIE] } },
  { test: 'optlist', query: { ...EDNS, options: [NSID, ECS, EXPIRE, COOKIE] } },
  { test: 'ednsnsid', query: { ...EDNS, options: [NSID] } },
  { test: 'ednscookie', query: { ...EDNS, options: [COOKIE] } },
  { test: 'ednsexpire', query: { ...EDNS, options: [EXPIRE] } },
  { test: 'ednssubnet', query: { ...EDNS, options: [ECS] } },
  { test: 'bind11', query: { ...EDNS, dnssecOk: true, options: [COOKIE] } },
  { test: 'dig11', query: { ...EDNS, flags: 0x0120, options: [COOKIE] }, flags: 'aa rd' },
];

const version1: { test: string; query: Asked }[] = [
  { test: 'edns1', query: {} },
  { test: 'edns1opt', query: { options: [UNKNOWN] } },
  { test: 'edns1do', query: { dnssecOk: true } },
  { test: 'edns1nsid', query: { options: [NSID] } },
  { test: 'edns1cookie', query: { options: [COOKIE] } },
  { test: 'edns1expire', query: { options: [EXPIRE] } },
  { test: 'edns1subnet', query: { options: [ECS] } },
];

describe.each(['probe.test', 'a8.probe.test', 'a13.probe.test', 'unsigned.probe.test'])('%s', (name) => {
  it.each(answered)('$test: NOERROR, AA and the SOA', ({ query, flags = 'aa' }) => {
    const found = askWhole(name, query);
    expect(found).toMatchObject({ rcode: 'NOERROR', flags });
    expect(found.answer).toContain(`${name} SOA`);
    expect(found.opt === undefined).toBe(query.udpPayloadSize === undefined);
    expect(found.opt?.flags ?? '').toBe(query.dnssecOk ? 'do' : '');
    const options = [...(found.opt?.options.keys() ?? [])];
    expect(options).toEqual([3, 10].filter((code) => query.options?.some((option) => option.code === code)));
    const cookie = found.opt?.options.get(10);
    if (cookie) expect(cookie.subarray(0, 8)).toEqual(COOKIE.data);
  });

  it.each(version1)('$test: BADVERS in version 0, without the SOA', ({ query }) => {
    const found = askWhole(name, { ...EDNS, ednsVersion: 1, ...query });
    expect(found).toMatchObject({ rcode: 'BADVERS', flags: '', answer: [], opt: { version: 0 } });
  });

  it('edns@512: at most 512 octets, with OPT, and AA even when truncated', () => {
    const query = { name, type: 'DNSKEY', udpPayloadSize: 512, dnssecOk: true };
    const found = seen(responder.ask(query).octets);
    expect(found.size).toBeLessThanOrEqual(512);
    expect(found).toMatchObject({ rcode: 'NOERROR', opt: { version: 0 } });
    expect(found.flags.split(' ')).toContain('aa');
  });

  it('edns512tcp: TCP does not care for the payload size', () => {
    const found = askWhole(name, { type: 'DNSKEY', udpPayloadSize: 512, dnssecOk: true, transport: 'tcp' });
    const signed = !name.startsWith('unsigned');
    expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa', opt: { version: 0 } });
    expect(found.answer.includes(`${name} DNSKEY`)).toBe(signed);
    expect(found.answer.includes(`${name} RRSIG`)).toBe(signed);
  });

  it.each([{ flags: 0 }, { flags: 0x07f0 }])('opcode, opcodeflg: NOTIMP and all else clear', ({ flags }) => {
    const word = (15 << 11) | flags;
    const query = new Uint8Array([0, 7, word >> 8, word & 0xff, 0, 0, 0, 0, 0, 0, 0, 0]);
    const { octets } = responder.respond(query);
    expect(seen(octets)).toMatchObject({ id: 7, opcode: 15, rcode: 'NOTIMP', flags: '', size: 12 });
  });

  it.each(types())('type $type: NOERROR and AA', ({ number }) => {
    for (const query of [{}, EDNS, { ...EDNS, dnssecOk: true }]) {
      const found = askWhole(name, { type: number, ...query });
      expect(found).toMatchObject({ rcode: 'NOERROR', flags: 'aa' });
      // A negative answer says whose it is (RFC 2308 §2); DS is the parent's to deny (RFC 4035 §3.1.4.1).
      const owner = number === 43 ? 'probe.test' : name;
      if (found.answer.length === 0) expect(found.authority).toContain(`${owner} SOA`);
    }
  });
});

/** The tester's TYPE group with its numbers from the registry of IANA. */
function types(): { type: string; number: number }[] {
  const text = `A 1 NS 2 MD 3 MF 4 CNAME 5 SOA 6 MB 7 MG 8 MR 9 NULL 10 WKS 11 PTR 12 HINFO 13 MINFO 14 MX 15 TXT 16 RP 17 AFSDB 18
    X25 19 ISDN 20 RT 21 NSAP 22 NSAP-PTR 23 SIG 24 KEY 25 PX 26 GPOS 27 AAAA 28 LOC 29 NXT 30 SRV 33 NAPTR 35 KX 36 CERT 37
    A6 38 DNAME 39 APL 42 DS 43 SSHFP 44 IPSECKEY 45 RRSIG 46 NSEC 47 DNSKEY 48 DHCID 49 NSEC3 50 NSEC3PARAM 51 TLSA 52
    SMIMEA 53 HIP 55 CDS 59 CDNSKEY 60 OPENPGPKEY 61 SPF 99 NID 104 L32 105 L64 106 LP 107 EUI48 108 EUI64 109 URI 256
    CAA 257 AVC 258 DOA 259 TYPE666 666 TYPE1000 1000 DLV 32769`;
  const words = text.trim().split(/\s+/);
  return words.flatMap((type, at) => (at % 2 === 0 ? [{ type, number: Number(words[at + 1]) }] : []));
}
