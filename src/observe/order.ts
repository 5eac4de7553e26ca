/** Order: rows in order of time, the same whatever order they came in. */
import type { Observation } from './observation.ts';

export function byTime(a: Observation, b: Observation): number {
  if (a.time !== b.time) return a.time - b.time;
  if (a.node !== b.node) return a.node < b.node ? -1 : 1;
  return a.boot - b.boot || a.seq - b.seq;
}
