/** What an operator should know before he follows a roll: whether there is time, and how it stands to the roll of the root. */

import { kskText, OLD_KSK } from '../../observe/ksk.ts';
import { parseRollLabel } from '../../zone/roll/label.ts';
import type { Profile } from '../../zone/roll/profile.ts';
import type { Anchor } from './anchor.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * One line, undefined where there is nothing to say.
 * @param lines as `status.<zone>` says them; those of a fresh zone name no phase
 * @param now milliseconds since the epoch
 */
export function noteOf(lines: readonly string[], anchor: Anchor, now: number): string | undefined {
  const { profile, zone } = anchor;
  const phase = first(lines, /^phase: (\w+) /);
  const isOpen = phase === undefined || phase === 'init';
  const tooLate = isOpen ? undefined : lateNote(phase, lines, anchor, now);
  if (tooLate !== undefined || profile.kind !== 'weekly') return tooLate;
  return calendarNote(parseRollLabel(zone.split('.')[0]!)!.startAt + profile.offsets.rolled * 1000, now);
}

function lateNote(
  phase: string,
  lines: readonly string[],
  { zone, profile }: Anchor,
  now: number,
): string | undefined {
  const goesOn = profile.kind === 'always';
  if (phase !== 'prepub')
    return goesOn
      ? undefined
      : `this roll is at "${phase}": its key change is over; take a fresh zone to follow one`;
  const changeAt = first(lines, /^next: rolled at (\S+)$/) ?? '';
  const needed = neededFor(profile);
  if (Date.parse(changeAt) - now > needed * 1000) return undefined;
  const advice = goesOn
    ? `do not paste this anchor, but run \`padzone roll anchor ${zone}\` again after ${changeAt}: it then prints the anchor for the next roll`
    : 'take a fresh zone';
  return `too late for this roll: a resolver must see the new key for ${durationText(needed)} before it signs alone, at ${changeAt}; ${advice}`;
}

/** Seconds. */
function neededFor({ pace }: Profile): number {
  return pace ? pace.holdDown + 2 * pace.refresh : 30 * DAY + 2 * HOUR;
}

/** How a roll in real time stands to that of the root, which it is to rehearse. */
function calendarNote(changeAt: number, now: number): string {
  const days = (from: number, to: number) => Math.round((to - from) / (DAY * 1000));
  const revokedAt = Date.parse(OLD_KSK.revokedOn);
  const change = `its key changes on ${new Date(changeAt).toISOString().slice(0, 10)}, in ${days(now, changeAt)} days`;
  if (now >= revokedAt) return change;
  const root = `the root publishes ${kskText(OLD_KSK)} as revoked (${OLD_KSK.revokedOn})`;
  return changeAt < revokedAt
    ? `${change}, ${days(changeAt, revokedAt)} days before ${root}`
    : `${change}, ${days(revokedAt, changeAt)} days after ${root}: to know before that, take --profile hour or fast, with a resolver that is there for tests`;
}

function durationText(seconds: number): string {
  if (seconds < 2 * DAY) return `${seconds} s`;
  const hours = Math.ceil((seconds % DAY) / HOUR);
  return `${Math.floor(seconds / DAY)} days${hours === 0 ? '' : ` and ${hours} h`}`;
}

function first(lines: readonly string[], pattern: RegExp): string | undefined {
  return lines.map((line) => pattern.exec(line)?.[1]).find((found) => found !== undefined);
}
