import fc from 'fast-check';
import { expect, it } from 'vitest';
import { indexNearest } from '../../src/observe/nearest.ts';

const cases = fc
  .array(fc.integer({ min: 0, max: 5 }), { maxLength: 20 })
  .chain((numbers) =>
    fc.tuple(
      fc.constant(numbers),
      fc.integer({ min: 0, max: numbers.length }),
      fc.integer({ min: 0, max: 6 }),
    ),
  );

it('finds what a look at every member finds', () => {
  fc.assert(
    fc.property(cases, ([numbers, place, limit]) => {
      const small = [...numbers.keys()].filter((at) => numbers[at]! < limit);
      const nearest = indexNearest(numbers);
      expect(nearest.before(place, limit)).toBe(small.findLast((at) => at < place));
      expect(nearest.from(place, limit)).toBe(small.find((at) => at >= place));
    }),
    { numRuns: 2000 },
  );
});

it('takes 100,000 members in which only the farthest is small', () => {
  const numbers = Array.from({ length: 100_000 }, (_, at) => (at === 0 ? 1 : 9));
  const nearest = indexNearest(numbers);
  const found = numbers.map((_, at) => nearest.before(at + 1, 5));
  expect(new Set(found)).toEqual(new Set([0]));
});
