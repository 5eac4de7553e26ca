import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatName, lower, parseName, ROOT, sameName } from '../../src/wire/name.ts';
import { Reader } from '../../src/wire/reader.ts';
import { Writer } from '../../src/wire/writer.ts';
import { hex, toHex } from '../support/hex.ts';
import { anyFlips, anyName, recased } from './arbitrary.ts';

/** Highest target of a compression pointer that a name at `offset` goes over, -1 for none. */
function pointerTarget(octets: Uint8Array, offset: number): number {
  let at = offset;
  for (;;) {
    const length = octets[at]!;
    if (length === 0) return -1;
    if (length >= 0xc0) return (length & 0x3f) * 256 + octets[at + 1]!;
    at += length + 1;
  }
}

describe('compression', () => {
  it('writes the example of RFC 1035 §4.1.4', () => {
    const writer = new Writer('message');
    writer.octets(new Uint8Array(20));
    writer.name(parseName('F.ISI.ARPA.'));
    writer.octets(new Uint8Array(8));
    writer.name(parseName('FOO.F.ISI.ARPA.'));
    writer.octets(new Uint8Array(18));
    writer.name(parseName('ARPA.'));
    writer.octets(new Uint8Array(26));
    writer.name(ROOT);
    const octets = writer.finish();
    expect(toHex(octets.subarray(20, 32))).toBe('0146034953490441525041' + '00');
    expect(toHex(octets.subarray(40, 46))).toBe('03464f4fc014');
    expect(toHex(octets.subarray(64, 66))).toBe('c01a');
    expect(toHex(octets.subarray(92))).toBe('00');
  });

  it('reads back as the names that were written, in one message', () => {
    fc.assert(
      fc.property(fc.array(anyName(parseName('probe.test.')), { minLength: 1, maxLength: 12 }), (names) => {
        const writer = new Writer('message');
        for (const name of names) writer.name(name);
        const reader = new Reader(writer.finish());
        for (const name of names) expect(sameName(reader.name(), name)).toBe(true);
        expect(reader.remaining).toBe(0);
      }),
    );
  });

  it('never makes a name longer, and never repeats a name', () => {
    fc.assert(
      fc.property(anyName(ROOT, 1), (name) => {
        const writer = new Writer('message');
        writer.name(name);
        expect(writer.length).toBe(name.length);
        writer.name(name);
        expect(writer.length).toBe(name.length + (name.length > 1 ? 2 : 1));
      }),
    );
  });

  it('gives one size and the same places whatever the case of the names (0x20)', () => {
    const names = fc.array(anyName(parseName('Probe.Test.')), { minLength: 1, maxLength: 8 });
    fc.assert(
      fc.property(names, anyFlips, (list, flips) => {
        const sizes = (turn: boolean) => {
          const writer = new Writer('message');
          return list.map((name, index) => {
            writer.name(turn && index % 2 === 0 ? recased(name, flips) : name);
            return writer.length;
          });
        };
        expect(sizes(true)).toEqual(sizes(false));
      }),
    );
  });

  it('keeps the case in which a suffix was written first', () => {
    const writer = new Writer('message');
    writer.name(parseName('WWW.Example.'));
    writer.name(parseName('ftp.eXAMPLE.'));
    const reader = new Reader(writer.finish());
    expect([formatName(reader.name()), formatName(reader.name())]).toEqual(['WWW.Example.', 'ftp.Example.']);
  });

  it('is not fooled by a label that holds the wire form of a suffix', () => {
    const writer = new Writer('message');
    writer.name(hex('04 78 01 61 00', '00')); // one label: x, 1, a, 0
    writer.name(parseName('a.'));
    const reader = new Reader(writer.finish());
    expect([reader.name(), reader.name()]).toEqual([hex('04 78016100 00'), parseName('a.')]);
    expect(writer.length).toBe(6 + 3);
  });

  it('does not take octets between names for names', () => {
    const writer = new Writer('message');
    writer.octets(parseName('example.'));
    writer.name(parseName('example.'));
    expect(writer.length).toBe(18);
  });

  it.each([0x3ffe, 0x3fff])('points to a name at %i, as far as a pointer reaches', (at) => {
    const writer = new Writer('message');
    writer.octets(new Uint8Array(at));
    writer.name(parseName('example.'));
    writer.name(parseName('example.'));
    expect(writer.length).toBe(at + 9 + 2);
    expect(pointerTarget(writer.finish(), at + 9)).toBe(at);
  });

  it('does not point to a name beyond offset 0x3fff', () => {
    const writer = new Writer('message');
    writer.octets(new Uint8Array(0x4000));
    writer.name(parseName('example.'));
    writer.name(parseName('example.'));
    expect(writer.length).toBe(0x4000 + 9 + 9);
  });

  it('keeps to targets below 0x4000 and stays readable, wherever names straddle it', () => {
    const start = fc.integer({ min: 0x3fff - 300, max: 0x4001 });
    fc.assert(
      fc.property(
        start,
        fc.array(anyName(parseName('p.test.')), { minLength: 2, maxLength: 8 }),
        (at, names) => {
          const writer = new Writer('message');
          writer.octets(new Uint8Array(at));
          const starts = names.map((name) => {
            const offset = writer.length;
            writer.name(name);
            return offset;
          });
          const octets = writer.finish();
          names.forEach((name, index) => {
            expect(pointerTarget(octets, starts[index]!)).toBeLessThan(0x4000);
            expect(sameName(new Reader(octets, starts[index]!).name(), name)).toBe(true);
          });
        },
      ),
    );
  });
});

