/** Report: rows turned into trials, verdicts, a summary and advice; one document that text and JSON are made from. */
import { adviseSource, type SourceAdvice } from './advice.ts';
import type { Observation } from './observation.ts';
import { type SummaryRow, summarize } from './summary.ts';
import { groupTrials } from './trial.ts';
import { classify, type Verdict } from './verdict.ts';

export interface SourceReport {
  readonly source: string;
  readonly advice: readonly SourceAdvice[];
  readonly rows: readonly SummaryRow[];
}

export interface Report {
  /** Those that need attention first, then in order of address. */
  readonly sources: readonly SourceReport[];
  readonly verdicts: readonly Verdict[];
}

/**
 * Everything that the rows say.
 *
 * @param rows all rows of the span, also when only one source is wanted: its run may have used other addresses
 * @param observedUntil how far the records reach, milliseconds since the epoch
 * @param source the only source to report, when given
 */
export function buildReport(rows: Iterable<Observation>, observedUntil: number, source?: string): Report {
  const trials = groupTrials(rows);
  const verdicts = trials
    .map((trial) => classify(trial, observedUntil))
    .filter(({ sources }) => source === undefined || sources.includes(source));

  const bySource = new Map<string, SummaryRow[]>();
  for (const row of summarize(trials, verdicts, observedUntil)) {
    if (source !== undefined && row.source !== source) continue;
    const own = bySource.get(row.source);
    if (own === undefined) bySource.set(row.source, [row]);
    else own.push(row);
  }
  const sources = [...bySource].map(([name, own]) => ({
    source: name,
    advice: adviseSource(own),
    rows: own,
  }));
  return { verdicts, sources: [...sources.filter(isUrgent), ...sources.filter((each) => !isUrgent(each))] };
}

/** True where something is broken for users now. */
export function isUrgent({ advice }: SourceReport): boolean {
  return advice.some((each) => each.isUrgent);
}
