/** Verdict rule: what a rule is asked with, what it answers, and what rules share. */
import { type Attempt, isAfter, isFragmented, isProven } from './attempt.ts';
import { networkOf } from './network.ts';
import type { Observation } from './observation.ts';
import type { Trial } from './trial.ts';
import type { VerdictClass } from './verdict-class.ts';

/** How sure the class is. `high`: the rows leave no other likely reading. `low`: they hardly weigh against chance. */
export type Confidence = 'high' | 'medium' | 'low';

/** A trial sorted into what the rules ask about; all lists in order of time and without unclean attempts. */
export interface TrialView {
  readonly trial: Trial;
  readonly clean: readonly Attempt[];
  readonly udp: readonly Attempt[];
  /** UDP answers of the whole size that could have proven their arrival. */
  readonly full: readonly Attempt[];
  /** UDP answers with TC=1. */
  readonly truncated: readonly Attempt[];
  readonly tcp: readonly Attempt[];
  /** True where ICMP errors that quote what was sent say that fragments of it never came. */
  readonly isMissingFragments: boolean;
  /** True when we listened long enough for silence to count. */
  readonly isClosed: boolean;
}

export interface Ground {
  readonly sentence: string;
  /** The attempts that decided. */
  readonly attempts: readonly Attempt[];
  /** The attempt that brought the size, where one did. */
  readonly winner?: Attempt;
  /** Those of `attempts` that failed, where not all did. */
  readonly failed?: readonly Attempt[];
  /** Rows that decided and are no attempts. */
  readonly rows?: readonly Observation[];
  /** Where it is another than that of the rule. */
  readonly confidence?: Confidence;
}

export interface Rule {
  /** Names the rule for ever; a verdict cites it. */
  readonly name: string;
  readonly class: VerdictClass;
  /** When it holds, given that none above does; for docs/verdicts.md. */
  readonly when: string;
  readonly confidence: Confidence;
  /** What changes the confidence; for docs/verdicts.md. */
  readonly unless?: string;
  /** The ground on which the class holds, or undefined. */
  holds(view: TrialView): Ground | undefined;
}

/** Ground of a rule that says that the size arrived. */
export function won(winner: Attempt, attempts: readonly Attempt[], sentence: string): Ground {
  return { winner, attempts, sentence };
}

/**
 * Only what came after `earlier` can be a consequence of it; what the same resolver got goes before what others did.
 *
 * @param attempts in order of time
 */
export function provenAfter(attempts: readonly Attempt[], earlier: Attempt): Attempt | undefined {
  const later = attempts.filter((each) => isProven(each) && isAfter(each, earlier));
  return later.find((each) => isRelated(earlier, each)) ?? later[0];
}

/**
 * Whether what one address lost and another got is one story: a resolver keeps its network, or some trial shows that the two are one.
 * That they took part in one run shows nothing: so do all nameservers of a client.
 */
export function isRelated(a: Attempt, b: Attempt): boolean {
  return a.asker === b.asker || networkOf(a.src) === networkOf(b.src) || a.mates.has(b.src);
}

/** Names the one that went on in place of another: whose recovery that is, nobody knows. */
export function stranger({ src, ipVersion }: Attempt, other: Attempt): string {
  return `${src}, ${ipVersion === other.ipVersion ? 'of another network' : 'of the other IP version'},`;
}

export const NOTHING_SHOWS = 'nothing shows that the answer arrived';
export const ACKED_IN_VAIN = 'TCP acknowledged the answer, as a middlebox may, and yet it asked again';

/** `one packet`, `3 fragments`. */
export function fragments(attempt: Attempt): string {
  if (!isFragmented(attempt)) return 'one packet';
  return attempt.fragments === 0 ? 'fragments' : `${attempt.fragments} fragments`;
}

export function octets(count: number): string {
  return `${count} octets`;
}
