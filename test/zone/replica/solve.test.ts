import fc from 'fast-check';
import { expect, it } from 'vitest';
import { COMPOSITIONS, dnskeyOctets, findComposition } from '../../../src/zone/replica/composition.ts';
import { solve } from '../../../src/zone/replica/solve.ts';

const LEAST = 128;
const bits = (label: string, apexOctets: number) =>
  solve(findComposition(label)!.keys, apexOctets).keys.map(({ modulus }) => modulus * 8);

it('leaves every key full size at the root', () => {
  for (const { keys } of COMPOSITIONS) {
    const { keys: solved, octets, rootOctets } = solve(keys, 1);
    expect(solved).toEqual(keys);
    expect(octets).toBe(rootOctets);
  }
});

it.each([
  ['k1k1z', 30, [2048, 1560]],
  ['k2k2z', 60, [2048, 2048, 2048, 1064]],
  // The ZSK alone does not do: the older KSK gives the rest, twice for each octet.
  ['k2kr1z', 60, [1832, 2048, 1024]],
  // 151 is odd: the ZSK keeps one octet more.
  ['k1k1z', 75, [1952, 1032]],
  // A ZSK that has nothing to give is made longer, so that a KSK can take an even number.
  ['k1k1zs', 60, [1560, 1032]],
])('%s under a name of %i octets has moduli of %j bits', (label, apexOctets, moduli) => {
  expect(bits(label, apexOctets)).toEqual(moduli);
});

const anyCase = fc.record({
  composition: fc.constantFrom(...COMPOSITIONS),
  apexOctets: fc.integer({ min: 3, max: 234 }),
});

it('reaches the root to the octet, or has no octet left to take', () => {
  fc.assert(
    fc.property(anyCase, ({ composition, apexOctets }) => {
      const { keys, octets, rootOctets } = solve(composition.keys, apexOctets);
      expect(octets).toBe(dnskeyOctets(keys, apexOctets));
      expect(octets).toBeGreaterThanOrEqual(rootOctets);
      const spare = keys.filter(({ modulus }) => modulus > LEAST + 1);
      if (octets > rootOctets) expect(spare).toEqual([]);
    }),
  );
});

it('gives no modulus below 1024 bits, and none to keys that have none', () => {
  fc.assert(
    fc.property(anyCase, ({ composition, apexOctets }) => {
      for (const [index, { modulus }] of solve(composition.keys, apexOctets).keys.entries()) {
        const full = composition.keys[index]!.modulus;
        if (full === 0) expect(modulus).toBe(0);
        else expect(modulus).toBeGreaterThanOrEqual(LEAST);
        expect(modulus).toBeLessThanOrEqual(Math.max(full, LEAST + 1));
      }
    }),
  );
});

it('is exact for every set that has RSA, in every trial below an origin of 20 octets', () => {
  for (const { label, keys } of COMPOSITIONS) {
    const { octets, rootOctets } = solve(keys, 1 + label.length + 30 + 20);
    if (keys.some(({ modulus }) => modulus > 0)) expect(`${label} ${octets}`).toBe(`${label} ${rootOctets}`);
    else expect(octets).toBeGreaterThan(rootOctets);
  }
});
