/** One roll with all resolvers at once: they are asked as users ask, their anchors are looked at, the servers' rows are judged. */
import type { Observation } from '../../src/observe/observation.ts';
import type { Lab, LabResolver } from '../contract.ts';
import type { SuiteFindings } from '../suites/findings.ts';
import { conclusionsOf } from './conclusions.ts';
import type { Course } from './courses.ts';
import type { JudgedRoll } from './judge.ts';
import { rollMarkdown, rollText } from './output.ts';
import type { Participant } from './participants.ts';
import { mintRehearsal, type Rehearsal } from './rehearsal.ts';
import { disagreements } from './same-keys.ts';
import { toldBy } from './told.ts';
import { type Watched, watch } from './watch.ts';

/** Until the start: all resolvers are up and have met the old key. */
const LEAD_MS = 8_000;
const EVERY_MS = 2_000;

export async function rehearse(
  lab: Lab,
  chosen: readonly Participant[],
  course: Course,
): Promise<SuiteFindings> {
  const rehearsal = await mintRehearsal(lab, course.profile, lab.now() + LEAD_MS, course.algorithm);
  console.error(`${rehearsal.zone} starts in ${Math.round((rehearsal.startAt - lab.now()) / 1000)} s`);
  const until = rehearsal.startAt + (rehearsal.profile.offsets.removed + course.until) * 1000;
  const settings = { origin: lab.origin, everyMs: EVERY_MS, until, now: lab.now };
  const [different, ...runs] = await Promise.all([
    disagreements(lab, rehearsal),
    ...chosen.map(async (participant) => {
      const resolver = await openParticipant(lab, participant, rehearsal, course.path);
      const watched = await watch(resolver, rehearsal, participant.store, settings);
      await resolver.close();
      return { participant, sources: resolver.sources, watched };
    }),
  ]);
  const rolls = await judgeAll(lab, runs, rehearsal, course, until);
  return {
    title: `Key roll: ${course.name}`,
    text: rollText(rolls, rehearsal),
    markdown: rollMarkdown(rolls, rehearsal),
    document: { zone: rehearsal.zone, path: course.path, resolvers: rolls.map(documentOf) },
    faults: [...rolls.flatMap(({ faults }) => faults), ...different],
  };
}

function openParticipant(
  lab: Lab,
  { software, add }: Participant,
  { anchor, profile }: Rehearsal,
  path: string,
): Promise<LabResolver> {
  const own = add(anchor, profile.pace);
  return lab.open({ resolver: software, edns: 'default', path, family: 4 }, (...where) => ({
    ...own(...where),
    isIpv4Only: true,
  }));
}

interface Run {
  readonly participant: Participant;
  readonly sources: readonly string[];
  readonly watched: Watched;
}

async function judgeAll(
  lab: Lab,
  runs: readonly Run[],
  rehearsal: Rehearsal,
  { judge }: Course,
  until: number,
): Promise<JudgedRoll[]> {
  const rows = (await lab.rows()).filter(({ time }) => time <= until);
  const conclude = conclusionsOf(rows, rehearsal.zone, until);
  const pendingAt = lastInHoldDown(rehearsal);
  const early = rows.filter(({ time }) => time <= pendingAt);
  const concludeEarly = conclusionsOf(early, rehearsal.zone, pendingAt);
  return runs.map(({ participant, sources, watched }) => {
    const toldIn = (some: readonly Observation[]) =>
      toldBy(
        some.filter(({ src }) => sources.includes(src)),
        rehearsal,
      );
    const pending = { verdict: concludeEarly(sources).verdict, told: toldIn(early) };
    return judge({ participant, watched, told: toldIn(rows), pending, ...conclude(sources) }, rehearsal);
  });
}

/** When no resolver can have taken the new key yet, and each has met it, milliseconds since the epoch. */
function lastInHoldDown({ startAt, profile: { offsets, pace } }: Rehearsal): number {
  return startAt + (offsets.prepub + (pace?.holdDown ?? 0) - 1) * 1000;
}

function documentOf({ participant, watched, told, pending, verdict, sentence, doneAt, faults }: JudgedRoll) {
  const { name, software, manner } = participant;
  return {
    name,
    software,
    manner,
    pending: pending.verdict ?? null,
    verdict: verdict ?? null,
    sentence,
    done_at: doneAt ?? null,
    told,
    faults,
    ...watched,
  };
}
