/** From rounds to rows: medians, spread, sums. */
import type { Measurement, Row } from './cases/case.ts';

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  return ((sorted[Math.floor(middle)] ?? 0) + (sorted[Math.ceil(middle) - 1] ?? 0)) / 2;
}

/** One row a label, in the order first measured. */
export function summarize(
  measurements: readonly Measurement[],
  helperMicros: ReadonlyMap<string, number>,
  latencies: ReadonlyMap<string, { p50: number; p99: number }>,
): Row[] {
  const labels = [...new Set(measurements.map(({ label }) => label))];
  return labels.map((label) => {
    const own = measurements.filter((one) => one.label === label);
    const middle = (value: (one: Measurement) => number) => median(own.map(value));
    const speeds = own.map(({ perSecond }) => perSecond);
    return {
      label,
      perSecond: median(speeds),
      range: [Math.min(...speeds), Math.max(...speeds)],
      userMicros: middle(({ userMicros }) => userMicros),
      systemMicros: middle(({ systemMicros }) => systemMicros),
      helperMicros: helperMicros.get(label),
      rss: middle(({ rss }) => rss),
      lost: own.reduce((sum, { lost }) => sum + lost, 0),
      responseOctets: Math.round(middle(({ responseOctets }) => responseOctets)),
      rcodes: [...new Set(own.map(({ rcodes }) => rcodes))].join('; '),
      note: own.at(-1)?.note,
      latency: latencies.get(label),
    };
  });
}

/** Microseconds of CPU time of the serving processes for one answer. */
export const cpuOf = ({ userMicros, systemMicros }: Row) => userMicros + systemMicros;
/** The same, helpers included. */
export const treeCpuOf = (row: Row) => cpuOf(row) + (row.helperMicros ?? 0);
export const perCpuSecond = (row: Row) => 1e6 / treeCpuOf(row);
