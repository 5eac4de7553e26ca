import { expect, it } from 'vitest';
import { indexFarms } from '../../src/observe/farm.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { rowsOf, type Visit } from './visits.ts';

const together = (run: string, ...sources: readonly string[]): Visit[] =>
  sources.map((src, at) => ({ at, size: 512, end: 'arrived', src, run }));
const farmsOf = (...visits: readonly Visit[]) => indexFarms(groupTrials(rowsOf(visits)));

it('joins the addresses of a run, and shows them by prefix, most shared runs first', () => {
  const farms = farmsOf(
    ...together('0000000000a1', '203.0.113.7', '203.0.113.8', '198.51.100.1', '198.51.100.2'),
    ...together('0000000000a2', '203.0.113.7', '2001:db8:0:1::53', '198.51.100.3'),
    ...together('0000000000a3', '192.0.2.99'),
  );
  expect(farms.companionsOf('203.0.113.7')).toEqual([
    { network: '198.51.100.0/24', addresses: 3, runs: 2 },
    { network: '2001:db8::/48', addresses: 1, runs: 1 },
    { network: '203.0.113.0/24', addresses: 1, runs: 1 },
  ]);
  expect(farms.companionsOf('192.0.2.99')).toEqual([]);
  expect(farms.networksOf('203.0.113.7')).toEqual(['203.0.113', '198.51.100', '2001:db8:0']);
  expect(farms.networksOf('192.0.2.99')).toEqual(['192.0.2']);
});

it('writes prefixes of IPv6 in the usual way', () => {
  const farms = farmsOf(...together('0000000000a1', '203.0.113.7', '2001:db8:1:2::53', '2001::1', '::1'));
  expect(farms.companionsOf('203.0.113.7').map(({ network }) => network)).toEqual([
    '2001::/48',
    '2001:db8:1::/48',
    '::/48',
  ]);
});

it('takes a run id that very many addresses share for one that people passed on', () => {
  const many = (count: number) => Array.from({ length: count }, (_, n) => `10.0.${n}.1`);
  const joined = (count: number) =>
    farmsOf(...together('0000000000a1', ...many(count))).companionsOf('10.0.0.1').length;
  expect([joined(64), joined(65), joined(200)]).toEqual([63, 0, 0]);
});

it('joins nobody by rows without a run', () => {
  const visits = together('', '203.0.113.7', '198.51.100.1');
  expect(farmsOf(...visits).companionsOf('203.0.113.7')).toEqual([]);
});
