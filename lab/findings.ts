/** Findings: what the product makes of all rows of a lab, by run. */
import type { RowId } from '../src/observe/attempt.ts';
import { groupBy } from '../src/observe/group.ts';
import type { Observation } from '../src/observe/observation.ts';
import { buildReport, type Report } from '../src/observe/report.ts';
import type { Verdict } from '../src/observe/verdict.ts';
import type { Findings } from './judge.ts';

export interface RunFindings extends Findings {
  readonly report: Report;
  /** Rows of one run, with ICMP errors that reached its sources meanwhile. */
  rowsOf(run: string): Observation[];
  /** All queries of one source address. */
  rowsFrom(source: string): readonly Observation[];
}

/** An ICMP error may take so long: IPv6 hosts wait a minute for fragments. */
const ICMP_AFTER_MS = 61_000;

/** @param observedUntil until when silence was listened to, milliseconds since the epoch */
export function findingsOf(rows: readonly Observation[], observedUntil: number): RunFindings {
  const report = buildReport(rows, observedUntil);
  const byRun = groupBy(rows, ({ run }) => run);
  const bySource = groupBy(rows, ({ src }) => src);
  const byId = new Map(rows.map((row) => [keyOf(row), row]));
  const verdicts: ReadonlyMap<string, Verdict[]> = groupBy(report.verdicts, ({ run }) => run);
  return {
    report,
    verdictsOf: (run) => verdicts.get(run) ?? [],
    row: (id) => byId.get(keyOf(id)),
    rowsFrom: (source) => bySource.get(source) ?? [],
    rowsOf(run) {
      const own = byRun.get(run) ?? [];
      const [first, last] = [own[0]?.time ?? 0, own.at(-1)?.time ?? 0];
      const errors = [...new Set(own.map(({ src }) => src))]
        .flatMap((source) => bySource.get(source) ?? [])
        .filter(({ event, time }) => event === 'path' && time >= first && time <= last + ICMP_AFTER_MS);
      return [...own, ...errors];
    },
  };
}

function keyOf({ node, boot, seq }: RowId): string {
  return [node, boot, seq].join('|');
}
