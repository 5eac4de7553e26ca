import { decode } from 'dns-packet'; // shares no code with ours
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { extendedErrorOption, paddingOption } from '../../src/wire/edns-option.ts';
import { FLAG, opcodeOf, RCODE, readHeader } from '../../src/wire/header.ts';
import { encodeResponse, type Response, type ResponseEdns } from '../../src/wire/message.ts';
import { latin1, parseName } from '../../src/wire/name.ts';
import { decodeQuery } from '../../src/wire/query.ts';
import { a } from '../../src/wire/rdata/a.ts';
import { ns } from '../../src/wire/rdata/ns.ts';
import { txt } from '../../src/wire/rdata/txt.ts';
import { rrset } from '../../src/wire/rrset.ts';
import { hex, toHex } from '../support/hex.ts';
import { anyFlips, anyName, recased } from './arbitrary.ts';

const qname = parseName('s512.Probe.TEST.');
const apex = parseName('probe.test.');
const host = parseName('ns1.probe.test.');

const EDNS: ResponseEdns = { udpPayloadSize: 1232, dnssecOk: false, compactOk: false, options: [] };
const EMPTY: Response = {
  id: 0x1234,
  flags: 0,
  rcode: 0,
  question: { qname, qtype: 16, qclass: 1 },
  answer: [],
  authority: [],
  additional: [],
  edns: undefined,
};

const text = (value: string) => rrset(txt, qname, 5, [{ strings: [latin1(value)] }]);

it('writes header, question, sections and OPT, each record once', () => {
  const octets = encodeResponse({
    ...EMPTY,
    flags: FLAG.AA | FLAG.RD,
    answer: [text('yes')],
    authority: [rrset(ns, apex, 3600, [{ nsdname: host }])],
    additional: [rrset(a, host, 3600, [{ address: hex('c0000201') }, { address: hex('c0000202') }])],
    edns: EDNS,
  });
  expect(toHex(octets)).toBe(
    toHex(
      hex(
        '1234 8500 0001 0001 0001 0003', //           QR AA RD
        '04 73353132 05 50726f6265 04 54455354 00 0010 0001', // s512.Probe.TEST TXT IN, at 12
        'c00c 0010 0001 00000005 0004 03 796573',
        'c011 0002 0001 00000e10 0006 03 6e7331 c011', // ns1 at 61
        'c03d 0001 0001 00000e10 0004 c0000201',
        'c03d 0001 0001 00000e10 0004 c0000202',
        '00 0029 04d0 00 00 0000 0000', //             OPT, 1232 octets
      ),
    ),
  );
});

it.each(Object.entries(RCODE))('splits RCODE %s between header and OPT (RFC 6891 §6.1.3)', (_name, rcode) => {
  const octets = encodeResponse({ ...EMPTY, rcode, edns: EDNS });
  expect(octets[3]! & 0xf).toBe(rcode & 0xf);
  expect(octets.at(-6)).toBe(rcode >> 4);
});

it('sets QR always, and of the flags only those that it was given', () => {
  const flags = 0x2800 | FLAG.TC | FLAG.CD; // opcode 5
  const header = readHeader(encodeResponse({ ...EMPTY, flags, rcode: RCODE.NOTIMP }));
  expect(header.flags).toBe(FLAG.QR | flags | RCODE.NOTIMP);
  expect(opcodeOf(header.flags)).toBe(5);
});

it('without a question is a header with QDCOUNT 0', () => {
  expect(toHex(encodeResponse({ ...EMPTY, question: undefined, rcode: RCODE.FORMERR }))).toBe(
    '123480010000000000000000',
  );
});

it('has no OPT unless it is told to (RFC 6891 §6.1.1)', () => {
  expect(decode(Buffer.from(encodeResponse(EMPTY))).additionals).toEqual([]);
});

it.each([
  [false, false, '0000'],
  [true, false, '8000'],
  [true, true, 'c000'],
] as const)('with DO %s and CO %s has the OPT flags %s', (dnssecOk, compactOk, flags) => {
  const octets = encodeResponse({ ...EMPTY, edns: { ...EDNS, dnssecOk, compactOk } });
  expect(toHex(octets.subarray(-4, -2))).toBe(flags);
});

it('answers CHAOS in class CHAOS', () => {
  const question = { qname, qtype: 16, qclass: 3 };
  const [record] = decode(Buffer.from(encodeResponse({ ...EMPTY, question, answer: [text('ns1')] })))
    .answers!;
  expect(record).toMatchObject({ class: 'CH', type: 'TXT' });
});

describe('EDNS options', () => {
  it('an Extended DNS Error is INFO-CODE and EXTRA-TEXT (RFC 8914 §2)', () => {
    const { code, data } = extendedErrorOption({ infoCode: 0x0114, extraText: 'no' });
    expect([code, toHex(data)]).toEqual([15, '01146e6f']);
    expect(extendedErrorOption({ infoCode: 20, extraText: '' }).data).toEqual(hex('0014'));
  });

  it('Padding is zero octets (RFC 7830 §3)', () => {
    expect(paddingOption(3)).toEqual({ code: 12, data: hex('000000') });
  });

  it('are what dns-packet and our own query decoder read', () => {
    const options = [
      extendedErrorOption({ infoCode: 22, extraText: 'why' }),
      paddingOption(0),
      { code: 3, data: hex('6e') },
    ];
    const octets = encodeResponse({ ...EMPTY, edns: { ...EDNS, dnssecOk: true, options } });
    expect(decodeQuery(octets).edns).toEqual({
      version: 0,
      udpPayloadSize: 1232,
      dnssecOk: true,
      compactOk: false,
      options,
    });
    const [opt] = decode(Buffer.from(octets)).additionals!;
    expect(opt?.type === 'OPT' && opt.options.map(({ code }) => code)).toEqual([15, 12, 3]);
  });
});

it('keeps the case of the question, has one size in any case, and is read back whole by dns-packet', () => {
  const sections = fc.array(anyName(apex), { maxLength: 4 });
  fc.assert(
    fc.property(
      anyName(apex),
      anyFlips,
      sections,
      sections,
      fc.string(),
      (name, flips, front, back, said) => {
        const make = (asked: typeof name) =>
          encodeResponse({
            ...EMPTY,
            question: { qname: asked, qtype: 16, qclass: 1 },
            answer: [
              rrset(
                ns,
                asked,
                60,
                front.map((nsdname) => ({ nsdname })),
              ),
            ],
            authority: back.map((owner) =>
              rrset(txt, owner, 60, [{ strings: [latin1(said).subarray(0, 255)] }]),
            ),
            edns: EDNS,
          });
        const octets = make(name);
        expect(octets.subarray(12, 12 + name.length)).toEqual(name);
        expect(make(recased(name, flips))).toHaveLength(octets.length);
        const packet = decode(Buffer.from(octets));
        expect([packet.answers?.length, packet.authorities?.length, packet.additionals?.length]).toEqual([
          front.length,
          back.length,
          1,
        ]);
      },
    ),
    { numRuns: 300 },
  );
});

it('may hold 65535 octets and more: what fits is judged elsewhere', () => {
  const strings = Array.from({ length: 255 }, () => latin1('x'.repeat(255)));
  const octets = encodeResponse({ ...EMPTY, answer: [rrset(txt, qname, 0, [{ strings }])] });
  expect(octets).toHaveLength(12 + 21 + 12 + 255 * 256);
  expect(decode(Buffer.from(octets)).answers).toHaveLength(1);
});
