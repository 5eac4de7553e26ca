import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { latin1 } from '../../src/wire/name.ts';
import { base32hexLength, formatBase32hex, parseBase32hex } from '../../src/zone/base32hex.ts';

// RFC 4648 §10, lower case, without padding.
const VECTORS = [
  ['', ''],
  ['f', 'co'],
  ['fo', 'cpng'],
  ['foo', 'cpnmu'],
  ['foob', 'cpnmuog'],
  ['fooba', 'cpnmuoj1'],
  ['foobar', 'cpnmuoj1e8'],
] as const;

it.each(VECTORS)('%j is %j (RFC 4648 §10)', (text, encoded) => {
  expect(formatBase32hex(latin1(text))).toBe(encoded);
  expect(parseBase32hex(encoded, text.length)).toEqual(latin1(text));
  expect(base32hexLength(text.length)).toBe(encoded.length);
});

it('comes back for any octets, in as many characters as it says', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 60 }), (octets) => {
      const text = formatBase32hex(octets);
      expect(text).toMatch(/^[0-9a-v]*$/);
      expect(text).toHaveLength(base32hexLength(octets.length));
      expect(parseBase32hex(text, octets.length)).toEqual(octets);
    }),
  );
});

describe('refuses', () => {
  it('spare bits at the end that are not zero: octets have one text only', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 38 }), (octets) => {
        const text = formatBase32hex(octets);
        const spare = text.length * 5 - octets.length * 8;
        const last = Number.parseInt(text.at(-1)!, 32);
        for (let bits = 1; bits < 2 ** spare; bits++)
          expect(
            parseBase32hex(text.slice(0, -1) + (last | bits).toString(32), octets.length),
          ).toBeUndefined();
      }),
    );
  });

  it.each([
    ['CPNMU', 3, 'capital letters: labels arrive lower-cased'],
    ['cpnmw', 3, 'characters of other base32 alphabets'],
    ['cpn-u', 3, 'hyphens'],
    ['cpnm', 3, 'too few characters'],
    ['cpnmuo', 3, 'too many characters'],
    ['cpnmu===', 3, 'padding'],
    ['cp\u00e9mu', 3, 'letters beyond ASCII'],
  ])('%j for %i octets: %s', (text, octets) => {
    expect(parseBase32hex(text, octets)).toBeUndefined();
  });
});
