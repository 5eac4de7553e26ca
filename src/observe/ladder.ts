/** Ladder: how far the one-lookup test `rs` came; each step proves the one before for the prefix of a source, not for the address. */
import type { Observation } from './observation.ts';

export interface LadderFinding {
  /** Octets of the largest UDP answer that came through. */
  readonly octets: number;
  /** Lookups that came so far. */
  readonly times: number;
  /** Milliseconds since the epoch, of those lookups. */
  readonly first_at: number;
  readonly last_at: number;
}

/** The highest step of each source address that climbed. */
export function climbsBySource(rows: Iterable<Observation>): Map<string, LadderFinding> {
  const climbs = new Map<string, { octets: number; runs: Set<string>; first_at: number; last_at: number }>();
  for (const { src, proven, run, time } of rows) {
    const known = climbs.get(src);
    if (proven === 0 || (known !== undefined && known.octets > proven)) continue;
    if (known?.octets === proven) {
      known.runs.add(run);
      known.first_at = Math.min(known.first_at, time);
      known.last_at = Math.max(known.last_at, time);
    } else climbs.set(src, { octets: proven, runs: new Set([run]), first_at: time, last_at: time });
  }
  return new Map([...climbs].map(([src, { runs, ...climb }]) => [src, { ...climb, times: runs.size }]));
}
