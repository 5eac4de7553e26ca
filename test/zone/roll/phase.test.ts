import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ROLL_PHASES, stageAt } from '../../../src/zone/roll/phase.ts';
import { findProfile, PROFILES, type Profile } from '../../../src/zone/roll/profile.ts';

const START = Date.UTC(2026, 10, 30);
const DAY = 86_400;
const HOUR_MS = 3_600_000;

const phaseAt = (profile: Profile, seconds: number) => stageAt(profile, START, START + seconds * 1000).phase;

describe('the table of profiles', () => {
  it.each([
    ['fast', [8, 24, 36, 50]],
    ['standard', [20, 75, 105, 150]],
    ['hour', [300, 1800, 2400, 3000]],
    ['calendar', [7 * DAY, 45 * DAY, 60 * DAY, 75 * DAY]],
  ])('%s changes at these seconds', (name, seconds) => {
    expect(Object.values(findProfile(name)!.offsets)).toEqual(seconds);
  });

  it.each(PROFILES)('$name leaves a resolver the time that RFC 5011 asks of it', ({ offsets, ttl, pace }) => {
    const holdDown = pace?.holdDown ?? 30 * DAY;
    const refresh = pace?.refresh ?? 3600;
    expect(offsets.prepub).toBeGreaterThanOrEqual(3 * refresh);
    expect(offsets.rolled - offsets.prepub).toBeGreaterThan(holdDown + 2 * refresh);
    expect(offsets.revoked - offsets.rolled).toBeGreaterThan(ttl + refresh);
    expect(offsets.removed - offsets.revoked).toBeGreaterThan(2 * refresh + ttl);
  });
});

describe.each(PROFILES.filter(({ kind }) => kind !== 'always'))('the phases of $name', (profile) => {
  it('change at their second, not a millisecond before', () => {
    for (const [index, phase] of ROLL_PHASES.slice(1).entries()) {
      const at = Object.values(profile.offsets)[index]!;
      expect(phaseAt(profile, at - 0.001)).toBe(ROLL_PHASES[index]);
      expect(phaseAt(profile, at)).toBe(phase);
    }
  });

  it('are those of every second between', () => {
    const { prepub, rolled, revoked, removed } = profile.offsets;
    const step = Math.max(1, removed / 1000);
    for (let second = -removed; second <= 2 * removed; second += step) {
      const begun = [prepub, rolled, revoked, removed].filter((at) => second >= at).length;
      expect(phaseAt(profile, second)).toBe(ROLL_PHASES[begun]);
    }
  });

  it('begin with init, however long before the start, and end with removed', () => {
    expect(stageAt(profile, START, 0)).toEqual({
      phase: 'init',
      round: 0,
      since: undefined,
      next: { phase: 'prepub', at: START + profile.offsets.prepub * 1000 },
    });
    expect(stageAt(profile, START, START + 1e12)).toEqual({
      phase: 'removed',
      round: 0,
      since: START + profile.offsets.removed * 1000,
      next: undefined,
    });
  });
});

describe('the phases of hour', () => {
  const hour = findProfile('hour')!;
  it('begin anew on the clock, as the next round', () => {
    const at = Date.UTC(2026, 10, 28, 22);
    const round = at / HOUR_MS;
    const removedAt = at - 600_000;
    expect(stageAt(hour, 0, at - 1)).toEqual({
      phase: 'removed',
      round: round - 1,
      since: removedAt,
      next: { phase: 'init', at },
    });
    expect(stageAt(hour, 0, at)).toEqual({
      phase: 'init',
      round,
      since: at,
      next: { phase: 'prepub', at: at + 300_000 },
    });
  });
});

it('says when it changes next: nothing changes before, and then it is that phase', () => {
  const anyTime = fc.integer({ min: START - 40 * HOUR_MS, max: START + 90 * 24 * HOUR_MS });
  fc.assert(
    fc.property(
      fc.constantFrom(...PROFILES),
      anyTime,
      fc.double({ min: 0, max: 1, noNaN: true }),
      (profile, now, part) => {
        const startAt = profile.kind === 'always' ? 0 : START;
        const stage = stageAt(profile, startAt, now);
        const end = stage.next?.at ?? now + 1e9;
        expect(end).toBeGreaterThan(now);
        expect(stage.since ?? now).toBeLessThanOrEqual(now);
        expect(stageAt(profile, startAt, Math.floor(now + part * (end - 1 - now)))).toEqual(stage);
        if (stage.next) expect(stageAt(profile, startAt, end).phase).toBe(stage.next.phase);
      },
    ),
  );
});
