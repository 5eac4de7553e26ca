/** Key roll: which source addresses follow the rolls of the zones that are made for it, by the first rule that holds. */
import { idOf, type RowId } from '../attempt.ts';
import type { Observation } from '../observation.ts';
import type { Software } from '../software.ts';
import type { Span } from '../span.ts';
import type { Confidence } from '../verdict-rule.ts';
import { openLedgers, type RollLedger } from './ledger.ts';
import { guessByManner } from './manner.ts';
import { type PhaseEntry, phaseEntries } from './phase-entry.ts';
import { adviseRoll } from './roll-advice.ts';
import type { RollClass } from './roll-class.ts';
import { isOwn, type RollGround, type RollView, viewOf } from './roll-rule.ts';
import { ROLL_RULES, type RollRuleName } from './roll-rules.ts';

/** Raised whenever a rule changes, so that verdicts of two releases can be told apart. */
export const ROLL_RULE_VERSION = 2;

export interface KeyRollFinding extends Span {
  readonly source: string;
  /** Apex of the zone that rolls, lower case. */
  readonly zone: string;
  /** Null for a zone whose label this release does not know. */
  readonly profile: string | null;
  /** When this roll began, milliseconds since the epoch; null with the profile. */
  readonly roll_at: number | null;
  readonly class: RollClass;
  readonly rule: RollRuleName;
  readonly rule_version: number;
  readonly confidence: Confidence;
  /** False where all that came from it came over UDP without a cookie, and no client got an answer through it: anybody can forge that. */
  readonly is_sure: boolean;
  /** One sentence or a few for the operator of the resolver. */
  readonly sentence: string;
  /** What its last key-tag query listed, backed by a fetch of DNSKEY in the same phase or not; null where it sent none. */
  readonly last_signal: string | null;
  readonly last_signal_at: number | null;
  /** First signal that lists the new key, and first that lists it alone; null for none. Only signals backed by a fetch. */
  readonly new_listed_at: number | null;
  readonly old_dropped_at: number | null;
  readonly phases: readonly PhaseEntry[];
  /** Other addresses of its /24 or /48 that took part in the same roll: they may be one resolver. */
  readonly neighbors: number;
  /** A guess by the manner of its queries, never a part of the verdict; null where it does not tell. */
  readonly software: Software | null;
  /** What its operator changes, null where there is nothing to. */
  readonly advice: string | null;
  /** The rows that decided. */
  readonly evidence: readonly RowId[];
}

/**
 * Everything that rows say of key rolls, in order of zone, roll and source.
 *
 * Pure, and the same for the rows in any order.
 *
 * @param rows as `KEY_ROLL_ROWS` picks them, of all sources
 * @param observedUntil how far the records reach, milliseconds since the epoch
 */
export function judgeKeyRolls(rows: readonly Observation[], observedUntil: number): KeyRollFinding[] {
  return openLedgers(rows).map((ledger) => judgeRoll(ledger, observedUntil));
}

function judgeRoll(ledger: RollLedger, observedUntil: number): KeyRollFinding {
  const { source, zone, profile, startAt, signals, network, first_at, last_at } = ledger;
  const view = viewOf(ledger, observedUntil);
  const { rule, ground } = decide(view);
  const software = guessByManner(ledger);
  return {
    source,
    zone,
    profile: profile?.name ?? null,
    roll_at: startAt ?? null,
    class: rule.class,
    rule: rule.name,
    rule_version: ROLL_RULE_VERSION,
    confidence: ground.confidence ?? rule.confidence,
    is_sure: ledger.rows.some(isOwn) || ledger.proofs.length > 0,
    sentence: ground.sentence,
    last_signal: signals.at(-1)?.signal ?? null,
    last_signal_at: signals.at(-1)?.time ?? null,
    new_listed_at: view.fresh[0]?.time ?? null,
    old_dropped_at: view.dropped?.time ?? null,
    phases: phaseEntries(ledger),
    neighbors: network.addresses - 1,
    software: software ?? null,
    advice: adviseRoll(rule, software) ?? null,
    evidence: [...new Set(ground.rows)].map(idOf),
    first_at,
    last_at,
  };
}

function decide(view: RollView): { rule: (typeof ROLL_RULES)[number]; ground: RollGround } {
  for (const rule of ROLL_RULES) {
    const ground = rule.holds(view);
    if (ground !== undefined) return { rule, ground };
  }
  throw new Error('the last rule holds for every ledger');
}
