/** CANNOT: what it takes to say that a source cannot receive a size, and what keeps it from being said. */
import { expect, it } from 'vitest';
import { buildReport } from '../../src/observe/report.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import { SOURCE, START } from './rows.ts';
import { controls, losses, receivers, rowsOf, type Visit } from './visits.ts';

const LATER = START + 72 * 3_600_000;
const SMALL = controls(5);
const HERE = receivers(4096, 5);

/** The row of 4096 octets of the source. */
function rowOf(...visits: readonly Visit[]): SummaryRow {
  const { sources } = buildReport(rowsOf(visits), LATER);
  const row = sources.find(({ source }) => source === SOURCE)?.rows.find(({ size }) => size === 4096);
  if (row === undefined) throw new Error('no such row');
  return row;
}

it('takes five losses ten minutes apart, an answer that arrived between each two, and five other networks', () => {
  expect(rowOf(...losses(4096, 5), ...SMALL, ...HERE)).toMatchObject({
    ability: 'CANNOT',
    tried: 5,
    arrived: 0,
    counted: 5,
    nats: 14.45,
    reason:
      'no sign of arrival; 5 times an answer arrived before and after, and 5 or more other networks received this size',
  });
});

const cases: readonly (readonly [string, readonly Visit[], string])[] = [
  ['four losses', [...losses(4096, 4), ...SMALL, ...HERE], '4 of the 5 failures that it takes count so far'],
  [
    'nothing after the last loss',
    [...losses(4096, 5), ...SMALL.slice(0, 5), ...HERE],
    '4 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 1 of 5 lacks one',
  ],
  [
    'losses before the first control',
    [...losses(4096, 5), SMALL[5]!, ...HERE],
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 5 of 5 lack one',
  ],
  [
    'opening answers alone, which anybody may ask for in its name',
    [...losses(4096, 6), ...HERE],
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 6 of 6 lack one',
  ],
  [
    'a control that came more than an hour later',
    [...losses(4096, 1), { ...SMALL[0]!, at: 61 }, ...HERE],
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 1 of 1 lacks one',
  ],
  [
    'five losses in one outage',
    [...losses(4096, 5), SMALL[0]!, SMALL[5]!, ...HERE],
    '1 of the 5 failures that it takes counts so far; 5 that lie less than 10 minutes apart, or have no smaller answer that arrived between them, count as 1',
  ],
  [
    'five losses in nine minutes, with controls between them',
    [...[...losses(4096, 5), ...SMALL].map((each) => ({ ...each, at: each.at * 0.22 })), ...HERE],
    '1 of the 5 failures that it takes counts so far; 5 that lie less than 10 minutes apart, or have no smaller answer that arrived between them, count as 1',
  ],
  [
    'controls of the same size or larger only',
    [...losses(4096, 5, { isOpened: false }), ...controls(5, { size: 4500 })]
      .map((visit) => ({ ...visit, isOpened: false }))
      .concat(HERE.map((visit) => ({ ...visit, isOpened: true }))),
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 5 of 5 lack one',
  ],
  [
    'an answer of the same size with another filler that arrived',
    [
      ...losses(4096, 5, { isOpened: false }),
      ...losses(4096, 6, { end: 'arrived', options: 'ftxt', isOpened: false }).map((visit) => ({
        ...visit,
        at: visit.at - 5,
      })),
      ...HERE,
    ],
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 5 of 5 lack one',
  ],
  [
    'controls from another node',
    [
      ...losses(4096, 5, { isOpened: false }),
      ...losses(512, 6, { end: 'arrived', node: 'ns2' }).map((visit) => ({ ...visit, at: visit.at - 5 })),
      ...HERE,
    ],
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 5 of 5 lack one',
  ],
  [
    'controls from another address of ours',
    [
      ...losses(4096, 5, { isOpened: false }),
      ...losses(512, 6, { end: 'arrived', dst: '192.0.2.2' }).map((visit) => ({
        ...visit,
        at: visit.at - 5,
      })),
      ...HERE,
    ],
    '0 of the 5 failures that it takes count so far; each needs a smaller answer that arrived within an hour before it, and another one after it: 5 of 5 lack one',
  ],
  [
    'four other networks',
    [...losses(4096, 5), ...SMALL, ...receivers(4096, 4)],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 4 so far',
  ],
  [
    'many addresses of one other network',
    [...losses(4096, 5), ...SMALL, ...receivers(4096, 9).map((each, n) => ({ ...each, src: `10.0.0.${n}` }))],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 1 so far',
  ],
  [
    'its own network',
    [...losses(4096, 5), ...SMALL, ...receivers(4096, 4), ...receivers(4096, 1, { src: '203.0.113.99' })],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 4 so far',
  ],
  [
    'networks that share a run with it',
    [
      ...losses(4096, 5, { run: 'aaaaaaaaaaaa' }),
      ...receivers(512, 1, { src: '10.0.0.1', run: 'aaaaaaaaaaaa' }),
      ...[...SMALL, ...HERE],
    ],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 4 so far',
  ],
  [
    'a baseline of another day',
    [...losses(4096, 5), ...SMALL, ...receivers(4096, 5, { at: 60 * 26 })],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 0 so far',
  ],
  [
    'a baseline of another address of ours',
    [...losses(4096, 5), ...SMALL, ...receivers(4096, 5, { dst: '192.0.2.2' })],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 0 so far',
  ],
  [
    'a baseline of another node',
    [...losses(4096, 5), ...SMALL, ...receivers(4096, 5, { node: 'ns2' })],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 0 so far',
  ],
  [
    'a baseline over IPv6',
    [
      ...losses(4096, 5),
      ...SMALL,
      ...receivers(4096, 5).map((each, n) => ({ ...each, src: `2001:db8:${n}::1` })),
    ],
    '0 of the 5 failures that it takes count so far; the size must have arrived at 5 unrelated networks within a day: 0 so far',
  ],
  [
    'an arrival that another address of its run reports',
    [...losses(4096, 5), ...SMALL, { at: 45, size: 4096, end: 'joined' }, ...HERE],
    'one arrived, says another address of its run',
  ],
  [
    'a receipt that came late',
    [...losses(4096, 5), ...SMALL, { at: 45, size: 4096, end: 'late' }, ...HERE],
    'a receipt came late or from a stranger',
  ],
  [
    'smaller answers that get lost as well',
    [...losses(4096, 5), ...losses(1232, 4), { at: 45, size: 1232, end: 'arrived' }, ...SMALL, ...HERE],
    'smaller answers get lost as well',
  ],
];

