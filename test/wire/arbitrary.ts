/** Names of any octets for properties: labels of 1 to 63 octets, 255 octets in all. */
import fc from 'fast-check';
import { MAX_NAME, type Name, prepend, ROOT } from '../../src/wire/name.ts';

export const anyLabel: fc.Arbitrary<Uint8Array> = fc.oneof(
  { weight: 4, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 6 }) },
  { weight: 1, arbitrary: fc.uint8Array({ minLength: 1, maxLength: 63 }) },
  // Octets that text escapes, and those at the edges of the letters and of the order.
  {
    weight: 2,
    arbitrary: fc
      .array(fc.constantFrom(0, 0x20, 0x22, 0x2e, 0x40, 0x41, 0x5a, 0x5b, 0x5c, 0x61, 0x7a, 0x7f, 0xff), {
        minLength: 1,
        maxLength: 4,
      })
      .map((octets) => Uint8Array.from(octets)),
  },
);

/** Names under `origin`, as many of the labels as fit. */
export function anyName(origin: Name = ROOT, minLabels = 0): fc.Arbitrary<Name> {
  return fc
    .array(anyLabel, { minLength: minLabels, maxLength: 8 })
    .map((labels) =>
      labels.reduce(
        (name, label) => (name.length + label.length + 1 <= MAX_NAME ? prepend(label, name) : name),
        origin,
      ),
    );
}

/** The same name with the case of its letters turned where `flips` says so. */
export function recased(name: Name, flips: readonly boolean[]): Name {
  return name.map((octet, at) =>
    flips[at % flips.length] && /[A-Za-z]/.test(String.fromCharCode(octet)) ? octet ^ 0x20 : octet,
  );
}

export const anyFlips: fc.Arbitrary<boolean[]> = fc.array(fc.boolean(), { minLength: 1, maxLength: 9 });
