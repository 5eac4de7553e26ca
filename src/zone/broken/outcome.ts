/** What a resolver makes of a case, against what it should (RFC 4033 §5, RFC 4035 §5.5); pure. */

/** What a client sees, asking with DO and AD. `servfail`: bogus, or out of reach. `other`: any other RCODE. */
export const OUTCOMES = ['secure', 'insecure', 'servfail', 'timeout', 'other'] as const;
export type Outcome = (typeof OUTCOMES)[number];

/** What an answer may have that arrives whole. */
export const ANSWER_RCODES = ['NOERROR', 'NXDOMAIN'] as const;
export type AnswerRcode = (typeof ANSWER_RCODES)[number];

/** What validators should make of a zone. `fails`: no answer, for whatever reason. `varies`: several outcomes keep the rules. */
export const EXPECTATIONS = ['secure', 'insecure', 'bogus', 'fails', 'varies'] as const;
export type Expectation = (typeof EXPECTATIONS)[number];

/** Validators whose outcomes were measured. */
export const VALIDATORS = ['unbound', 'bind', 'knot', 'powerdns', 'dnsmasq'] as const;
export type Validator = (typeof VALIDATORS)[number];

/** What came back for one question. */
export interface Reply {
  /** NOERROR, SERVFAIL, …; absent where no reply came in time. */
  readonly rcode?: string | undefined;
  readonly ad: boolean;
}

export interface Judgment {
  readonly outcome: Outcome;
  /** `known`: against the rule, and measured so in the software that `as` names. */
  readonly verdict: 'expected' | 'known' | 'differs';
  readonly as: readonly Validator[];
}

const RIGHT: Readonly<Record<Exclude<Expectation, 'varies'>, readonly Outcome[]>> = {
  secure: ['secure'],
  insecure: ['insecure'],
  bogus: ['servfail'],
  fails: ['servfail', 'timeout'],
};

/** @param answer RCODE of the answer that is there to be had */
export function outcomeOf({ rcode, ad }: Reply, answer: AnswerRcode): Outcome {
  if (rcode === undefined) return 'timeout';
  if (rcode === 'SERVFAIL') return 'servfail';
  if (rcode !== answer) return 'other';
  return ad ? 'secure' : 'insecure';
}

/** What a case file says of it. */
export interface Expected {
  readonly expect: Expectation;
  /** Of the answer, where one arrives. */
  readonly rcode: AnswerRcode;
  /** Where it varies. */
  readonly accepts: readonly Outcome[];
  /** Measured against the rule. */
  readonly known: Readonly<Partial<Record<Validator, Outcome>>>;
}

/** Outcomes that keep the rules. */
export function rightOutcomes({ expect, accepts }: Expected): readonly Outcome[] {
  return expect === 'varies' ? accepts : RIGHT[expect];
}

export function judge(one: Expected, reply: Reply): Judgment {
  const outcome = outcomeOf(reply, one.rcode);
  const isRight = rightOutcomes(one).includes(outcome);
  const as = isRight ? [] : VALIDATORS.filter((validator) => one.known[validator] === outcome);
  if (isRight) return { outcome, verdict: 'expected', as };
  return { outcome, verdict: as.length > 0 ? 'known' : 'differs', as };
}

/** The outcomes that this very software is known to have: what was measured, else what the rules want. */
export function outcomesIn(one: Expected, validator: Validator): readonly Outcome[] {
  const known = one.known[validator];
  return known === undefined ? rightOutcomes(one) : [known];
}
