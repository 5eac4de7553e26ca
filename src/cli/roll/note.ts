/** What an operator should know before he follows a roll: whether there is time, and how it stands to the roll of the root. */

import { kskText, OLD_KSK } from '../../observe/ksk.ts';
import type { RollLabel } from '../../zone/roll/label.ts';
import { utc } from '../../zone/roll/lines.ts';
import { type Stage, stageAt } from '../../zone/roll/phase.ts';
import type { Profile } from '../../zone/roll/profile.ts';
import type { Anchor } from './anchor.ts';
import type { Recipe } from './recipes/recipe.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;

/**
 * A line each.
 * @param now milliseconds since the epoch
 * @param recipes of the software that may follow
 */
export function notesOf(anchor: Anchor, now: number, recipes: readonly Recipe[]): string[] {
  const { profile, startAt } = anchor.label;
  const stage = stageAt(profile, startAt, now);
  const { phase } = stage;
  if (phase === 'prepub') return prepubNotes(anchor, stage.next!.at, now, recipes);
  if (phase !== 'init' && profile.kind !== 'always')
    return [`this roll is at "${phase}": its key change is over; take a fresh zone to follow one`];
  const publishedAt = utc(nextPrepub(anchor.label, stage));
  return [
    `have the resolver running with it before ${publishedAt}, when the new key is published`,
    ...calendarNotes(anchor, now),
  ];
}

/** Of this round, or of the next. */
function nextPrepub(
  { profile: { offsets, period = 0 }, startAt }: RollLabel,
  { phase, round }: Stage,
): number {
  const begun = phase === 'init' ? round : round + 1;
  return startAt + (begun * period + offsets.prepub) * 1000;
}

/** Both keys are published, the old one signs until `changeAt`. */
function prepubNotes(anchor: Anchor, changeAt: number, now: number, recipes: readonly Recipe[]): string[] {
  const { zone, label } = anchor;
  const { profile } = label;
  const needed = neededFor(profile);
  const again = `\`padzone roll anchor ${zone}\` again after ${utc(changeAt)}`;
  const goesOn = profile.kind === 'always';
  const time = `a resolver must see the new key for ${durationText(needed)} before it signs alone, at ${utc(changeAt)}`;
  if (changeAt - now <= needed * 1000) {
    const advice = goesOn
      ? `do not paste this anchor, but run ${again}: it then prints the anchor for the next roll`
      : 'take a fresh zone';
    return [`too late for this roll: ${time}; ${advice}`];
  }
  const hasty = recipes.filter(({ trustsBothAtOnce }) => trustsBothAtOnce).map(({ software }) => software);
  const advice = goesOn ? `for it, run ${again}` : 'for it, take a fresh zone';
  return [
    `this roll is at "prepub": the new key is published already; ${time}`,
    ...hasty.map(
      (software) => `${software} would take both keys at once, without waiting, and prove nothing: ${advice}`,
    ),
    ...calendarNotes(anchor, now),
  ];
}

/** Seconds. */
function neededFor({ pace }: Profile): number {
  return pace ? pace.holdDown + 2 * pace.refresh : 30 * DAY + 2 * HOUR;
}

/** How a roll in real time stands to that of the root, which it is to rehearse. */
function calendarNotes({ label: { profile, startAt } }: Anchor, now: number): string[] {
  if (profile.kind !== 'weekly') return [];
  const changeAt = startAt + profile.offsets.rolled * 1000;
  const days = (from: number, to: number) => Math.round((to - from) / (DAY * 1000));
  const revokedAt = Date.parse(OLD_KSK.revokedOn);
  const change = `its key changes on ${new Date(changeAt).toISOString().slice(0, 10)}, in ${days(now, changeAt)} days`;
  if (now >= revokedAt) return [change];
  const root = `the root publishes ${kskText(OLD_KSK)} as revoked (${OLD_KSK.revokedOn})`;
  return [
    changeAt < revokedAt
      ? `${change}, ${days(changeAt, revokedAt)} days before ${root}`
      : `${change}, ${days(revokedAt, changeAt)} days after ${root}: to know before that, take --profile hour or fast, with a resolver that is there for tests`,
  ];
}

function durationText(seconds: number): string {
  if (seconds < 2 * DAY) return `${seconds} s`;
  const hours = Math.ceil((seconds % DAY) / HOUR);
  return `${Math.floor(seconds / DAY)} days${hours === 0 ? '' : ` and ${hours} h`}`;
}
