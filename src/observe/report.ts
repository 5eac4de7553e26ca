/** Report: rows turned into trials, verdicts, a summary and advice; one document that text and JSON are made from. */
import { adviseSource, type SourceAdvice } from './advice.ts';
import { climbsBySource, type LadderFinding } from './ladder.ts';
import type { Observation } from './observation.ts';
import { type SummaryRow, summarize } from './summary.ts';
import { groupTrials, type Trial } from './trial.ts';
import { classify, type Verdict } from './verdict.ts';

export interface SourceReport {
  readonly source: string;
  readonly advice: readonly SourceAdvice[];
  readonly rows: readonly SummaryRow[];
  /** How far it climbed `rs`, where it did. */
  readonly ladder?: LadderFinding;
}

export interface Report {
  /** Those that need attention first, then in order of address. */
  readonly sources: readonly SourceReport[];
  readonly verdicts: readonly Verdict[];
}

export interface ReportOptions {
  /** The only source to report. */
  readonly source?: string;
  /** Trials whose first row is older are left out, milliseconds since the epoch. */
  readonly since?: number;
  /** Until when each process wrote, by `processOf`, milliseconds since the epoch; what it never wrote it cannot have seen. */
  readonly reach?: ReadonlyMap<string, number>;
}

/**
 * Everything that the rows say.
 *
 * @param rows all rows of the span, also when only one source is wanted: its run may have used other addresses
 * @param observedUntil how far the records reach at most, milliseconds since the epoch
 */
export function buildReport(
  rows: readonly Observation[],
  observedUntil: number,
  options: ReportOptions = {},
): Report {
  const { source, since = Number.NEGATIVE_INFINITY, reach = new Map<string, number>() } = options;
  const endOf = ({ processes }: Trial) =>
    Math.min(observedUntil, ...processes.map((process) => reach.get(process) ?? observedUntil));
  const judged = groupTrials(rows)
    .filter(({ firstAt, sources }) => firstAt >= since && (source === undefined || sources.includes(source)))
    .map((trial) => ({ trial, observedUntil: endOf(trial), verdict: classify(trial, endOf(trial)) }));

  const isWanted = (address: string) => source === undefined || address === source;
  const bySource = new Map<string, SummaryRow[]>();
  for (const row of summarize(judged).filter((each) => isWanted(each.source)))
    bySource.set(row.source, [...(bySource.get(row.source) ?? []), row]);
  const climbs = climbsBySource(
    rows.filter(({ event, src, time }) => event === 'query' && isWanted(src) && time >= since),
  );
  const sources = [...new Set([...bySource.keys(), ...climbs.keys()])].sort().map((name): SourceReport => {
    const [own = [], ladder] = [bySource.get(name), climbs.get(name)];
    return { source: name, advice: adviseSource(own), rows: own, ...(ladder && { ladder }) };
  });
  return {
    verdicts: judged.map(({ verdict }) => verdict),
    sources: [...sources.filter(isUrgent), ...sources.filter((each) => !isUrgent(each))],
  };
}

/** True where something is broken for users now. */
export function isUrgent({ advice }: SourceReport): boolean {
  return advice.some((each) => each.isUrgent);
}
