import { expect, it } from 'vitest';
import { CALENDAR, periodOn } from '../../../src/zone/replica/calendar.ts';

const DAY_MS = 86_400_000;

it.each([
  ['2016-01-01', 'k1k2zs', 'derived'],
  ['2016-09-19', 'k1k1zs', 'derived'],
  ['2016-09-20', 'k1k1zs1z', 'published'],
  ['2016-10-11', 'k1k1z', 'derived'],
  ['2017-01-01', 'k1k2z', 'measured'],
  ['2017-01-11', 'k1k1z', 'measured'],
  ['2017-06-20', 'k1k2z', 'measured'],
  ['2017-07-10', 'k1k2z', 'measured'],
  ['2017-07-11', 'k2k1z', 'measured'],
  ['2017-09-18', 'k2k1z', 'measured'],
  ['2017-09-19', 'k2k2z', 'measured'],
  ['2017-10-11', 'k2k1z', 'derived'],
  ['2018-10-11', 'k2k1z', 'published'],
  ['2018-12-20', 'k2k2z', 'derived'],
  ['2019-01-10', 'k2k2z', 'derived'],
  ['2019-01-11', 'k2kr1z', 'published'],
  ['2019-03-21', 'k2kr1z', 'published'],
  ['2019-03-22', 'k1k2z', 'published'],
  ['2019-04-11', 'k1k1z', 'derived'],
  ['2024-02-29', 'k1k1z', 'derived'],
  ['2024-12-20', 'k1k2z', 'derived'],
  ['2025-01-11', 'k2k1z', 'published'],
  ['2025-03-22', 'k2k2z', 'derived'],
  ['2026-10-10', 'k2k2z', 'derived'],
  ['2026-10-11', 'k2k1z', 'published'],
  ['2026-12-20', 'k2k2z', 'derived'],
  ['2027-01-11', 'k2kr1z', 'scheduled'],
  ['2027-03-21', 'k2kr1z', 'scheduled'],
  ['2027-03-22', 'k1k2z', 'derived'],
  ['2027-04-11', 'k1k1z', 'derived'],
])('%s: %s, %s', (date, label, basis) => {
  const period = periodOn(date);
  expect(period?.composition.label).toBe(label);
  expect(period?.basis).toBe(basis);
});

it.each(['2015-12-31', '2020-01-01', '2023-12-31', '2028-01-01', '2019-02-29', '2019-13-01', '2019-1-1', ''])(
  'knows no day %j',
  (date) => {
    expect(periodOn(date)).toBeUndefined();
  },
);

it('covers every day of 2016 to 2019 and 2024 to 2027 once', () => {
  const days = CALENDAR.flatMap(({ since, until }) => {
    const count = (Date.parse(until) - Date.parse(since)) / DAY_MS + 1;
    return Array.from({ length: count }, (_, day) =>
      new Date(Date.parse(since) + day * DAY_MS).toISOString().slice(0, 10),
    );
  });
  expect(days).toHaveLength(2 * (4 * 365 + 1));
  expect(new Set(days).size).toBe(days.length);
  expect(days).toEqual([...days].sort());
});

it('never revokes while two ZSKs overlap, which is why the root never reached 1700 octets', () => {
  expect(CALENDAR.map(({ composition }) => composition.label)).not.toContain('k2kr2z');
});
