/** A check: a few tests on one thing, and what their findings say of it. */
import type { Resolver } from './software.ts';
import type { Findings, Plan, Test } from './test.ts';

/** What advice must know besides the findings. */
export interface Scene {
  readonly origin: string;
  /** `address:port` that was asked. */
  readonly server: string;
  readonly software: Resolver | undefined;
}

/** `problem`: users lose something, and somebody can mend it. `unknown`: the findings do not decide, or it is no fault. */
export interface Judgment {
  readonly state: 'good' | 'problem' | 'unknown';
  /** One line, without a period. */
  readonly text: string;
  /** Further lines. */
  readonly more?: readonly string[];
  /** Whole sentences: what to do, the most urgent first. */
  readonly advice?: readonly string[];
  /** True where the zone below the origin that the check asks did not answer, so that nothing was tested. */
  readonly isUntested?: true;
}

/** Of a check whose zone below the origin did not answer. @param why without a period */
export function untested(why: string): Judgment {
  return { state: 'unknown', text: `cannot tell: ${why}`, isUntested: true };
}

/** One check; its line in a table is the only other edit. */
export interface Check {
  /** One word in front of its line of the report. */
  readonly name: string;
  /** In the order asked, one after the other, so that one loss does not cause another. */
  tests(plan: Plan): readonly Test[];
  /** Reads the findings of all checks; undefined where there is nothing to say. */
  look(findings: Findings, scene: Scene): Judgment | undefined;
}
