import { expect, it } from 'vitest';
import { makeBuckets } from '../../src/server/budget.ts';
import { payWork } from '../../src/server/pay.ts';
import { WORK_SLOTS } from '../../src/server/shared.ts';
import { TEST_SETTINGS } from '../support/responder.ts';

const BURST = 10_000;
const fresh = (isOpen = false) => {
  const signing = makeBuckets(BURST, BURST, WORK_SLOTS);
  const core = { signing, signingBurst: BURST, settings: { ...TEST_SETTINGS, isOpen } };
  return (proof: Parameters<typeof payWork>[2], microseconds: number, now = 0) =>
    payWork(core, now, proof, microseconds);
};

it('work is paid for by all who are not proven, and by whoever wants much', () => {
  const pay = fresh();
  expect([pay('none', 4000), pay('recent', 3000), pay('gate', 3000)]).toEqual([true, true, true]);
  expect([pay('none', 1), pay('recent', 1), pay('gate', 1)]).toEqual([false, false, false]);
  expect([pay('tcp', 1999), pay('cookie', 1999), pay('allow', 1999), pay('none', 0)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
  expect(pay('none', 10_000, 1000)).toBe(true);
});

it('strangers and proven sources have a budget each, as large: neither takes what the other needs', () => {
  const pay = fresh();
  expect([pay('none', BURST), pay('gate', 1)]).toEqual([true, false]);
  expect([pay('tcp', 4000), pay('cookie', 4000), pay('allow', 2000), pay('tcp', 2000)]).toEqual([
    true,
    true,
    true,
    false,
  ]);
  const other = fresh();
  expect([other('tcp', BURST), other('cookie', 2000), other('none', BURST)]).toEqual([true, false, true]);
});

it('nobody pays where all is open', () => {
  const pay = fresh(true);
  expect([pay('none', BURST), pay('none', BURST), pay('allow', BURST), pay('tcp', BURST)]).toEqual([
    true,
    true,
    true,
    true,
  ]);
});

it('what is more than the budget of a second is to be had for all of it, once a second', () => {
  const pay = fresh();
  expect([pay('none', 16_800), pay('none', 16_800), pay('none', 1)]).toEqual([true, false, false]);
  expect([pay('none', 16_800, 999), pay('none', 16_800, 1000)]).toEqual([false, true]);
});
