/** Figures against published ones and against exact arithmetic. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { benjaminiHochberg, mcnemarExact, wilson } from '../../src/observe/statistics.ts';

describe('wilson', () => {
  // Newcombe, Statistics in Medicine 17 (1998), table I, method 3; the last three by hand.
  it.each([
    { count: 81, of: 263, low: 0.2553, high: 0.3662 },
    { count: 15, of: 148, low: 0.0624, high: 0.1605 },
    { count: 0, of: 20, low: 0, high: 0.1611 },
    { count: 1, of: 29, low: 0.0061, high: 0.1718 },
    { count: 0, of: 3, low: 0, high: 0.5615 },
    { count: 3, of: 3, low: 0.4385, high: 1 },
    { count: 5, of: 10, low: 0.2366, high: 0.7634 },
  ])('$count of $of', ({ count, of, low, high }) => {
    expect(wilson(count, of).low).toBeCloseTo(low, 4);
    expect(wilson(count, of).high).toBeCloseTo(high, 4);
  });

  it('says nothing of none', () => {
    expect(wilson(0, 0)).toEqual({ low: 0, high: 1 });
  });

  it('holds the share, lies in 0 to 1, and mirrors', () => {
    const shares = fc
      .integer({ min: 1, max: 1_000_000 })
      .chain((of) => fc.tuple(fc.integer({ min: 0, max: of }), fc.constant(of)));
    fc.assert(
      fc.property(shares, ([count, of]) => {
        const { low, high } = wilson(count, of);
        const other = wilson(of - count, of);
        expect(low).toBeGreaterThanOrEqual(0);
        expect(high).toBeLessThanOrEqual(1);
        expect(low).toBeLessThanOrEqual(count / of);
        expect(high).toBeGreaterThanOrEqual(count / of);
        expect(low).toBeCloseTo(1 - other.high, 9);
      }),
    );
  });

  it('is wider for more certainty', () => {
    expect(wilson(5, 10, 2.576).high).toBeGreaterThan(wilson(5, 10).high);
  });
});

describe('mcnemarExact', () => {
  it.each([
    { b: 0, c: 0, p: 1 },
    { b: 4, c: 4, p: 1 },
    { b: 0, c: 5, p: 2 / 32 },
    { b: 1, c: 6, p: 16 / 128 },
    { b: 9, c: 3, p: 598 / 4096 },
  ])('$b against $c', ({ b, c, p }) => {
    expect(mcnemarExact(b, c)).toBeCloseTo(p, 12);
  });

  it('agrees with sums of binomial coefficients in whole numbers', () => {
    const few = fc.integer({ min: 0, max: 700 });
    fc.assert(
      fc.property(few, few, (b, c) => {
        expect(mcnemarExact(b, c) / inWholeNumbers(b, c)).toBeCloseTo(1, 8);
        expect(mcnemarExact(b, c)).toBe(mcnemarExact(c, b));
      }),
      { numRuns: 50 },
    );
  });

  it('does not fail where 2 to the minus n is no number any more', () => {
    expect(mcnemarExact(500_000, 500_000)).toBe(1);
    // The normal distribution says 0.0455 at two standard deviations of 1000.
    expect(mcnemarExact(499_000, 501_000)).toBeCloseTo(0.0455, 3);
    expect(mcnemarExact(0, 5000)).toBe(0);
  });
});

/** Two-sided p in units of 2^-60, so that nothing is rounded before the end. */
function inWholeNumbers(b: number, c: number): number {
  const [of, least] = [BigInt(b + c), BigInt(Math.min(b, c))];
  let [sum, term] = [0n, 1n];
  for (let at = 0n; at <= least; at++) {
    sum += term;
    term = (term * (of - at)) / (at + 1n);
  }
  const [above, below] = [2n * sum, 1n << of];
  if (above >= below) return 1;
  // p may be far below the smallest unit: shift until 60 bits are there.
  const shift = BigInt(below.toString(2).length - above.toString(2).length + 60);
  return Number((above << shift) / below) / 2 ** Number(shift);
}

describe('benjaminiHochberg', () => {
  it('finds the four of the example in the paper (1995, section 3.2)', () => {
    const p = [
      0.0001, 0.0004, 0.0019, 0.0095, 0.0201, 0.0278, 0.0298, 0.0344, 0.0459, 0.324, 0.4262, 0.5719, 0.6528,
      0.759, 1,
    ];
    const q = benjaminiHochberg(p);
    expect(q.filter((each) => each <= 0.05)).toHaveLength(4);
    expect(q[3]).toBeCloseTo((0.0095 * 15) / 4, 12);
  });

  it('keeps the order of what it is given', () => {
    expect(benjaminiHochberg([0.005, 0.1, 0.03]).map((q) => Number(q.toFixed(6)))).toEqual([
      0.015, 0.1, 0.045,
    ]);
    expect(benjaminiHochberg([])).toEqual([]);
  });

  it('never lowers a p, and never turns two around', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 }), (p) => {
        const q = benjaminiHochberg(p);
        for (const [a, one] of p.entries()) {
          expect(q[a]!).toBeGreaterThanOrEqual(one);
          for (const [b, other] of p.entries()) if (one < other) expect(q[a]!).toBeLessThanOrEqual(q[b]!);
        }
      }),
    );
  });
});
