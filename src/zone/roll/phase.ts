/** Where a key roll stands at a time (RFC 5011, RFC 7583): a function of profile, start and clock alone, so that nothing is stored. */
import type { Phase } from '../made.ts';
import type { Profile } from './profile.ts';

export type RollPhase = Exclude<Phase, ''>;

/** In their order. */
export const ROLL_PHASES: readonly RollPhase[] = ['init', 'prepub', 'rolled', 'revoked', 'removed'];

export interface Stage {
  readonly phase: RollPhase;
  /** Which roll of a zone that rolls again and again, 0 for all others. */
  readonly round: number;
  /** Milliseconds since the epoch, undefined for the first phase of a zone that rolls once. */
  readonly since: number | undefined;
  /** Undefined for the last phase of such a zone. */
  readonly next: { readonly phase: RollPhase; readonly at: number } | undefined;
}

/** When each phase of a round begins, milliseconds since the epoch. */
export function scheduleOf({ offsets }: Profile, startAt: number): { phase: RollPhase; at: number }[] {
  return ROLL_PHASES.map((phase) => ({
    phase,
    at: startAt + (phase === 'init' ? 0 : offsets[phase]) * 1000,
  }));
}

/** @param startAt and @param now milliseconds since the epoch */
export function stageAt(profile: Profile, startAt: number, now: number): Stage {
  const periodMs = profile.period === undefined ? undefined : profile.period * 1000;
  const round = periodMs === undefined ? 0 : Math.floor((now - startAt) / periodMs);
  const begin = startAt + round * (periodMs ?? 0);
  const schedule = scheduleOf(profile, begin);
  const place = Math.max(
    0,
    schedule.findLastIndex(({ at }) => at <= now),
  );
  const { phase, at } = schedule[place]!;
  const again = periodMs === undefined ? undefined : { phase: 'init' as const, at: begin + periodMs };
  return {
    phase,
    round,
    since: place === 0 && periodMs === undefined ? undefined : at,
    next: schedule[place + 1] ?? again,
  };
}
