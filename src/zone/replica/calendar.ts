/** The calendar: which keys stood in the root zone when, 2016 to 2019 and 2024 to 2027 (dates in UTC). */
import { type Composition, findComposition } from './composition.ts';

/**
 * How it is known. `measured`: from signed key responses of those days. `published`: by those who run the root.
 * `scheduled`: so too, for a day to come. `derived`: from the quarterly schedule of the root's key ceremonies.
 */
export type Basis = 'measured' | 'published' | 'scheduled' | 'derived';

/** Days, both included, on which nothing changed. */
export interface Period {
  /** YYYY-MM-DD. */
  readonly since: string;
  readonly until: string;
  readonly composition: Composition;
  readonly what: string;
  readonly basis: Basis;
}

/** What holds from a day on: keys of most days, and of those on which two ZSKs overlap. */
interface Epoch {
  readonly since: string;
  readonly usual: string;
  readonly overlap: string;
  readonly what: string;
}

const epoch = (since: string, usual: string, overlap: string, what: string): Epoch => ({
  since,
  usual,
  overlap,
  what,
});

/** THE TABLE of epochs, in order. */
const EPOCHS: readonly Epoch[] = [
  epoch('2016-01-01', 'k1k1zs', 'k1k2zs', 'KSK-2010 alone'),
  // The longer ZSK came a day after the slot begins.
  epoch('2016-07-11', 'k1k1zs', 'k1k1zs', 'KSK-2010 alone'),
  epoch('2016-09-20', 'k1k1zs1z', 'k1k1zs1z', 'ZSK of 2048 bits comes'),
  epoch('2016-10-11', 'k1k1z', 'k1k2z', 'KSK-2010 alone'),
  epoch('2017-07-11', 'k2k1z', 'k2k2z', 'KSK-2017 published, KSK-2010 signs'),
  epoch('2017-10-11', 'k2k1z', 'k2k2z', 'roll postponed, KSK-2010 signs'),
  epoch('2018-10-11', 'k2k1z', 'k2k2z', 'KSK-2017 signs'),
  epoch('2019-01-11', 'k2kr1z', 'k2kr1z', 'KSK-2010 revoked'),
  epoch('2019-03-22', 'k1k1z', 'k1k2z', 'KSK-2010 removed'),
  epoch('2019-04-11', 'k1k1z', 'k1k2z', 'KSK-2017 alone'),
  epoch('2024-01-01', 'k1k1z', 'k1k2z', 'KSK-2017 alone'),
  epoch('2025-01-11', 'k2k1z', 'k2k2z', 'KSK-2024 published, KSK-2017 signs'),
  epoch('2026-10-11', 'k2k1z', 'k2k2z', 'KSK-2024 signs'),
  epoch('2027-01-11', 'k2kr1z', 'k2kr1z', 'KSK-2017 revoked'),
  epoch('2027-03-22', 'k1k1z', 'k1k2z', 'KSK-2017 removed'),
  epoch('2027-04-11', 'k1k1z', 'k1k2z', 'KSK-2024 alone'),
];

/** How the keys since a day are known, where that is not by derivation. */
const BASES: Readonly<Record<string, Basis>> = {
  '2016-09-20': 'published',
  '2016-12-20': 'measured',
  '2017-01-11': 'measured',
  '2017-06-20': 'measured',
  '2017-07-11': 'measured',
  '2017-09-19': 'measured',
  '2018-10-11': 'published',
  '2019-01-11': 'published',
  '2019-03-22': 'published',
  '2025-01-11': 'published',
  '2026-10-11': 'published',
  '2027-01-11': 'scheduled',
};

const SPANS = [
  ['2016-01-01', '2019-12-31'],
  ['2024-01-01', '2027-12-31'],
] as const;

/** Slot 9 of a quarter and slot 1 of the next, as month and day. */
const OVERLAPS = [
  ['01-01', '01-10'],
  ['03-22', '04-10'],
  ['06-20', '07-10'],
  ['09-19', '10-10'],
  ['12-20', '12-31'],
] as const;

const DAY_MS = 86_400_000;

/** All periods, in order. */
export const CALENDAR: readonly Period[] = SPANS.flatMap(([first, last]) => periodsOf(first, last));

/** @param date YYYY-MM-DD; undefined for a day that is none, or outside the years known */
export function periodOn(date: string): Period | undefined {
  const at = Date.parse(date);
  // 30 February is read as a day of March.
  if (Number.isNaN(at) || dayText(at) !== date) return undefined;
  return CALENDAR.find(({ since, until }) => since <= date && date <= until);
}

function periodsOf(first: string, last: string): Period[] {
  const periods: Period[] = [];
  for (let at = Date.parse(first); at <= Date.parse(last); at += DAY_MS) {
    const date = dayText(at);
    const state = stateOn(date);
    const before = periods.at(-1);
    if (before && before.composition === state.composition && before.what === state.what)
      periods[periods.length - 1] = { ...before, until: date };
    else periods.push({ since: date, until: date, ...state, basis: BASES[date] ?? 'derived' });
  }
  return periods;
}

function dayText(at: number): string {
  return new Date(at).toISOString().slice(0, 10);
}

function stateOn(date: string): Pick<Period, 'composition' | 'what'> {
  const { usual, overlap, what } = EPOCHS.findLast(({ since }) => since <= date)!;
  const day = date.slice(5);
  const overlaps = OVERLAPS.some(([first, last]) => first <= day && day <= last);
  return { composition: findComposition(overlaps ? overlap : usual)!, what };
}
