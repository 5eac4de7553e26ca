/** Roll words: phases, times and signals as sentences write them. */
import type { Phase } from '../../zone/made.ts';
import type { Observation } from '../observation.ts';
import { times } from '../words.ts';
import { ROWS_OF_A_KIND } from './ledger.ts';

export const PHASE_WORDS: Readonly<Record<Phase, string>> = {
  '': 'no phase',
  init: 'the first phase (old key alone)',
  prepub: 'the pre-publication (both keys, the old one signs)',
  rolled: 'the roll (both keys, the new one signs)',
  revoked: 'the revocation (old key revoked, both sign)',
  removed: 'the last phase (new key alone)',
};

export const SIGNAL_WORDS: Readonly<Record<string, string>> = {
  old: 'the old key alone',
  'old+new': 'both keys',
  new: 'the new key alone',
  other: 'none of the keys',
};

/** `once`, `3 times`; of many it says so, because not all rows are read. */
export function often(count: number): string {
  return count < 2 * ROWS_OF_A_KIND ? times(count) : `at least ${count} times`;
}

/** `2026-11-23 15:00:41 UTC`. */
export function clock({ time }: Pick<Observation, 'time'>): string {
  return `${new Date(time).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}

/** `0.3 s`, `14 s`, `3 min`, `2.5 h`, `31 days`. */
export function lapse(ms: number): string {
  const seconds = ms / 1000;
  if (seconds < 10) return `${Math.round(seconds * 10) / 10} s`;
  if (seconds < 120) return `${Math.round(seconds)} s`;
  if (seconds < 7200) return `${Math.round(seconds / 60)} min`;
  if (seconds < 2 * 86_400) return `${Math.round(seconds / 360) / 10} h`;
  return `${Math.round(seconds / 86_400)} days`;
}
