import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { makeMac } from '../../../src/zone/mac.ts';
import {
  isAlive,
  isOurs,
  mintLabel,
  mondayFrom,
  parseRollLabel,
  ROLL_LETTERS,
  weeklyLabel,
} from '../../../src/zone/roll/label.ts';
import { findProfile, PROFILES, ROLL_ALGORITHMS } from '../../../src/zone/roll/profile.ts';

const SECRET = new Uint8Array(32).fill(7);
const PARENT = 'roll.probe.test.';
const START = Date.UTC(2026, 10, 28, 22, 15);
const mac = makeMac(SECRET, 'zone');
const fast = findProfile('fast')!;
const minted = () => mintLabel(fast, START, 13, PARENT, mac);

const anyMinted = fc.record({
  profile: fc.constantFrom(...PROFILES.filter(({ kind }) => kind === 'minted')),
  second: fc.integer({ min: 0, max: Date.UTC(2999, 0) / 1000 }),
  algorithm: fc.constantFrom(...ROLL_ALGORITHMS),
});

describe('a minted label', () => {
  it('reads as profile, start and algorithm, with 40 bits that say it is ours', () => {
    expect(minted()).toMatch(/^fast-20261128221500-a13-[0-9a-v]{8}$/);
  });

  it('comes back as it was minted, and is ours', () => {
    fc.assert(
      fc.property(anyMinted, ({ profile, second, algorithm }) => {
        const text = mintLabel(profile, second * 1000 + 999, algorithm, PARENT, mac);
        const label = parseRollLabel(text)!;
        expect(label).toMatchObject({ text, profile, startAt: second * 1000, algorithm });
        expect(isOurs(label, PARENT, mac)).toBe(true);
        expect(text.length).toBeLessThanOrEqual(40);
        expect(ROLL_LETTERS).toContain(text[0]);
      }),
    );
  });

  it('is nobody else’s: another secret, another origin, or any other character', () => {
    const label = parseRollLabel(minted())!;
    expect(isOurs(label, PARENT, makeMac(new Uint8Array(32), 'zone'))).toBe(false);
    expect(isOurs(label, PARENT, makeMac(SECRET, 'gate'))).toBe(false);
    expect(isOurs(label, 'roll.other.test.', mac)).toBe(false);
    const taken = [...'abcdefghijklmnopqrstuvwxyz0123456789-'];
    for (let at = 0; at < label.text.length; at++)
      for (const character of taken) {
        if (character === label.text[at]) continue;
        const forged = parseRollLabel(label.text.slice(0, at) + character + label.text.slice(at + 1));
        expect(forged && isOurs(forged, PARENT, mac)).toBeFalsy();
      }
  });

  it.each([
    ['fast-20261128221500-a13', 'no seal'],
    ['fast-20261128221500-a13-7f3k2m9', 'a short seal'],
    ['fast-20261128221500-a13-7f3k2m9qq', 'a long seal'],
    ['fast-20261128221500-a13-7f3k2m9w', 'w is no base32hex'],
    ['fast-20261128221500-a14-7f3k2m9q', 'an algorithm that no roll has'],
    ['fast-20261128221500-a013-7f3k2m9q', 'a leading zero'],
    ['fast-20261128221500-a08-7f3k2m9q', 'a leading zero'],
    ['fast-20261131221500-a13-7f3k2m9q', '31 November'],
    ['fast-20260229000000-a13-7f3k2m9q', 'no leap year'],
    ['fast-20261128240000-a13-7f3k2m9q', '24 hours'],
    ['fast-20261128221560-a13-7f3k2m9q', 'second 60'],
    ['fast-20261328221500-a13-7f3k2m9q', 'month 13'],
    ['slow-20261128221500-a13-7f3k2m9q', 'no such profile'],
    ['hour-20261128221500-a13-7f3k2m9q', 'a profile that is not minted'],
    ['calendar-20261128221500-a13-7f3k2m9q', 'a profile that is not minted'],
    ['fast', 'a profile without its start'],
    ['calendar', 'a profile without its day'],
    ['', 'nothing'],
  ])('is not %s: %s', (text) => {
    expect(parseRollLabel(text)).toBeUndefined();
  });
});

describe('a weekly label', () => {
  it('is a Monday', () => {
    expect(parseRollLabel('2026-11-30')).toMatchObject({
      profile: findProfile('calendar'),
      startAt: Date.UTC(2026, 10, 30),
      algorithm: 13,
      seal: '',
    });
    for (const day of ['2026-11-29', '2026-12-01', '2026-02-30', '2026-13-07', '1026-11-30'])
      expect(parseRollLabel(day)).toBeUndefined();
  });

  it('is the next Monday, today if it is one at midnight', () => {
    const monday = Date.UTC(2026, 10, 30);
    expect(weeklyLabel(mondayFrom(monday))).toBe('2026-11-30');
    expect(weeklyLabel(mondayFrom(monday + 1))).toBe('2026-12-07');
    expect(weeklyLabel(mondayFrom(monday - 1))).toBe('2026-11-30');
    fc.assert(
      fc.property(fc.integer({ min: Date.UTC(2000, 0), max: Date.UTC(2100, 0) }), (at) => {
        const found = mondayFrom(at);
        expect(new Date(found).getUTCDay()).toBe(1);
        expect(found - at).toBeGreaterThanOrEqual(0);
        expect(found - at).toBeLessThan(7 * 86_400_000);
        expect(parseRollLabel(weeklyLabel(found))?.startAt).toBe(found);
      }),
    );
  });
});

it('hour is one label for ever', () => {
  const label = parseRollLabel('hour')!;
  expect(label).toMatchObject({ startAt: 0, seal: '' });
  expect(isOurs(label, PARENT, mac)).toBe(true);
  for (const now of [0, START, 1e14]) expect(isAlive(label, now)).toBe(true);
});

it.each(['2026-11-30', minted()])('%s lives a year before and after its start, no longer', (text) => {
  const label = parseRollLabel(text)!;
  const YEAR = 366 * 86_400_000;
  for (const far of [-YEAR, 0, YEAR]) expect(isAlive(label, label.startAt + far)).toBe(true);
  for (const far of [-YEAR - 1, YEAR + 1]) expect(isAlive(label, label.startAt + far)).toBe(false);
});