it.each(cases)('is not said after %s, and what is missing is', (_name, visits, missing) => {
  expect(rowOf(...visits)).toMatchObject({
    ability: 'UNKNOWN',
    arrived: 0,
    reason: `no sign of arrival, and "cannot" is not decided yet: ${missing}`,
  });
});

it('is not said after an own receipt, however many losses there are', () => {
  const row = rowOf(...losses(4096, 7), ...controls(7), { at: 71, size: 4096, end: 'arrived' }, ...HERE);
  expect(row).toMatchObject({ ability: 'FLAKY', tried: 8, arrived: 1, lost_in_a_row: 0, counted: 0 });
});

it('is said of a path that was well and is broken since, and since when', () => {
  const before = { at: -8, size: 4096, end: 'arrived' } as const;
  expect(rowOf(before, ...losses(4096, 5), ...SMALL, ...HERE)).toMatchObject({
    ability: 'CANNOT',
    tried: 6,
    arrived: 1,
    lost_in_a_row: 5,
    lost_since: START + 1000,
    counted: 5,
    reason:
      'arrived before, and no sign of arrival since 2026-11-23 15:00 UTC; 5 times an answer arrived before and after, and 5 or more other networks received this size',
  });
});

it('is not said of a path that lost as much before the last arrival', () => {
  const well = { size: 4096, end: 'arrived' } as const;
  const before = [-60, -50, -40].map((at): Visit => ({ at, size: 4096, end: 'lost' }));
  const row = rowOf(...before, { ...well, at: -8 }, ...losses(4096, 5), ...SMALL, ...HERE);
  expect(row).toMatchObject({
    ability: 'FLAKY',
    counted: 5,
    reason: 'arrived 1 of 9 times, none of the last 5',
  });
});

it('counts silent trials among the failures since the last arrival only', () => {
  const before = [-70, -65].map((at): Visit => ({ at, size: 4096, end: 'lost' }));
  const arrivals = Array.from({ length: 20 }, (_, n): Visit => ({ at: -60 + n, size: 4096, end: 'arrived' }));
  expect(rowOf(...before, ...arrivals, ...losses(4096, 5), ...SMALL, ...HERE)).toMatchObject({
    ability: 'CANNOT',
    open: 7,
    end_failed: 5,
  });
});
