/** A test of the probe, and what was found when it was asked. */
import { below } from '../below.ts';
import type { Chain } from './chase.ts';
import { isDenial, type Question } from './message.ts';
import type { Receipt } from './texts.ts';

/** What one probe asks about. */
export interface Plan {
  readonly origin: string;
  /** Run id that all its trials share, with the `n`. */
  readonly run: string;
  /** Octets, smallest first. */
  readonly sizes: readonly number[];
  /** A run id that no other name has, for what a cache must not answer. */
  freshRun(): string;
}

/** One question. */
export interface Test {
  /** What is asked for, as people say it: `s1232`, `s4096.v6`, `s1232.bogus +cd`. Findings are looked up by it. */
  readonly id: string;
  readonly question: Question;
  /** The texts at the end must hold a receipt for about this many octets. */
  readonly size?: number;
  /** Left out where this says no. */
  readonly onlyIf?: (findings: Findings) => boolean;
  /** The name to ask for is known from these only; left out where they do not say it. */
  readonly nameFrom?: (findings: Findings) => string | undefined;
}

export interface Finding extends Chain {
  readonly test: Test;
  readonly startedAt: number;
  readonly elapsedMs: number;
  /** RCODE of the last reply, or NO ANSWER. */
  readonly status: string;
  readonly transport: 'udp' | 'tcp';
  /** Octets of the last message received. */
  readonly octets: number | undefined;
  /** Octets of the largest message received: at padzone itself that is the measured answer. */
  readonly largest: number | undefined;
  /** The name server of the origin answered itself, no resolver. */
  readonly direct: boolean;
  readonly receipt: Receipt | undefined;
  /** Why there is no answer, or not the one that was asked for; absent when all is well. */
  readonly problem: string | undefined;
}

/** By the id of the test, in the order asked. */
export type Findings = ReadonlyMap<string, Finding>;

/** A trial of so many octets, in the origin or a zone to its left. */
export function trial({ origin, run }: Plan, size: number, option = '', zone = ''): Test {
  const test = option === '' ? `s${size}` : `s${size}-${option}`;
  const at = zone === '' ? '' : `.${zone}`;
  return {
    id: `${test}${at}`,
    question: { name: below(`${test}-${run}${at}`, origin), type: 'TXT' },
    size,
  };
}

/** Whether a test was asked and all was well. */
export function isFine(finding: Finding | undefined): finding is Finding & { readonly problem: undefined } {
  return finding !== undefined && finding.problem === undefined;
}

/** Whether the servers deny the name that was asked, or the one that its CNAMEs lead to. */
export function isMissing({ exchanges }: Finding): boolean {
  const reply = exchanges.at(-1)?.reply;
  return reply !== undefined && isDenial(reply);
}

/** Why nothing came, in a few words. */
export function whyNot({ status, problem, direct, elapsedMs }: Finding): string {
  // What the transports did is telling only where no resolver stands between, which may still be at work.
  if (status === 'NO ANSWER' && !direct) return `no answer in ${(elapsedMs / 1000).toFixed(0)} s`;
  return problem ?? status;
}
