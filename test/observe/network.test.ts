import { expect, it } from 'vitest';
import { networkOf } from '../../src/observe/network.ts';

it.each([
  ['203.0.113.7', '203.0.113.250', true],
  ['203.0.113.7', '203.0.114.7', false],
  ['2001:db8::1', '2001:db8:0:ffff::2', true],
  ['2001:db8:1::1', '2001:db8::1', false],
  ['2001:db8:1:2:3:4:5:6', '2001:db8:1::', true],
  ['::1', '::2', true],
  ['::1', '1::', false],
])('%s and %s are of one network: %s', (a, b, isOne) => {
  expect(networkOf(a) === networkOf(b)).toBe(isOne);
});
