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
/** Loss that users notice, and that the lower end of the 95% interval must reach: 2 of 14 do not show it, 3 of 8 do. */
const FLAKY_SHARE = 0.1;

/**
 * What one source can receive over UDP at one size.
 *
 * @param attempts all of this source at this size, of trials that are over
 */
export function judgeAbility(size: number, attempts: readonly Attempt[]): AbilityFinding {
  const full = fullOf(attempts);
  const arrived = full.filter(({ proof }) => proof === 'own' || proof === 'cookie').length;
  const lost = lostOf(attempts).length;
  const tried = arrived + lost;

  if (arrived > 0) {
    const isFlaky = lost >= FLAKY_LOSSES && shareAtLeast(lost, tried) >= FLAKY_SHARE;
    return {
      ability: isFlaky ? 'FLAKY' : 'CAN',
      tried,
      arrived,
      reason: `arrived ${arrived} of ${tried} times`,
    };
  }
  return { tried, arrived, ...judgeWithoutArrival(size, attempts, lost, full.length) };
}

/** Whole answers over UDP that show no arrival although they could. */
export function lostOf(attempts: readonly Attempt[]): Attempt[] {
  return fullOf(attempts).filter(({ proof }) => proof === 'none');
}

function fullOf(attempts: readonly Attempt[]): Attempt[] {
  return attempts.filter(({ proto, isClean, tc, canProve }) => proto === 'udp' && isClean && !tc && canProve);
}

/** Lower end of Wilson's 95% interval of a share. */
function shareAtLeast(count: number, of: number): number {
  const z2 = 1.96 ** 2;
  const middle = count + z2 / 2;
  const half = Math.sqrt(z2 * ((count * (of - count)) / of + z2 / 4));
  return (middle - half) / (of + z2);
}

function judgeWithoutArrival(
  size: number,
  attempts: readonly Attempt[],
  lost: number,
  full: number,
): Pick<AbilityFinding, 'ability' | 'reason'> {
  const udp = attempts.filter(({ proto, isClean }) => proto === 'udp' && isClean);
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
    : { ability: 'UNKNOWN', reason: 'was sent TC=1' };
}
