/** The zones that roll by the calendar and by the clock: where each stands, and what comes next. */
import { mondayFrom, parseRollLabel, weeklyLabel } from '../../zone/roll/label.ts';
import { utc } from '../../zone/roll/lines.ts';
import { stageAt } from '../../zone/roll/phase.ts';
import { PROFILES } from '../../zone/roll/profile.ts';

const WEEK_MS = 7 * 86_400_000;
/** Weekly zones to come that are listed. */
const AHEAD = 4;

/** One line a zone: name, phase, next change. Weekly ones that have ended are left out. @param now milliseconds since the epoch */
export function calendarLines(parent: string, now: number): string[] {
  return [
    ...PROFILES.filter(({ kind }) => kind === 'always').map(({ name }) => name),
    ...weeklyLabels(now),
  ].flatMap((text) => {
    const { profile, startAt } = parseRollLabel(text)!;
    const { phase, next } = stageAt(profile, startAt, now);
    return next ? [`${text}.${parent} ${phase}, ${next.phase} at ${utc(next.at)}`] : [];
  });
}

/** Mondays, the oldest first, from those that roll now on. */
function weeklyLabels(now: number): string[] {
  const removed = Math.max(
    ...PROFILES.filter(({ kind }) => kind === 'weekly').map(({ offsets }) => offsets.removed),
  );
  const labels: string[] = [];
  for (let at = mondayFrom(now - removed * 1000); at < now + AHEAD * WEEK_MS; at += WEEK_MS)
    labels.push(weeklyLabel(at));
  return labels;
}
