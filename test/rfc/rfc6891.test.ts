/** RFC 6891: EDNS(0) in queries and answers. */
import { describe, expect, it } from 'vitest';
import { encodeQuestion, makeTestResponder } from '../support/responder.ts';
import { hex } from './octets.ts';
import { seen } from './seen.ts';

const responder = await makeTestResponder();
const SOA = { name: 'probe.test', type: 'SOA' } as const;

/** A SOA query with these octets as its additional section. */
function queryWith(additional: Uint8Array, count: number): Uint8Array {
  const query = Uint8Array.from([...encodeQuestion(SOA), ...additional]);
  query[11] = count;
  return query;
}

const OPT = hex('00 0029 1000 00 00 0000 0000'); // root, OPT, 4096 octets, version 0

describe('§6.1.1', () => {
  it('answers OPT with OPT, and no OPT with none', () => {
    expect(seen(responder.ask({ ...SOA, udpPayloadSize: 1232 }).octets).opt).toBeDefined();
    expect(seen(responder.ask(SOA).octets).opt).toBeUndefined();
  });

  it('takes OPT at any place of the additional section', () => {
    const a = hex('00 0001 0001 00000000 0004 c0000201');
    for (const additional of [
      [...a, ...OPT],
      [...OPT, ...a],
    ])
      expect(seen(responder.respond(queryWith(Uint8Array.from(additional), 2)).octets).opt).toBeDefined();
  });

  it.each([
    { what: 'two OPT', additional: [...OPT, ...OPT], count: 2 },
    { what: 'an owner that is not the root', additional: [1, 0x61, ...OPT], count: 1 },
    { what: 'RDLENGTH beyond the message', additional: [...OPT.subarray(0, 9), 0, 4], count: 1 },
    {
      what: 'an option beyond RDLENGTH',
      additional: [...hex('00 0029 1000 00000000 0004 0003 0001')],
      count: 1,
    },
    { what: 'half an option header', additional: [...hex('00 0029 1000 00000000 0002 0003')], count: 1 },
  ])('$what is FORMERR', ({ additional, count }) => {
    const query = queryWith(Uint8Array.from(additional), count);
    expect(seen(responder.respond(query).octets)).toMatchObject({ rcode: 'FORMERR', answer: [] });
  });
});

describe('§6.1.2, §6.1.4', () => {
  it('ignores every option that it does not know', () => {
    const options = [5, 6, 7, 8, 9, 13, 14, 16, 17, 18, 100, 65_001, 65_534].map((code) => ({
      code,
      data: hex('0102'),
    }));
    const found = seen(responder.ask({ ...SOA, udpPayloadSize: 1232, options }).octets);
    expect(found).toMatchObject({ rcode: 'NOERROR', answer: ['probe.test SOA'] });
    expect(found.opt?.options.size).toBe(0);
  });

  it.each([0x2000, 0x0080, 0x0001, 0x3fff])('clears the flags 0x%s that it does not know', (ednsFlags) => {
    const found = seen(responder.ask({ ...SOA, udpPayloadSize: 1232, ednsFlags }).octets);
    expect(found.opt?.flags).toBe('');
  });

  it('sends DO back as it came (RFC 3225 §3)', () => {
    for (const dnssecOk of [true, false]) {
      const { opt } = seen(responder.ask({ ...SOA, udpPayloadSize: 1232, dnssecOk }).octets);
      expect(opt?.flags).toBe(dnssecOk ? 'do' : '');
    }
  });
});

it.each([1, 2, 255])('§6.1.3: version %i is BADVERS, and the answer says version 0', (ednsVersion) => {
  const found = seen(responder.ask({ ...SOA, udpPayloadSize: 1232, ednsVersion }).octets);
  expect(found).toMatchObject({ rcode: 'BADVERS', answer: [], opt: { version: 0 } });
});

describe('§6.2.3, §6.2.5', () => {
  it.each([
    { offered: undefined, most: 512 },
    { offered: 0, most: 512 },
    { offered: 511, most: 512 },
    { offered: 512, most: 512 },
    { offered: 700, most: 700 },
    { offered: 1232, most: 1232 },
    { offered: 4096, most: 4096 },
    { offered: 65_535, most: 4096 },
  ])('a payload size of $offered brings at most $most octets', async ({ offered, most }) => {
    const open = await makeTestResponder({ open: true });
    const query = offered === undefined ? {} : { udpPayloadSize: offered };
    const at = (octets: number) => seen(open.ask({ name: `p${octets}.probe.test`, ...query }).octets);
    expect(at(most)).toMatchObject({ flags: 'aa', size: most });
    expect(at(most + 1)).toMatchObject({ flags: 'aa tc', answer: [], authority: [], additional: [] });
  });

  it('advertises what queries to it may have', () => {
    const { opt } = seen(responder.ask({ ...SOA, udpPayloadSize: 4096 }).octets);
    expect(opt?.udpPayloadSize).toBe(1232);
  });
});

describe('§7', () => {
  it('a truncated answer is header, question and OPT', () => {
    const query = { name: 'p1300.probe.test', udpPayloadSize: 1232, dnssecOk: true };
    const chased = responder.chase(query).at(-1)!;
    expect(seen(chased.octets)).toMatchObject({
      rcode: 'NOERROR',
      flags: 'aa tc',
      answer: [],
      authority: [],
      additional: [],
      opt: { version: 0, flags: 'do' },
    });
  });

  it('an error is header, question and OPT', () => {
    const found = seen(responder.ask({ name: 'example.com', udpPayloadSize: 1232 }).octets);
    expect(found).toMatchObject({ rcode: 'REFUSED', question: 'example.com TXT', opt: { version: 0 } });
  });

  // Without OPT it would say that EDNS is not known here.
  it('FORMERR for the data of an option has OPT', () => {
    const options = [{ code: 10, data: hex('01020304') }];
    const found = seen(responder.ask({ ...SOA, udpPayloadSize: 1232, options }).octets);
    expect(found).toMatchObject({ rcode: 'FORMERR', answer: [], opt: { version: 0 } });
  });
});
