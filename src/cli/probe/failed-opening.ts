/** A failed opening: what else can be asked of who fails, and what to do (RFC 4035 §3.2.2). */
import { type Identity, identify } from './identity.ts';
import {
  adviseOpening,
  describeOpening,
  OPENING,
  openingStatus,
  type Refusal,
  uncheckedTest,
} from './opening.ts';
import type { NamedJudgment } from './report.ts';
import { type Asking, askTest } from './run.ts';
import { resolverOf } from './software.ts';
import type { Finding, Findings, Plan } from './test.ts';

export interface FailedOpening {
  readonly identity: Identity;
  readonly findings: Findings;
  /** Its advice is whole sentences, the most urgent first, at least one. */
  readonly judgment: NamedJudgment & { readonly advice: readonly string[] };
  /** 1 where the resolver itself has failed, 2 where no test can run. */
  readonly status: 1 | 2;
}

/** Who answers SERVFAIL is asked once more, without validation, and for its version. */
export async function explainOpening(asking: Asking, opening: Finding, plan: Plan): Promise<FailedOpening> {
  const isAsked = opening.status === 'SERVFAIL';
  const unchecked = isAsked ? await askTest(asking, uncheckedTest(plan)) : undefined;
  const identity = isAsked ? await identify(asking) : NOBODY;
  const refusal: Refusal | undefined = unchecked && {
    unchecked,
    software: resolverOf(identity.version ?? ''),
  };
  const asked = [opening, ...(unchecked ? [unchecked] : [])];
  return {
    identity,
    findings: new Map(asked.map((finding) => [finding.test.id, finding])),
    judgment: {
      name: OPENING,
      state: 'problem',
      text: describeOpening(opening, refusal),
      advice: adviseOpening(asking.server, plan.origin, opening, refusal),
    },
    status: openingStatus(opening),
  };
}

const NOBODY: Identity = { version: undefined, name: undefined };
