/** THE TABLE of behaviors: adding a family of test names is one file and one line here. */
import type { Behavior, Claim, ZoneKind } from './behavior.ts';
import { errorReport } from './error-report.ts';
import { exact } from './exact.ts';
import { makeHelp } from './help.ts';
import { ladder } from './ladder.ts';
import { live } from './live.ts';
import { me } from './me.ts';
import { mint } from './mint.ts';
import { replicaTrial } from './replica-trial.ts';
import { roots } from './roots.ts';
import { sentinel } from './sentinel.ts';
import { sized } from './sized.ts';
import { status } from './status.ts';
import { telemetry } from './telemetry.ts';

const tests: readonly Behavior[] = [
  sized,
  exact,
  ladder,
  me,
  live,
  sentinel,
  telemetry,
  mint,
  status,
  replicaTrial,
  roots,
  errorReport,
];

export const BEHAVIORS: readonly Behavior[] = [...tests, makeHelp(tests)];

/** The behavior that claims a test (lower case, options removed), and its number. */
export function findBehavior(test: string): { behavior: Behavior; n: number } | undefined {
  for (const behavior of BEHAVIORS) {
    const n = behavior.parse(test);
    if (n !== undefined) return { behavior, n };
  }
  return undefined;
}

/** The behavior that claims a whole name in such a zone, and what it claims. @param labels below the apex, lower case */
export function findClaim(
  labels: readonly string[],
  zone: ZoneKind,
): (Claim & { behavior: Behavior }) | undefined {
  for (const behavior of BEHAVIORS) {
    const claim = behavior.claims?.(labels, zone);
    if (claim) return { behavior, ...claim };
  }
  return undefined;
}

export function behaviorOfCode(code: number): Behavior | undefined {
  return BEHAVIORS.find((behavior) => behavior.code === code);
}
