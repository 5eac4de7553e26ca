/** What an operator should know before he follows a roll that has begun. */
import type { Profile } from '../../zone/roll/profile.ts';

const DAY = 86_400;

/**
 * One line, undefined where there is time enough.
 * @param lines as `status.<zone>` says them; those of a fresh zone name no phase
 * @param now milliseconds since the epoch
 */
export function noteOf(lines: readonly string[], { kind, pace }: Profile, now: number): string | undefined {
  const phase = first(lines, /^phase: (\w+) /);
  if (phase === undefined || phase === 'init') return undefined;
  const goesOn = kind === 'always';
  if (phase !== 'prepub')
    return goesOn
      ? undefined
      : `this roll is at "${phase}": its key change is over; take a fresh zone to follow one`;
  const changeAt = first(lines, /^next: rolled at (\S+)$/) ?? '';
  const needed = pace ? pace.holdDown + 2 * pace.refresh : 30 * DAY + 2 * 3600;
  if (Date.parse(changeAt) - now > needed * 1000) return undefined;
  const advice = goesOn ? 'paste the anchor after that' : 'take a fresh zone';
  return `too late for this roll: a resolver must see the new key for ${needed} s before it signs alone, at ${changeAt}; ${advice}`;
}

function first(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
}
