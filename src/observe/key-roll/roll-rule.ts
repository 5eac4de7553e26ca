/** Roll rule: what a rule of key rolls is asked with, what it answers, and what rules share. */
import type { RollPhase } from '../../zone/roll/phase.ts';
import { stageAt } from '../../zone/roll/phase.ts';
import type { Observation } from '../observation.ts';
import type { Confidence } from '../verdict-rule.ts';
import { CLOCK_MS } from '../window.ts';
import { type RollLedger, rankOf } from './ledger.ts';
import type { RollClass } from './roll-class.ts';

/** A ledger sorted into what the rules ask about; all lists in order of time. */
export interface RollView {
  readonly ledger: RollLedger;
  readonly observedUntil: number;
  /** Answers to DNSKEY with DO=1 that left whole or over TCP. */
  readonly whole: readonly Observation[];
  /** Those of them since the new key signs. */
  readonly wholeAfter: readonly Observation[];
  /** The first of them that held the new key beside the old one. */
  readonly keySeen: Observation | undefined;
  /** Signals of phases in which the same address fetched DNSKEY with DO=1. */
  readonly backed: readonly Observation[];
  /** Those of them that list the old key alone. */
  readonly old: readonly Observation[];
  /** Those of them that list the new key. */
  readonly fresh: readonly Observation[];
  /** Those of them that list the new key alone, for the first time: the old one was dropped. */
  readonly dropped: Observation | undefined;
  /** The first of `whole` that held the old key revoked. */
  readonly revocation: Observation | undefined;
  /** Questions and proofs of clients that must have been validated with the new key, if at all: the old keys were no longer cached. */
  readonly askedAfter: readonly Observation[];
  readonly proofsAfter: readonly Observation[];
  /** True where clients got answers before the roll and none since, although they were asked for. */
  readonly hasStopped: boolean;
  /** How long a new key must be seen, and how much later a resolver may say so at most, milliseconds; undefined without a profile. */
  readonly holdDownMs: number | undefined;
  readonly slackMs: number;
  readonly ttlMs: number;
  /** When the new key was published, and when the hold-down of the profile is over since, milliseconds since the epoch. */
  readonly publishedAt: number | undefined;
  readonly countsAt: number | undefined;
  /** The phase at `observedUntil`, undefined without a profile. */
  readonly phaseNow: RollPhase | undefined;
}

export interface RollGround {
  readonly sentence: string;
  /** The rows that decided, in order of time. */
  readonly rows: readonly Observation[];
  /** Where it is another than that of the rule. */
  readonly confidence?: Confidence;
}

export interface RollRule {
  /** Names the rule for ever; a verdict cites it. */
  readonly name: string;
  readonly class: RollClass;
  /** When it holds, given that none above does; for docs/verdicts.md. */
  readonly when: string;
  readonly confidence: Confidence;
  /** What changes the confidence; for docs/verdicts.md. */
  readonly unless?: string;
  holds(view: RollView): RollGround | undefined;
}

/** Phases since the new key alone signs have this rank or a higher one. */
export const ROLLED = rankOf('rolled');
/** What follows an answer comes within this time: a retry over TCP, or a client that goes on. */
export const ANSWER_MS = 10_000;
/** Own hold-down of a resolver where the profile tells it none (RFC 5011 §2.4.1). */
const HOLD_DOWN_SECONDS = 30 * 86_400;
/** Of a zone whose profile is not known: none has a longer one. */
const LONGEST_TTL_SECONDS = 60;

export function viewOf(ledger: RollLedger, observedUntil: number): RollView {
  const { profile, startAt, fetches, signals, asked, proofs, relayed } = ledger;
  const ttlMs = (profile?.ttl ?? LONGEST_TTL_SECONDS) * 1000;
  const holdDown = profile && (profile.pace?.holdDown ?? HOLD_DOWN_SECONDS);
  const publishedAt = profile && startAt !== undefined ? startAt + profile.offsets.prepub * 1000 : undefined;
  const whole = fetches.filter(({ tc, action }) => !tc && action === 'answer');
  const wholeAfter = whole.filter(isAfterRoll);
  const backed = signals.filter(({ phase }) => fetches.some((fetch) => fetch.phase === phase));
  const fresh = backed.filter(({ signal }) => signal === 'old+new' || signal === 'new');
  const settledAt = (wholeAfter[0]?.time ?? Number.POSITIVE_INFINITY) + ttlMs;
  const askedAfter = asked.filter(({ time }) => time >= settledAt);
  const isProvenAfter = ({ time }: Observation) => askedAfter.some((question) => question.time <= time);
  return {
    ledger,
    observedUntil,
    whole,
    wholeAfter,
    keySeen: whole.find(({ phase }) => phase === 'prepub'),
    backed,
    old: backed.filter(({ signal }) => signal === 'old'),
    fresh,
    dropped: fresh.find(({ signal }) => signal === 'new'),
    revocation: whole.find(({ phase }) => phase === 'revoked'),
    askedAfter,
    proofsAfter: proofs.filter(isProvenAfter),
    hasStopped:
      proofs.some((row) => !isAfterRoll(row)) &&
      askedAfter.length >= 2 &&
      observedUntil - askedAfter[0]!.time >= ANSWER_MS &&
      ![...proofs, ...relayed].some(isProvenAfter),
    holdDownMs: holdDown && holdDown * 1000,
    slackMs: Math.max(2 * ttlMs, ((holdDown ?? 0) * 1000) / 300),
    ttlMs,
    publishedAt,
    countsAt: publishedAt && publishedAt + (holdDown ?? 0) * 1000,
    phaseNow: profile && startAt !== undefined ? stageAt(profile, startAt, observedUntil).phase : undefined,
  };
}

export function isAfterRoll({ phase }: Observation): boolean {
  return rankOf(phase) >= ROLLED;
}

/** A signal, and the first one after it that lists the old key again when it had been dropped, or when the new one had been listed. */
export function wentBack({ old, fresh, dropped, slackMs }: RollView): [Observation, Observation] | undefined {
  const [first] = fresh;
  // Clocks may be to blame for less.
  const margin = Math.max(slackMs, CLOCK_MS);
  const alone = first && old.find(({ time }) => time - first.time > margin);
  if (first && alone) return [first, alone];
  const beside =
    dropped && fresh.find(({ signal, time }) => signal === 'old+new' && time - dropped.time > margin);
  return dropped && beside && [dropped, beside];
}

/** Whether a signal listed the new key before anybody who waits for the hold-down can have taken it. */
export function isTooEarly({ countsAt }: RollView, { time }: Observation): boolean {
  return countsAt !== undefined && time < countsAt - CLOCK_MS;
}

/** Fetches of the phases of some signals: what makes those signals more than a name that anybody can ask for. */
export function fetchesBeside({ ledger }: RollView, signals: readonly Observation[]): Observation[] {
  return signals.flatMap(({ phase }) => ledger.fetches.find((fetch) => fetch.phase === phase) ?? []);
}

/** Whether a query is surely of its source: who forges an address gets no cookie back, and no connection. */
export function isOwn({ proto, cookie }: Observation): boolean {
  return proto !== 'udp' || cookie === 'valid';
}
