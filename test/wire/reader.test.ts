import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError, type WireErrorCode } from '../../src/wire/error.ts';
import { formatName, latin1, parseName } from '../../src/wire/name.ts';
import { Reader } from '../../src/wire/reader.ts';
import { hex } from '../support/hex.ts';

function refusal(read: () => unknown): { code: WireErrorCode; offset: number } {
  try {
    read();
  } catch (error) {
    if (error instanceof WireError) return { code: error.code, offset: error.offset };
    throw error;
  }
  throw new Error('was not refused');
}

const nameAt = (octets: Uint8Array, offset: number) => new Reader(octets, offset).name();

describe('integers and octets', () => {
  it('are read in network order, one after the other', () => {
    const reader = new Reader(hex('ff', '0102', 'fffefdfc', 'aabb'));
    expect([reader.u8(), reader.u16(), reader.u32()]).toEqual([255, 258, 0xfffefdfc]);
    expect(reader.remaining).toBe(2);
    expect(reader.octets(2)).toEqual(hex('aabb'));
    expect(reader.remaining).toBe(0);
  });

  it.each([
    ['u8', 0],
    ['u16', 1],
    ['u32', 3],
  ] as const)('%s is refused where %i octets are left', (read, left) => {
    expect(refusal(() => new Reader(new Uint8Array(left))[read]()).code).toBe('TRUNCATED');
  });

  it('are refused where fewer are left than wanted', () => {
    expect(refusal(() => new Reader(new Uint8Array(4), 1).octets(4))).toEqual({
      code: 'TRUNCATED',
      offset: 1,
    });
  });

  it('are refused in negative number: RDATA shorter than its fixed fields', () => {
    expect(refusal(() => new Reader(new Uint8Array(4)).octets(-1)).code).toBe('RDLENGTH');
  });
});

describe('a name', () => {
  // RFC 1035 §4.1.4: F.ISI.ARPA at 20, FOO.F.ISI.ARPA at 40, ARPA at 64, the root at 92.
  const compressed = new Uint8Array(93);
  compressed.set(hex('01 46 03 495349 04 41525041 00'), 20);
  compressed.set(hex('03 464f4f c014'), 40);
  compressed.set(hex('c01a'), 64);

  it.each([
    [20, 'F.ISI.ARPA.', 32],
    [40, 'FOO.F.ISI.ARPA.', 46],
    [64, 'ARPA.', 66],
    [92, '.', 93],
  ])('at %i of the example of RFC 1035 §4.1.4 is %s and ends at %i', (offset, text, end) => {
    const reader = new Reader(compressed, offset);
    expect(formatName(reader.name())).toBe(text);
    expect(reader.offset).toBe(end);
  });

  it('may be reached over pointers to pointers', () => {
    expect(formatName(nameAt(hex('01 61 00', 'c000', 'c003', '01 62 c005'), 7))).toBe('b.a.');
  });

  it.each([
    ['to itself', 'c000', 0],
    ['forwards', 'c002 00', 0],
    ['to the label that it ends', '01 61 c000', 0],
    ['into the label that it ends', '02 0161 c001', 0],
    ['to another that points to the label in front of the first', '01 61 c004 c000', 0],
    ['beyond the message', 'ffff', 0],
  ])('is refused with a pointer %s', (_what, text, offset) => {
    expect(refusal(() => nameAt(hex(text), offset)).code).toBe('POINTER');
  });

  it('never loops: a pointer behind a pointer must go further back still', () => {
    // At 4: label "b", back to 0; there: label "a", and on to 4.
    expect(refusal(() => nameAt(hex('01 61 c004', '01 62 c000'), 4)).code).toBe('POINTER');
  });

  it.each([
    ['40', 'the extended label type of RFC 2671'],
    ['41', 'a bit string of RFC 2673'],
    ['80', 'the unused type 10'],
  ])('is refused with label type %s: %s', (octet) => {
    expect(refusal(() => nameAt(hex(octet, '00'.repeat(64)), 0)).code).toBe('LABEL_TYPE');
  });

  const label = (octets: number, letter = 'x') => Uint8Array.of(octets, ...latin1(letter.repeat(octets)));

  it('may be 255 octets long, and not 256', () => {
    const front = [...label(63), ...label(63), ...label(63)];
    expect(nameAt(Uint8Array.from([...front, ...label(61), 0]), 0)).toHaveLength(255);
    expect(refusal(() => nameAt(Uint8Array.from([...front, ...label(62), 0]), 0)).code).toBe('NAME_TOO_LONG');
  });

  it('may not be brought over 255 octets by a pointer', () => {
    const tail = [...label(63), ...label(63), ...label(63), 0];
    const at = tail.length;
    expect(nameAt(Uint8Array.from([...tail, ...label(61), 0xc0, 0]), at)).toHaveLength(255);
    expect(refusal(() => nameAt(Uint8Array.from([...tail, ...label(62), 0xc0, 0]), at)).code).toBe(
      'NAME_TOO_LONG',
    );
  });

  it('is the same name when the message goes on behind it, and refused when it is cut short', () => {
    const octets = parseName('some.name.example.');
    expect(nameAt(Uint8Array.from([...octets, 1, 2, 3]), 0)).toEqual(octets);
    for (let cut = 0; cut < octets.length; cut++)
      expect(refusal(() => nameAt(octets.subarray(0, cut), 0)).code, `cut at ${cut}`).toBe('TRUNCATED');
    expect(refusal(() => nameAt(hex('c0'), 0)).code).toBe('TRUNCATED');
  });

  it('takes no longer for a chain of pointers than its 127 labels allow', () => {
    // 8000 pointers, each to the one before: a name has at most 127 labels, so no encoder needs as many.
    const chain = new Uint8Array(16_002);
    for (let at = 2; at < chain.length; at += 2) chain.set([0xc0 | ((at - 2) >> 8), (at - 2) & 0xff], at);
    expect(refusal(() => nameAt(chain, 16_000)).code).toBe('POINTER');
  });

  it('of any octets is read or refused with a WireError, and ends within the message', () => {
    const octet = fc.oneof(fc.nat(255), fc.constantFrom(0, 1, 2, 63, 64, 0xc0, 0xc0, 0xc1));
    fc.assert(
      fc.property(fc.array(octet, { minLength: 1, maxLength: 300 }), fc.nat(299), (octets, start) => {
        const reader = new Reader(Uint8Array.from(octets), start % octets.length);
        try {
          const name = reader.name();
          expect(name.length).toBeLessThanOrEqual(255);
          expect(reader.offset).toBeLessThanOrEqual(octets.length);
          expect(parseName(formatName(name))).toEqual(name);
        } catch (error) {
          expect(error).toBeInstanceOf(WireError);
        }
      }),
      { numRuns: 2000, interruptAfterTimeLimit: 5000 },
    );
  });
});
