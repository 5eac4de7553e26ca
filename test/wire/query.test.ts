import { decode, encode } from 'dns-packet'; // shares no code with ours
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError, type WireErrorCode } from '../../src/wire/error.ts';
import { formatName, parseName } from '../../src/wire/name.ts';
import { decodeQuery } from '../../src/wire/query.ts';
import { hex, readMessages, toHex } from '../support/hex.ts';

const QUESTION = '03 777777 07 6578616d706c65 00 0001 0001';
const TXT_RECORD = '00 0010 0001 00000000 0002 0161';
const opt = (options = '', ttl = '00 00 8000', size = '04d0') =>
  `00 0029 ${size} ${ttl} ${(hex(options).length + 0x10000).toString(16).slice(1)} ${options}`;

/** A message with those section counts: QD, AN, NS, AR. */
function message(counts: readonly [number, number, number, number], ...parts: string[]): Uint8Array {
  const header = counts.map((count) => count.toString(16).padStart(4, '0')).join('');
  return hex('1234 0110', header, ...parts);
}

function refusal(octets: Uint8Array): WireErrorCode {
  try {
    decodeQuery(octets);
  } catch (error) {
    if (error instanceof WireError) return error.code;
    throw error;
  }
  throw new Error('was not refused');
}

describe('a query', () => {
  it('is its id, flags, question and length', () => {
    const octets = message([1, 0, 0, 0], '03 575777 07 6578616d706c65 00 001c 0003');
    expect(decodeQuery(octets)).toEqual({
      id: 0x1234,
      flags: 0x0110,
      question: { qname: parseName('WWw.example.'), qtype: 28, qclass: 3 },
      edns: undefined,
      length: octets.length,
    });
  });

  it('may have no question (RFC 7873 §5.4)', () => {
    expect(decodeQuery(message([0, 0, 0, 1], opt())).question).toBeUndefined();
    expect(decodeQuery(message([0, 0, 0, 0]))).toMatchObject({ question: undefined, edns: undefined });
  });

  it.each([2, 3, 65_535])('is refused with QDCOUNT %i (RFC 9619)', (count) => {
    expect(refusal(message([count, 0, 0, 0], QUESTION, QUESTION))).toBe('QUESTION_COUNT');
  });

  it.each([
    ['behind the question', [1, 0, 0, 0], [QUESTION, '00']],
    ['behind OPT', [1, 0, 0, 1], [QUESTION, opt(), '00']],
    ['behind a header that counts nothing', [0, 0, 0, 0], ['00']],
  ] as const)('is refused with an octet %s', (_where, counts, parts) => {
    expect(refusal(message([...counts], ...parts))).toBe('TRAILING_OCTETS');
  });

  it.each([
    ['a question', [1, 0, 0, 0]],
    ['an answer record', [0, 1, 0, 0]],
    ['an authority record', [0, 0, 1, 0]],
    ['an additional record', [0, 0, 0, 1]],
    ['65535 of each record', [0, 65_535, 65_535, 65_535]],
  ] as const)('is refused where the header promises %s that is not there', (_what, counts) => {
    expect(refusal(message([...counts]))).toBe('TRUNCATED');
  });

  it('may carry records, which are walked over', () => {
    const octets = message([1, 1, 1, 2], QUESTION, TXT_RECORD, TXT_RECORD, TXT_RECORD, opt());
    expect(decodeQuery(octets).edns).toBeDefined();
  });

  it('is refused where RDLENGTH of a record runs over the end', () => {
    expect(refusal(message([1, 1, 0, 0], QUESTION, '00 0010 0001 00000000 0003 0161'))).toBe('TRUNCATED');
  });
});

