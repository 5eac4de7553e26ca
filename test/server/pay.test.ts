import { expect, it } from 'vitest';
import { makeBuckets } from '../../src/server/budget.ts';
import { payWork } from '../../src/server/pay.ts';

const BURST = 10_000;
const fresh = () => {
  const core = { signing: makeBuckets(BURST, BURST, 1), signingBurst: BURST };
  return (proof: Parameters<typeof payWork>[2], microseconds: number, now = 0) =>
    payWork(core, now, proof, microseconds);
};

it('work is paid for by all who are not proven, and by whoever wants much', () => {
  const pay = fresh();
  expect([pay('none', 4000), pay('recent', 3000), pay('gate', 3000)]).toEqual([true, true, true]);
  expect([pay('none', 1), pay('gate', 1), pay('tcp', 2000)]).toEqual([false, false, false]);
  expect([pay('tcp', 1999), pay('cookie', 1999), pay('allow', 1999), pay('none', 0)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(pay('none', 10_000, 1000)).toBe(true);
});

it('what is more than the budget of a second is to be had for all of it, once a second', () => {
  const pay = fresh();
  expect([pay('none', 16_800), pay('none', 16_800), pay('none', 1)]).toEqual([true, false, false]);
  expect([pay('tcp', 16_800, 999), pay('tcp', 16_800, 1000)]).toEqual([false, true]);
});
