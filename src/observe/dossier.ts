/** Dossier: the trials that one source address took part in, by what was asked for. */
import type { Attempt } from './attempt.ts';
import type { Trial, TrialKey } from './trial.ts';
import { isSilenceOver, type Verdict } from './verdict.ts';

/** One trial, what it shows, and how far the records of it reach, milliseconds since the epoch. */
export interface Judged {
  readonly trial: Trial;
  readonly verdict: Verdict;
  readonly observedUntil: number;
}

/** What one source was sent of one size, with the same options in the same arm. */
export interface Chapter extends Pick<TrialKey, 'size' | 'options' | 'arm'> {
  readonly verdicts: Verdict[];
  /** Those sent to the very source: all of trials that are over; of others, where proof may still come, those that need none. */
  readonly attempts: Attempt[];
  /** Trials whose first whole answer over UDP went to the source, and could show its arrival. */
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
    const chapter = { size, options, arm, verdicts: [], attempts: [], firstTried: 0, isUnclear: false };
    chapters.set(key, chapter);
    return chapter;
  }
  const isUnclear = trial.strangers.length + trial.late.length > 0;
  for (const source of verdict.sources) {
    const chapter = chapterOf(source);
    chapter.verdicts.push(verdict);
    chapter.isUnclear ||= isUnclear;
  }
  const isOver = isSilenceOver(trial, observedUntil);
  for (const attempt of attempts)
    if (isOver || attempt.proof !== 'none' || attempt.tc) chapterOf(attempt.src).attempts.push(attempt);
  const first = attempts.find(isWhole);
  if (first !== undefined && (isOver || first.proof !== 'none')) chapterOf(first.src).firstTried += 1;
}

function isWhole({ proto, tc, isClean, canProve }: Attempt): boolean {
  return proto === 'udp' && !tc && isClean && canProve;
}
