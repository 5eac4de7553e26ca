/** Key findings: what rows say of trust anchors, in zones that roll their key and at the root, of keys of the root's size, and of errors that resolvers report. */
import { type ErrorReportFinding, gatherErrorReports } from './error-reports.ts';
import { judgeKeyRolls, type KeyRollFinding } from './key-roll/key-roll.ts';
import type { Observation } from './observation.ts';
import { judgeReplicas, type ReplicaFinding } from './replica-trials.ts';
import { judgeSentinels, type SentinelFinding } from './sentinel-runs.ts';

export interface KeyFindings {
  readonly keyRolls: readonly KeyRollFinding[];
  readonly sentinels: readonly SentinelFinding[];
  readonly replicas: readonly ReplicaFinding[];
  readonly errorReports: readonly ErrorReportFinding[];
}

export interface KeyFilter {
  readonly source?: string;
  /** What ended before is left out, milliseconds since the epoch. */
  readonly since?: number;
}

/**
 * Pure, and the same for the rows in any order.
 *
 * @param rows as `KEY_ROLL_ROWS` picks them, of all sources: neighbors tell of each other
 * @param observedUntil how far the records reach, milliseconds since the epoch
 */
export function findKeys(
  rows: readonly Observation[],
  observedUntil: number,
  { source, since = Number.NEGATIVE_INFINITY }: KeyFilter = {},
): KeyFindings {
  const isWanted = (each: { readonly last_at: number }, sources: readonly string[]) =>
    each.last_at >= since && (source === undefined || sources.includes(source));
  return {
    keyRolls: judgeKeyRolls(rows, observedUntil).filter((each) => isWanted(each, [each.source])),
    sentinels: judgeSentinels(rows).filter((each) => isWanted(each, each.sources)),
    replicas: judgeReplicas(rows, observedUntil).filter((each) => isWanted(each, [each.source])),
    errorReports: gatherErrorReports(rows).filter((each) => isWanted(each, [each.source])),
  };
}
