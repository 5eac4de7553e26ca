import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { WireError } from '../../src/wire/error.ts';
import {
  countLabels,
  formatName,
  isWithin,
  labels,
  labelsBelow,
  labelText,
  latin1,
  lower,
  nameKey,
  parentName,
  parseName,
  prepend,
  ROOT,
  sameName,
} from '../../src/wire/name.ts';
import { hex } from '../support/hex.ts';
import { anyFlips, anyLabel, anyName, recased } from './arbitrary.ts';

const LONG = 'x'.repeat(63);
/** 255 octets in wire form: 3 × 64 + 62 + the root. */
const LONGEST = `${LONG}.${LONG}.${LONG}.${'x'.repeat(61)}.`;

describe('presentation form', () => {
  it.each([
    ['.', '00'],
    ['example.', '07 6578616d706c65 00'],
    ['Example.', '07 4578616d706c65 00'],
    ['a\\.b.example.', '03 612e62 07 6578616d706c65 00'],
    ['back\\\\slash.', '0a 6261636b5c736c617368 00'],
    ['\\000\\255.', '02 00ff 00'],
    ['a\\032b.', '03 612062 00'],
    ['\\"\\(\\)\\;\\@\\$.', '06 2228293b4024 00'],
    ['*.z.', '01 2a 01 7a 00'],
  ])('%s is read and written', (text, octets) => {
    expect(parseName(text)).toEqual(hex(octets));
    expect(formatName(hex(octets))).toBe(text);
  });

  it('comes back as the same octets, whatever the labels hold', () => {
    fc.assert(
      fc.property(anyName(), (name) => {
        const text = formatName(name);
        expect(text).toMatch(/^[!-~]+$/);
        expect(parseName(text)).toEqual(name);
      }),
    );
  });

  it('is completed with the origin unless a dot ends it', () => {
    const origin = parseName('probe.test.');
    expect(parseName('www', origin)).toEqual(parseName('www.probe.test.'));
    expect(parseName('www.', origin)).toEqual(parseName('www.'));
    expect(parseName('@', origin)).toEqual(origin);
    expect(parseName('\\@', origin)).toEqual(prepend('@', origin));
    expect(parseName('.', origin)).toEqual(ROOT);
    // An escaped dot ends no name.
    expect(parseName('www\\.', origin)).toEqual(prepend('www.', origin));
  });

  it('may be as long as a name can be', () => {
    expect(parseName(LONGEST)).toHaveLength(255);
    expect(formatName(parseName(LONGEST))).toBe(LONGEST);
  });

  it.each([
    ['', 'empty label'],
    ['..', 'empty label'],
    ['.a', 'empty label'],
    ['a..b', 'empty label'],
    [`${LONG}x.`, 'label of 64 octets, at most 63'],
    [`${LONG}.${LONG}.${LONG}.${'x'.repeat(62)}.`, '256 octets, at most 255'],
    ['\\256.', '\\256 is above 255'],
    ['a\\', 'ends in a backslash'],
    ['a\\1.', 'a backslash and a digit'],
    ['a\\12.', 'a backslash and a digit'],
    ['\u0100.', 'outside Latin-1'],
    ['\\\u0100.', 'outside Latin-1'],
  ])('%j is refused: %s', (text, why) => {
    let thrown: unknown;
    try {
      parseName(text);
    } catch (error) {
      thrown = error;
    }
    expect(thrown).toBeInstanceOf(WireError);
    expect(thrown).toMatchObject({ code: 'TEXT', message: expect.stringContaining(why) });
  });

  it('is refused where only the origin makes it too long', () => {
    expect(() => parseName('xx', parseName(LONGEST))).toThrow('at most 255');
  });
});