describe('the canonical form', () => {
  it('never compresses, and lower-cases (RFC 4034 §6.2)', () => {
    fc.assert(
      fc.property(anyName(), (name) => {
        const writer = new Writer('canonical');
        writer.name(name);
        writer.name(name);
        expect(writer.finish()).toEqual(Uint8Array.from([...lower(name), ...lower(name)]));
      }),
    );
  });

  it('keeps the case of names that RFC 6840 §5.1 takes off the list', () => {
    const name = parseName('ExAmPlE.');
    const written = (form: 'message' | 'canonical', inCanonical: 'lower' | 'kept') => {
      const writer = new Writer(form);
      writer.name(name);
      writer.plainName(name, inCanonical);
      return formatName(new Reader(writer.finish(), name.length).name());
    };
    expect(written('canonical', 'lower')).toBe('example.');
    expect(written('canonical', 'kept')).toBe('ExAmPlE.');
    expect(written('message', 'lower')).toBe('ExAmPlE.');
  });
});

describe('octets and integers', () => {
  it('are written in network order and read back', () => {
    fc.assert(
      fc.property(
        fc.nat(0xff),
        fc.nat(0xffff),
        fc.nat(0xffff_ffff),
        fc.uint8Array(),
        (u8, u16, u32, tail) => {
          const writer = new Writer('message', 1);
          writer.u8(u8);
          writer.u16(u16);
          writer.u32(u32);
          writer.octets(tail);
          const reader = new Reader(writer.finish());
          expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([u8, u16, u32]);
          expect(reader.octets(tail.length)).toEqual(tail);
          expect(writer.length).toBe(7 + tail.length);
        },
      ),
    );
  });

  it('are counted in the 16 bits in front of them, also inside one another', () => {
    const writer = new Writer('message', 1);
    writer.counted(() => {
      writer.u8(1);
      writer.counted(() => writer.octets(hex('aabbcc')));
    });
    expect(toHex(writer.finish())).toBe('0006' + '01' + '0003' + 'aabbcc');
  });

  it('belong to the caller once finished', () => {
    const writer = new Writer('message');
    writer.u16(1);
    const first = writer.finish();
    writer.u16(2);
    first[0] = 9;
    expect(toHex(writer.finish())).toBe('00010002');
  });
});
