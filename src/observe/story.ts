/** Story: the trials of one source address, told in order of time, and what they leave open. */
import { type RowId, rowKey } from './attempt.ts';
import { groupBy } from './group.ts';
import type { KeyFindings } from './key-findings.ts';
import type { Observation } from './observation.ts';
import type { Report, SourceReport } from './report.ts';
import { type Telling, tellTrial } from './telling.ts';
import { groupTrials, type Trial } from './trial.ts';
import type { Verdict } from './verdict.ts';

/** One trial in full. */
export interface TrialStory {
  readonly verdict: Verdict;
  /** In order of time. */
  readonly events: readonly Telling[];
  /** Older trials of the same size, options, arm, zone and class, which are only counted. */
  readonly alike: number;
  /** When the first of those began, milliseconds since the epoch; null where there are none. */
  readonly alike_since: number | null;
}

export interface Story {
  readonly source: string;
  /** In order of time. */
  readonly trials: readonly TrialStory[];
  readonly report: SourceReport;
  /** Of key rolls and the like. */
  readonly keys: KeyFindings;
}

/**
 * The story of one source; undefined where the report has nothing of it.
 *
 * @param rows those that the report was built of
 */
export function tellStory(
  source: string,
  rows: readonly Observation[],
  { sources, verdicts, keys }: Report,
): Story | undefined {
  const report = sources.find((each) => each.source === source);
  if (report === undefined) return undefined;
  const own = concerning(source, rows);
  const rowOf = finder(own);
  const trials = new Map(groupTrials(own).map((trial) => [keyOf(trial, trial.firstAt), trial]));
  return {
    source,
    trials: latestOfEach(verdicts).map(({ verdict, older }): TrialStory => {
      const trial = trials.get(keyOf(verdict, verdict.first_at));
      return {
        verdict,
        events: trial === undefined ? [] : tellTrial(trial, verdict, source, rowOf),
        alike: older.length,
        alike_since: older[0]?.first_at ?? null,
      };
    }),
    report,
    keys,
  };
}

/** Rows of its runs, and those without a run id, which may belong to one of its trials by their cookie, receipt or port. */
function concerning(source: string, rows: readonly Observation[]): Observation[] {
  const runs = new Set(rows.filter(({ src }) => src === source).map(({ run }) => run)).add('');
  return rows.filter(({ run }) => runs.has(run));
}

/** Of verdicts in order of time, the last one of each kind with those before it. */
function latestOfEach(
  verdicts: readonly Verdict[],
): { readonly verdict: Verdict; readonly older: readonly Verdict[] }[] {
  const kinds = groupBy(verdicts, ({ size, options, arm, zone, class: name }) =>
    [size, options, arm, zone, name].join('|'),
  );
  return [...kinds.values()]
    .flatMap((alike) => {
      const verdict = alike.at(-1);
      return verdict === undefined ? [] : [{ verdict, older: alike.slice(0, -1) }];
    })
    .sort((a, b) => a.verdict.first_at - b.verdict.first_at);
}

function keyOf({ run, zone, size, options, arm, sources }: Trial | Verdict, firstAt: number): string {
  return [run, zone, size, options, arm, firstAt, ...sources].join('|');
}

function finder(rows: readonly Observation[]): (id: RowId) => Observation | undefined {
  const byId = new Map(rows.map((row) => [rowKey(row), row]));
  return (id) => byId.get(rowKey(id));
}