describe('case', () => {
  it('does not tell names apart', () => {
    fc.assert(
      fc.property(anyName(), anyFlips, (name, flips) => {
        const other = recased(name, flips);
        expect(sameName(name, other)).toBe(true);
        expect(nameKey(name)).toBe(nameKey(other));
        expect(lower(other)).toEqual(lower(name));
      }),
    );
  });

  it('is a matter of the 26 ASCII letters only (RFC 4343 §2)', () => {
    for (let octet = 0; octet < 256; octet++) {
      const name = prepend(Uint8Array.of(octet), ROOT);
      const turned = prepend(Uint8Array.of(octet ^ 0x20), ROOT);
      expect(sameName(name, turned), `octet ${octet}`).toBe(/[A-Za-z]/.test(String.fromCharCode(octet)));
      expect(nameKey(name) === nameKey(turned), `octet ${octet}`).toBe(sameName(name, turned));
    }
  });

  it('is kept in the name and lowered in a copy', () => {
    const name = parseName('ExAmPlE.');
    expect(formatName(lower(name))).toBe('example.');
    expect(formatName(name)).toBe('ExAmPlE.');
    expect(labelText(latin1('S512'))).toBe('s512');
  });

  it('gives two names one key exactly when they are the same', () => {
    fc.assert(
      fc.property(anyName(), anyName(), (a, b) => {
        expect(nameKey(a) === nameKey(b)).toBe(sameName(a, b));
      }),
    );
  });
});

describe('labels', () => {
  const apex = parseName('probe.test.');

  it('are counted without the root', () => {
    expect(countLabels(ROOT)).toBe(0);
    expect(countLabels(parseName('a.b.c.'))).toBe(3);
    expect(labels(parseName('a.b.'))).toEqual([latin1('a'), latin1('b')]);
  });

  it('fall off from the left until the root is left, whose parent is the root', () => {
    expect(parentName(parseName('a.b.'))).toEqual(parseName('b.'));
    expect(parentName(parseName('b.'))).toEqual(ROOT);
    expect(parentName(ROOT)).toEqual(ROOT);
  });

  it('stand between a name and its ancestor', () => {
    expect(labelsBelow(parseName('x.y.Probe.Test.'), apex)).toEqual([latin1('x'), latin1('y')]);
    expect(labelsBelow(apex, apex)).toEqual([]);
  });

  it('decide what is within a name, not the octets that it ends with', () => {
    expect(isWithin(parseName('a.PROBE.test.'), apex)).toBe(true);
    expect(isWithin(apex, apex)).toBe(true);
    expect(isWithin(parseName('aprobe.test.'), apex)).toBe(false);
    expect(isWithin(parseName('test.'), apex)).toBe(false);
    // One label whose last octets are the wire form of the apex without its root.
    expect(isWithin(prepend(Uint8Array.of(...latin1('x'), ...apex.subarray(0, -1)), ROOT), apex)).toBe(false);
    expect(isWithin(ROOT, apex)).toBe(false);
    expect(isWithin(apex, ROOT)).toBe(true);
  });

  it('are put in front of a name, and come off again', () => {
    fc.assert(
      fc.property(anyName(apex), anyLabel, (name, label) => {
        if (name.length + label.length + 1 > 255) {
          expect(() => prepend(label, name)).toThrow(RangeError);
          return;
        }
        const longer = prepend(label, name);
        expect(parentName(longer)).toEqual(name);
        expect(labels(longer)[0]).toEqual(label);
        expect(isWithin(longer, name)).toBe(true);
        expect(isWithin(name, longer)).toBe(false);
      }),
    );
  });

  it.each([
    ['', 0],
    [`${LONG}x`, 64],
  ])('of %j are refused, %i octets long', (label, octets) => {
    expect(() => prepend(label, ROOT)).toThrow(`label of ${octets} octets, want 1..63`);
  });

  it('fill a name to 255 octets and no further', () => {
    const name = parseName(`${LONG}.${LONG}.${LONG}.`);
    expect(prepend('x'.repeat(61), name)).toHaveLength(255);
    expect(() => prepend('x'.repeat(62), name)).toThrow('name of 256 octets, want 255 or less');
  });
});