describe('OPT', () => {
  it('gives version, payload size, DO, CO and options', () => {
    const octets = message(
      [1, 0, 0, 1],
      QUESTION,
      opt('000a 0008 0102030405060708 0003 0000', '00 00 c001', '1000'),
    );
    expect(decodeQuery(octets).edns).toEqual({
      version: 0,
      udpPayloadSize: 4096,
      dnssecOk: true,
      compactOk: true,
      options: [
        { code: 10, data: hex('0102030405060708') },
        { code: 3, data: new Uint8Array(0) },
      ],
    });
  });

  it.each([
    ['00 00 0000', { version: 0, dnssecOk: false, compactOk: false }],
    ['00 00 8000', { version: 0, dnssecOk: true, compactOk: false }],
    ['00 00 4000', { version: 0, dnssecOk: false, compactOk: true }],
    ['00 00 3fff', { version: 0, dnssecOk: false, compactOk: false }],
    ['ff 01 0000', { version: 1, dnssecOk: false, compactOk: false }],
    ['00 ff ffff', { version: 255, dnssecOk: true, compactOk: true }],
  ])('with TTL %s is %o', (ttl, expected) => {
    expect(decodeQuery(message([1, 0, 0, 1], QUESTION, opt('', ttl))).edns).toMatchObject(expected);
  });

  it('may stand in front of other additional records, a TSIG for one', () => {
    expect(decodeQuery(message([1, 0, 0, 2], QUESTION, opt(), TXT_RECORD)).edns).toBeDefined();
  });

  it('counts also where its payload size is 0, which means 512', () => {
    expect(
      decodeQuery(message([1, 0, 0, 1], QUESTION, opt('', '00 00 0000', '0000'))).edns?.udpPayloadSize,
    ).toBe(0);
  });

  it('keeps options of one code apart, in their order', () => {
    const { edns } = decodeQuery(message([1, 0, 0, 1], QUESTION, opt('fde9 0001 01 fde9 0001 02')));
    expect(edns?.options.map(({ data }) => toHex(data))).toEqual(['01', '02']);
  });

  it.each([
    ['twice', [1, 0, 0, 2], [opt(), opt()]],
    ['in the answer section', [1, 1, 0, 0], [opt()]],
    ['in the authority section', [1, 0, 1, 0], [opt()]],
    ['in the answer section, and once where it belongs', [1, 1, 0, 1], [opt(), opt()]],
    ['at an owner other than the root', [1, 0, 0, 1], ['0161 00 0029 04d0 00000000 0000']],
    ['with an option shorter than its header', [1, 0, 0, 1], [opt('000a 00')]],
    ['with an option that overruns it', [1, 0, 0, 1], [opt('000a 0009 0102030405060708')]],
    ['with an option that ends in the record behind it', [1, 0, 0, 2], [opt('000a 0001'), TXT_RECORD]],
  ] as const)('%s is refused (RFC 6891 §6.1.1, §6.1.2)', (_what, counts, parts) => {
    expect(refusal(message([...counts], QUESTION, ...parts))).toBe('OPT');
  });

  it('is refused where its RDLENGTH runs over the end', () => {
    expect(refusal(message([1, 0, 0, 1], QUESTION, '00 0029 04d0 00000000 0004'))).toBe('TRUNCATED');
  });
});

describe('queries as tools and resolvers send them', () => {
  const corpus = readMessages('test/vectors/messages').filter(({ title }) => !title.startsWith('nasty'));

  it.each(corpus)('$title is to us what it is to dns-packet', ({ octets }) => {
    const ours = decodeQuery(octets);
    const theirs = decode(Buffer.from(octets));
    expect(ours.id).toBe(theirs.id);
    expect(formatName(ours.question!.qname)).toBe(`${theirs.questions![0]!.name}.`);
    const opt = theirs.additionals?.find((record) => record.type === 'OPT');
    expect(ours.edns?.udpPayloadSize).toBe(opt?.udpPayloadSize);
    expect(ours.edns?.dnssecOk).toBe(opt?.flag_do);
    expect(ours.edns?.options.map(({ code }) => code)).toEqual(opt?.options.map(({ code }) => code));
  });

  it.each(corpus)('$title cut short anywhere is refused with a WireError', ({ octets }) => {
    for (let cut = 12; cut < octets.length; cut++)
      expect(() => decodeQuery(octets.subarray(0, cut)), `cut at ${cut}`).toThrow(WireError);
  });

  it('are read from what dns-packet encodes, too', () => {
    const options = fc.array(
      fc.record({ code: fc.integer({ min: 100, max: 60_000 }), data: fc.uint8Array() }),
    );
    fc.assert(
      // dns-packet takes a payload size of 0 for none given.
      fc.property(
        fc.nat(0xffff),
        fc.integer({ min: 1, max: 0xffff }),
        fc.boolean(),
        options,
        (id, size, dnssecOk, list) => {
          const octets = encode({
            id,
            type: 'query',
            questions: [{ name: 'a.Probe.test', type: 'TXT' }],
            additionals: [
              {
                type: 'OPT',
                name: '.',
                udpPayloadSize: size,
                extendedRcode: 0,
                ednsVersion: 0,
                flags: dnssecOk ? 0x8000 : 0,
                flag_do: dnssecOk,
                options: list.map(({ code, data }) => ({ code, data: Buffer.from(data) })) as never,
              },
            ],
          });
          const { question, edns } = decodeQuery(Uint8Array.from(octets));
          expect(question?.qname).toEqual(parseName('a.Probe.test.'));
          expect(edns).toEqual({
            version: 0,
            udpPayloadSize: size,
            dnssecOk,
            compactOk: false,
            options: list,
          });
        },
      ),
      { numRuns: 200 },
    );
  });
});

it('refuses any octets behind a header with a WireError, or reads them to the last one', () => {
  fc.assert(
    fc.property(fc.uint8Array({ minLength: 12, maxLength: 200 }), (octets) => {
      try {
        expect(decodeQuery(octets).length).toBe(octets.length);
      } catch (error) {
        expect(error).toBeInstanceOf(WireError);
      }
    }),
    { numRuns: 2000, interruptAfterTimeLimit: 5000 },
  );
});
