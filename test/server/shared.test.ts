/** What threads share: one budget, one memory of proofs, and no number of a response twice. */
import { expect, it } from 'vitest';
import { bucketMemory, makeBuckets, makeRecentProofs, proofMemory } from '../../src/server/budget.ts';
import { instanceCounter, makeSharedTables } from '../../src/server/shared.ts';

const random = (octets: number) => new Uint8Array(octets).fill(0xff);

it('two threads spend one budget, and what one spent is spent after a reload', () => {
  const memory = bucketMemory(16);
  const [one, other] = [makeBuckets(1000, 3000, 16, memory), makeBuckets(1000, 3000, 16, memory)];
  expect([one, other, one, other].map((thread) => thread.take(5, 1000, 0))).toEqual([
    true,
    true,
    true,
    false,
  ]);
  expect(makeBuckets(1000, 3000, 16, memory).take(5, 1000, 0)).toBe(false);
  expect(other.take(5, 1000, 1000)).toBe(true);
  // Time that one thread has turned into credit is no credit to the other.
  expect(one.take(5, 1, 1000)).toBe(false);
});

it('a bucket gives its rate, however often it is asked, to a small budget and a large one', () => {
  for (const [perSecond, amount] of [
    [1, 1],
    [300, 7],
    [64_000, 1232],
    [10_000_000, 4096],
    [3_000_000_000, 65_507],
  ] as const) {
    const bucket = makeBuckets(perSecond, perSecond, 1);
    const noon = Date.UTC(2026, 10, 24, 12);
    let given = 0;
    for (let ms = 0; ms < 10_000; ms++)
      for (let take = 0; take < 50 && bucket.take(0, amount, noon + ms); take++) given += amount;
    const possible = Math.min(11 * perSecond, 10_000 * 50 * amount);
    expect(given).toBeLessThanOrEqual(possible);
    expect(given).toBeGreaterThan(possible * 0.95 - amount);
  }
});

it('callers whose clocks differ by milliseconds are not given the same time twice', () => {
  const bucket = makeBuckets(64_000, 256_000, 16);
  let given = 0;
  for (let at = 0; at < 1000; at++)
    for (const skew of [5, 0, 50, 1]) if (bucket.take(3, 4096, 1_000_000 + at + skew)) given += 4096;
  expect(given).toBeLessThanOrEqual(256_000 + 64_000 + 64_000 * 0.06);
  expect(given).toBeGreaterThan(256_000);
});

it('a bucket that rested for months is full', () => {
  const bucket = makeBuckets(1000, 1000, 1);
  for (const days of [0, 1, 20, 30, 60, 400]) {
    // Within a second of its clock: three weeks of silence may be taken for a clock that went back.
    bucket.take(0, 1000, days * 86_400_000);
    expect(bucket.take(0, 1000, days * 86_400_000 + 1000)).toBe(true);
  }
});

it('a proof that one thread saw counts for all of them', () => {
  const memory = proofMemory(64);
  makeRecentProofs(64, memory).note(4711, 1_000_000);
  expect(makeRecentProofs(64, memory).has(4711, 1_000_000)).toBe(true);
});

it.each([1, 2, 3, 5, 64])('%i threads never give two responses one number, across 2^32 too', (threads) => {
  const shared = makeSharedTables(threads, random);
  const counters = Array.from({ length: threads }, (_, thread) => instanceCounter(shared, thread));
  const numbers = counters.flatMap((next) => Array.from({ length: 300 }, next));
  // A thread that replaces another goes on.
  numbers.push(...counters.map((_, thread) => instanceCounter(shared, thread)()));
  expect(new Set(numbers).size).toBe(numbers.length);
  for (const number of numbers) expect(number).toBe(number >>> 0);
});
