import { decode } from 'dns-packet'; // shares no code with ours
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '../../src/wire/error.ts';
import { encodeResponse } from '../../src/wire/message.ts';
import { parseName } from '../../src/wire/name.ts';
import type { RdataCodec } from '../../src/wire/rdata/codec.ts';
import {
  codecOf,
  isMetaType,
  parseType,
  QTYPES,
  RDATA_CODECS,
  typeText,
} from '../../src/wire/rdata/table.ts';
import { Reader } from '../../src/wire/reader.ts';
import { Writer } from '../../src/wire/writer.ts';
import { hex, toHex } from '../support/hex.ts';
import { RDATA_SAMPLES, type RdataSample } from './rdata-samples.ts';

const typeOf = ({ mnemonic }: Pick<RdataSample, 'mnemonic'>) => parseType(mnemonic)!;

function encoded(codec: RdataCodec<unknown>, rdata: unknown): Uint8Array {
  const writer = new Writer('message');
  codec.encode(writer, rdata);
  return writer.finish();
}

it('has a sample for every line of the table', () => {
  const known = RDATA_CODECS.map(({ mnemonic }) => mnemonic);
  const sampled = new Set(RDATA_SAMPLES.map(({ mnemonic }) => mnemonic));
  expect(known.filter((mnemonic) => !sampled.has(mnemonic))).toEqual([]);
});

