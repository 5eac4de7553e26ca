/** Ability: what the attempts of one source address at one size say about UDP, and no more than they say. */
import type { Attempt } from './attempt.ts';

/** `CANNOT` is missing on purpose: it needs a baseline of unrelated networks, which no observation gives alone. */
export type Ability = 'CAN' | 'FLAKY' | 'UNKNOWN' | 'NEVER_OFFERED';

export interface AbilityFinding {
  readonly ability: Ability;
  /** Whole answers over UDP that could have shown their arrival, and how many of them did. */
  readonly tried: number;
  readonly arrived: number;
  /** Why, in a few words. */
  readonly reason: string;
}

/** One loss may teach the kernel the path's MTU, so it takes two to speak of flakiness. */
const FLAKY_LOSSES = 2;
const FLAKY_SHARE = 0.1;

/**
 * What one source can receive over UDP at one size.
 *
 * @param attempts all of this source at this size, of trials that are over
 */
export function judgeAbility(size: number, attempts: readonly Attempt[]): AbilityFinding {
  const udp = attempts.filter(({ proto, isClean }) => proto === 'udp' && isClean);
  const full = udp.filter(({ tc, canProve }) => !tc && canProve);
  const arrived = full.filter(({ proof }) => proof === 'own' || proof === 'cookie').length;
  const lost = full.filter(({ proof }) => proof === 'none').length;
  const tried = arrived + lost;

  if (arrived > 0) {
    const isFlaky = lost >= FLAKY_LOSSES && lost / tried >= FLAKY_SHARE;
    return {
      ability: isFlaky ? 'FLAKY' : 'CAN',
      tried,
      arrived,
      reason: `arrived ${arrived} of ${tried} times`,
    };
  }
  return { tried, arrived, ...judgeWithoutArrival(size, udp, lost, full.length) };
}

function judgeWithoutArrival(
  size: number,
  udp: readonly Attempt[],
  lost: number,
  full: number,
): Pick<AbilityFinding, 'ability' | 'reason'> {
  if (lost > 0)
    return {
      ability: 'UNKNOWN',
      reason: 'no sign of arrival; "cannot" would need a baseline of other networks',
    };
  if (full > 0) return { ability: 'UNKNOWN', reason: 'its receipts were asked by other addresses' };
  if (udp.length === 0) return { ability: 'UNKNOWN', reason: 'no UDP answer of this size was sent' };
  const offered = udp.reduce((most, each) => Math.max(most, each.offered), 0);
  return offered < size
    ? { ability: 'NEVER_OFFERED', reason: `never offered more than ${offered} octets over UDP` }
    : { ability: 'UNKNOWN', reason: 'was told to use TCP' };
}
