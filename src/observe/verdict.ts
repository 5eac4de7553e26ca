/** Verdict: what a trial shows, by the first rule that holds; each cites the rows that decided. */
import { type Attempt, idOf, isFragmented, type RowId } from './attempt.ts';
import { isLost, isWholeTry } from './loss.ts';
import { isMissingFragments, type Overlay, overlaysOf } from './overlay.ts';
import { type Trial, type TrialKey, WINDOW_MS } from './trial.ts';
import { type Outcome, VERDICT_CLASSES, type VerdictClass } from './verdict-class.ts';
import { type Confidence, type Ground, isRelated, type Rule, type TrialView } from './verdict-rule.ts';
import { RULES, type RuleName } from './verdict-rules.ts';

/** Raised whenever a rule changes, so that verdicts of two releases can be told apart. */
export const RULE_VERSION = 5;

export interface Verdict extends TrialKey {
  readonly class: VerdictClass;
  readonly outcome: Outcome;
  readonly rule_version: number;
  /** The rule that decided, by its name in the table. */
  readonly rule: RuleName;
  /** How sure the class is. */
  readonly confidence: Confidence;
  /** One sentence for a network administrator. */
  readonly sentence: string;
  /** What else was noticed; none of it makes or changes a class. */
  readonly overlays: readonly Overlay[];
  /** How the size arrived; null where nothing shows that it did. */
  readonly via: 'whole' | 'fragments' | 'tcp' | null;
  /** All addresses that asked the opening name or were sent an answer. */
  readonly sources: readonly string[];
  /** Those of them for which the class holds: the one that was sent the answer that arrived, or those that failed. */
  readonly about: readonly string[];
  /** Largest EDNS size offered over UDP; 0 where nothing was asked over UDP. */
  readonly offered: number;
  /** True where a failure would show by now as well: shares of failures in the end are of these trials. */
  readonly failure_known: boolean;
  /** True where the records tell of the first whole UDP answer whether it arrived: first failures are of these trials. */
  readonly first_tried: boolean;
  /** True where it shows no arrival: a loss on the path, even when recovered. */
  readonly first_lost: boolean;
  /** The address that this first answer was sent to; null where it was not lost. */
  readonly lost_by: string | null;
  /** True where the same resolver then got the size over TCP or with a smaller EDNS size: what others got recovers for nobody. */
  readonly recovered: boolean;
  readonly first_at: number;
  readonly last_at: number;
  /** The rows that decided. */
  readonly evidence: readonly RowId[];
}

/**
 * Classifies one trial; pure, so the same rows give the same verdict for ever.
 *
 * @param observedUntil how far the records reach, milliseconds since the epoch: silence counts only when we
 *   listened for a minute after the last row
 */
export function classify(trial: Trial, observedUntil: number): Verdict {
  const view = viewOf(trial, observedUntil);
  const { rule, ground } = decide(view);
  const { run, zone, size, options, arm, sources } = trial;
  const tried = firstTryOf(trial, observedUntil);
  const lost = tried !== undefined && isLost(tried) ? tried : undefined;
  const evidence = ground.attempts.flatMap(({ rows }) => rows);
  return {
    run,
    zone,
    size,
    options,
    arm,
    class: rule.class,
    outcome: VERDICT_CLASSES[rule.class].outcome,
    rule_version: RULE_VERSION,
    rule: rule.name,
    confidence: confidenceOf(rule, ground),
    sentence: ground.sentence,
    overlays: overlaysOf(trial),
    via: viaOf(ground),
    sources,
    about: aboutOf(trial, ground),
    offered: view.udp.reduce((most, { offered }) => Math.max(most, offered), 0),
    failure_known: isSilenceOver(trial, observedUntil),
    first_tried: tried !== undefined,
    first_lost: lost !== undefined,
    lost_by: lost?.src ?? null,
    recovered: lost !== undefined && isRecovery(rule.class, ground, lost),
    first_at: trial.firstAt,
    last_at: trial.lastAt,
    evidence: [
      ...evidence,
      ...[...trial.strangers, ...trial.late, ...(ground.rows ?? [])].map(idOf),
      ...(evidence.length === 0 ? trial.gates.map(idOf) : []),
    ],
  };
}

function isRecovery(name: VerdictClass, { winner }: Ground, lost: Attempt): boolean {
  const isOtherWay = name === 'LOSS_TCP_OK' || name === 'UDP_OK_SMALLER';
  return isOtherWay && winner !== undefined && isRelated(lost, winner);
}

/** Whether what shows no arrival by now counts as lost: we listened long enough, to all, and no receipt is left unexplained. */
export function isSilenceOver(
  { lastAt, strangers, late, holes, unread }: Trial,
  observedUntil: number,
): boolean {
  const unexplained = [strangers, late, holes, unread].some((rows) => rows.length > 0);
  return observedUntil - lastAt >= WINDOW_MS && !unexplained;
}

/**
 * The first whole answer over UDP, of trials whose silence would be over, whatever became of it: arrivals show at once and losses after a
 * minute, so others would count too well.
 *
 * @returns undefined also where only its receipt is known: of those that were lost at that server nobody knows
 */
export function firstTryOf(trial: Trial, observedUntil: number): Attempt | undefined {
  const first = trial.attempts.find(isWholeTry);
  return first?.node !== '' && isSilenceOver(trial, observedUntil) ? first : undefined;
}

function viewOf(trial: Trial, observedUntil: number): TrialView {
  const clean = trial.attempts.filter(({ isClean }) => isClean);
  const udp = clean.filter(({ proto }) => proto === 'udp');
  return {
    trial,
    clean,
    udp,
    full: udp.filter(isWholeTry),
    truncated: udp.filter(({ tc }) => tc),
    tcp: clean.filter(({ proto }) => proto !== 'udp'),
    isMissingFragments: isMissingFragments(trial),
    isClosed: observedUntil - trial.lastAt >= WINDOW_MS,
  };
}

function decide(view: TrialView): { rule: (typeof RULES)[number]; ground: Ground } {
  for (const rule of RULES) {
    const ground = rule.holds(view);
    if (ground !== undefined) return { rule, ground };
  }
  throw new Error('the last rule holds for every trial');
}

function viaOf({ winner }: Ground): Verdict['via'] {
  if (winner === undefined) return null;
  if (winner.proto !== 'udp') return 'tcp';
  return isFragmented(winner) ? 'fragments' : 'whole';
}

/** A receipt of another address leaves open which of them got the answer; an acknowledgement, whether a middlebox did. */
function confidenceOf(rule: Rule, { winner, confidence }: Ground): Confidence {
  const isWeak = winner?.proof === 'joined' || winner?.proof === 'acked';
  const own = confidence ?? rule.confidence;
  return isWeak && own === 'high' ? 'medium' : own;
}

function aboutOf({ sources }: Trial, { winner, attempts, failed = attempts }: Ground): readonly string[] {
  if (winner !== undefined) return [winner.src];
  return failed.length === 0 ? sources : [...new Set(failed.map(({ src }) => src))].sort();
}