describe.each(RDATA_SAMPLES.map((sample) => ({ ...sample, codec: codecOf(typeOf(sample)) })))(
  '$mnemonic ($source)',
  ({ codec, rdata, octets }) => {
    it('is encoded to the octets and decoded from them', () => {
      expect(toHex(encoded(codec, rdata))).toBe(toHex(octets));
      expect(codec.decode(new Reader(octets), octets.length)).toEqual(rdata);
    });

    it('is decoded at an offset, and the octets behind it are left alone', () => {
      const reader = new Reader(Uint8Array.from([...hex('ffffff'), ...octets, ...hex('ffff')]), 3);
      expect(codec.decode(reader, octets.length)).toEqual(rdata);
      expect(reader.remaining).toBe(2);
    });

    it('is refused with a WireError where the message ends before RDLENGTH does', () => {
      for (let cut = 0; cut < octets.length; cut++)
        expect(
          () => codec.decode(new Reader(octets.subarray(0, cut)), octets.length),
          `cut at ${cut}`,
        ).toThrow(WireError);
    });

    it('is decoded or refused with a WireError where RDLENGTH is too small', () => {
      for (let cut = 0; cut < octets.length; cut++) {
        try {
          codec.decode(new Reader(octets.subarray(0, cut)), cut);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }
    });
  },
);

it.each(RDATA_SAMPLES.filter(({ packet }) => packet !== undefined))(
  '$mnemonic ($source) is the same to dns-packet',
  ({ mnemonic, rdata, packet }) => {
    const owner = parseName('owner.example.com.');
    const type = parseType(mnemonic)!;
    const message = encodeResponse({
      id: 1,
      flags: 0,
      rcode: 0,
      question: { qname: owner, qtype: type, qclass: 1 },
      // Twice, so that the second owner and the names in RDATA meet compression.
      answer: [{ owner, type, ttl: 60, rdatas: [rdata, rdata] }],
      authority: [],
      additional: [],
      edns: undefined,
    });
    const answers = decode(Buffer.from(message)).answers ?? [];
    expect(answers).toHaveLength(2);
    for (const answer of answers)
      expect(answer).toMatchObject({ name: 'owner.example.com', ttl: 60, data: packet });
  },
);

describe.each([...RDATA_CODECS, { ...codecOf(731), mnemonic: 'TYPE731' }])(
  '$mnemonic of any octets',
  (codec: RdataCodec<unknown>) => {
    it('is refused with a WireError, or encoded again to what decodes the same', () => {
      fc.assert(
        fc.property(fc.uint8Array({ maxLength: 60 }), fc.nat(40), (octets, short) => {
          const rdlength = Math.max(0, octets.length - short);
          let rdata: unknown;
          try {
            rdata = codec.decode(new Reader(octets), rdlength);
          } catch (error) {
            expect(error).toBeInstanceOf(WireError);
            return;
          }
          const again = encoded(codec, rdata);
          expect(codec.decode(new Reader(again), again.length)).toEqual(rdata);
        }),
        { numRuns: 300, interruptAfterTimeLimit: 3000 },
      );
    });
  },
);

describe('rules of single types', () => {
  it.each(['0001 05', '0001'])('a DS of the octets %s is shorter than its fixed fields', (octets) => {
    expect(() => codecOf(43).decode(new Reader(hex(octets, '00'.repeat(9))), hex(octets).length)).toThrow(
      'RDATA shorter than its fixed fields',
    );
  });

  it('a character-string may not run over the end of RDATA (RFC 1035 §3.3)', () => {
    expect(() => codecOf(16).decode(new Reader(hex('0361 6263 6465')), 3)).toThrow(
      'character-string of 3 octets overruns RDATA (2 left; RFC 1035 §3.3) at offset 0',
    );
  });

  it.each([
    ['00 00', 'no octets'],
    [`00 21 ${'01'.repeat(33)}`, '33 octets'],
    ['00 02 40', 'more than RDATA holds'],
  ])('an NSEC bitmap of %s is refused: %s (RFC 4034 §4.1.2)', (bitmap) => {
    const octets = hex('00', bitmap);
    expect(() => codecOf(47).decode(new Reader(octets), octets.length)).toThrow('type bitmap of');
  });

  it('NSEC writes its types once, in order, whatever order they come in', () => {
    const written = (types: number[]) => toHex(encoded(codecOf(47), { nextName: hex('00'), types }));
    expect(written([1234, 47, 1, 47, 46, 15])).toBe(written([1, 15, 46, 47, 1234]));
    expect(written([])).toBe('00');
  });

  it('NSEC bitmaps come back for any set of types', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(0xffff), { maxLength: 40 }), (types) => {
        const octets = encoded(codecOf(47), { nextName: hex('00'), types });
        const { types: read } = codecOf(47).decode(new Reader(octets), octets.length) as { types: number[] };
        expect(read).toEqual([...types].sort((a, b) => a - b));
      }),
    );
  });

  it('the signature of an RRSIG may not begin behind RDATA', () => {
    const { octets } = RDATA_SAMPLES.find(({ mnemonic }) => mnemonic === 'RRSIG')!;
    expect(() => codecOf(46).decode(new Reader(octets), 20)).toThrow('RDATA shorter than its fixed fields');
  });

  it.each([
    ['000a 00', 'shorter than its header'],
    ['000a 0002 01', 'option 10 of 2 octets overruns OPT'],
  ])('an OPT of %s is refused: %s', (text, why) => {
    const octets = hex(text, 'ffff');
    expect(() => codecOf(41).decode(new Reader(octets), octets.length - 2)).toThrow(why);
  });

  it('names in newer RDATA are not compressed, those of RFC 1035 are (RFC 3597 §4)', () => {
    const name = parseName('long.enough.example.com.');
    const sizeOf = (type: number, rdata: unknown) => {
      const writer = new Writer('message');
      writer.name(name);
      const before = writer.length;
      codecOf(type).encode(writer, rdata);
      return writer.length - before;
    };
    expect(sizeOf(2, { nsdname: name })).toBe(2);
    expect(sizeOf(5, { target: name })).toBe(2);
    expect(sizeOf(47, { nextName: name, types: [] })).toBe(name.length);
    const { rdata } = RDATA_SAMPLES.find(({ mnemonic }) => mnemonic === 'RRSIG')!;
    expect(sizeOf(46, { ...(rdata as object), signerName: name, signature: hex('00') })).toBe(
      18 + name.length + 1,
    );
  });
});

describe('the table', () => {
  it('names every type once', () => {
    const types = [...RDATA_CODECS.map(({ type }) => type), ...Object.values(QTYPES)];
    expect(new Set(types).size).toBe(types.length);
  });

  it('reads every number as it writes it, known or not (RFC 3597 §5)', () => {
    for (let type = 0; type <= 0xffff; type++) expect(parseType(typeText(type))).toBe(type);
  });

  it.each([
    ['txt', 16],
    ['TYPE16', 16],
    ['type65535', 65535],
    ['TYPE65536', undefined],
    ['TYPE', undefined],
    ['TYPE-1', undefined],
    ['NAPTR2', undefined],
    ['', undefined],
  ])('reads %j as %s', (text, type) => {
    expect(parseType(text)).toBe(type);
  });

  it('knows meta types: OPT, and 128 to 255 (RFC 6895 §3.1)', () => {
    const meta = Array.from({ length: 0x10000 }, (_, type) => type).filter(isMetaType);
    expect(meta).toEqual([41, ...Array.from({ length: 128 }, (_, at) => 128 + at)]);
  });
});
