/** Dossier: the trials that one source address took part in, by what was asked for. */
import type { Sent } from './ability.ts';
import type { Attempt } from './attempt.ts';
import { groupBy } from './group.ts';
import type { Trial, TrialKey } from './trial.ts';
import { firstTryOf, isSilenceOver, type Verdict } from './verdict.ts';

/** One trial, what it shows, and how far the records of it reach, milliseconds since the epoch. */
export interface Judged {
  readonly trial: Trial;
  readonly verdict: Verdict;
  readonly observedUntil: number;
}

/** The verdict of a trial, whether it is about the source, and what the source was sent in it. */
export interface Part {
  readonly verdict: Verdict;
  readonly isAbout: boolean;
  /** In order of time. */
  readonly attempts: readonly Attempt[];
}

/** What one source was sent of one size, with the same options in the same arm. */
export interface Chapter extends Sent, Pick<TrialKey, 'size' | 'options' | 'arm'> {
  readonly parts: Part[];
  /** Those sent to the very source. */
  readonly attempts: Attempt[];
  offered: number;
  unsettled: number;
  /** Trials whose first whole answer over UDP went to the source, of which the records tell whether it arrived. */
  firstTried: number;
  /** True where an answer of the size arrived somewhere, and nobody knows where. */
  isUnclear: boolean;
}

/** Chapters of each source, smaller sizes first. */
export function openDossiers(judged: Iterable<Judged>): Map<string, readonly Chapter[]> {
  const dossiers = new Map<string, Map<string, Chapter>>();
  for (const each of judged) enter(each, dossiers);
  return new Map(
    [...dossiers].map(([source, chapters]) => [
      source,
      [...chapters.values()].sort((a, b) => a.size - b.size),
    ]),
  );
}

function enter({ trial, verdict, observedUntil }: Judged, dossiers: Map<string, Map<string, Chapter>>): void {
  const { size, options, arm, attempts } = trial;
  const key = `${size}|${options}|${arm}`;
  function chapterOf(source: string): Chapter {
    const chapters = dossiers.get(source) ?? new Map<string, Chapter>();
    dossiers.set(source, chapters);
    const known = chapters.get(key);
    if (known !== undefined) return known;
    const chapter: Chapter = {
      ...{ size, options, arm, parts: [], attempts: [] },
      ...{ offered: 0, unsettled: 0, firstTried: 0, isUnclear: false },
    };
    chapters.set(key, chapter);
    return chapter;
  }
  const isUnclear = trial.strangers.length + trial.late.length > 0;
  const about = new Set(verdict.about);
  const attemptsOf =
    verdict.sources.length === 1
      ? new Map(verdict.sources.map((source) => [source, attempts]))
      : groupBy(attempts, ({ src }) => src);
  for (const source of verdict.sources) {
    const chapter = chapterOf(source);
    chapter.parts.push({ verdict, isAbout: about.has(source), attempts: attemptsOf.get(source) ?? [] });
    chapter.isUnclear ||= isUnclear;
  }
  const isOver = isSilenceOver(trial, observedUntil);
  for (const attempt of attempts) {
    const chapter = chapterOf(attempt.src);
    if (attempt.proto === 'udp') chapter.offered = Math.max(chapter.offered, attempt.offered);
    if (isOver || attempt.proof !== 'none' || attempt.tc) chapter.attempts.push(attempt);
    else chapter.unsettled += 1;
  }
  const first = firstTryOf(trial, observedUntil);
  if (first !== undefined) chapterOf(first.src).firstTried += 1;
}
