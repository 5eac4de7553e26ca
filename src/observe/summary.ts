/** Summary: verdicts by source address and size, for tables that people read. */
import { type AbilityFinding, judgeAbility, type Surroundings } from './ability.ts';
import { isFragmented } from './attempt.ts';
import type { Chapter, Part } from './dossier.ts';
import { tellingOf } from './loss.ts';
import { spanOf } from './span.ts';
import { isSilentFailure, noTcpSince, type TcpFailures } from './tcp-failures.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictClass } from './verdict-class.ts';
import type { RuleName } from './verdict-rules.ts';

/** What one source got at one size. */
export interface SummaryRow extends AbilityFinding {
  readonly source: string;
  /** Octets asked for. */
  readonly size: number;
  readonly options: string;
  readonly arm: string;
  /** Largest EDNS size it offered over UDP; 0 where it never asked over UDP. */
  readonly offered: number;
  /** Trials by how they ended for this source; together they are all trials of the row. `failed` also silence after TC=1 that repeats itself. */
  readonly whole: number;
  readonly fragments: number;
  readonly tcp: number;
  readonly failed: number;
  /** Also those that another address of the run received. */
  readonly open: number;
  /** Trials whose first whole UDP answer went to this source, of which the records tell whether it arrived. */
  readonly first_tried: number;
  /** Those of them where it did not: a failure at first, recovered or not. */
  readonly first_lost: number;
  /** Those of them that went on over TCP or with a smaller EDNS size, and got the size, as `recovered` of a verdict says. */
  readonly recovered: number;
  /** Trials that came out well after a loss of its own, or of one of which the records do not say whose it was. */
  readonly well_after_loss: number;
  /** `first_lost` of `first_tried`; null where there is none. */
  readonly first_failure_rate: number | null;
  /** Trials that ended without the answer: `failed`, and where the ability is `CANNOT` the silent ones, which count by repetition. */
  readonly end_failed: number;
  /** Those, and the trials that got the size, as far as a failure would show by now as well: an arrival shows at once, a failure after a minute. */
  readonly end_tried: number;
  /** `end_failed` of `end_tried`; null where there is none. */
  readonly end_failure_rate: number | null;
  /** Since when TC=1 led the source to no TCP, at any size, in trials enough to be no accident; null where that is not so. */
  readonly no_tcp_since: number | null;
  readonly classes: Readonly<Partial<Record<VerdictClass, number>>>;
  readonly rules: Readonly<Partial<Record<RuleName | 'took-part', number>>>;
  /** Answers of a smaller size that is `FLAKY` got lost in the hour of one of its losses, or in one beside it. */
  readonly smaller_lost: boolean;
  /** Losses that left in more than one packet. */
  readonly lost_in_fragments: number;
  readonly first_at: number;
  readonly last_at: number;
}

/**
 * One row for each (options, arm, size), in that order.
 *
 * @param chapters of the source, smaller sizes first
 * @param tcpFailures of the same chapters
 */
export function summarize(
  source: string,
  chapters: readonly Chapter[],
  surroundings: Surroundings,
  tcpFailures: TcpFailures,
): SummaryRow[] {
  const around = { ...surroundings, noTcpSince: noTcpSince(tcpFailures) };
  const lossyHours = new Map<number, number>();
  const rows = chapters.map((chapter) => {
    const hours = new Set(lossTimes(chapter, surroundings).map((at) => Math.floor(at / HOUR_MS)));
    const isSmallerLost = [...hours].some((hour) =>
      [hour - 1, hour, hour + 1].some((near) => (lossyHours.get(near) ?? chapter.size) < chapter.size),
    );
    const row = summaryRow(source, chapter, around, isSmallerLost);
    if (row.ability === 'FLAKY')
      for (const hour of hours) lossyHours.set(hour, Math.min(row.size, lossyHours.get(hour) ?? row.size));
    return row;
  });
  return rows.sort(
    (a, b) => compareText(a.options, b.options) || compareText(a.arm, b.arm) || a.size - b.size,
  );
}

/** As far as a control may be from a loss. */
const HOUR_MS = 3_600_000;

/** When those left that speak of the path. */
function lossTimes({ attempts }: Chapter, { excuseOf }: Surroundings): number[] {
  return tellingOf(attempts, excuseOf).telling.map(({ at }) => at);
}

function summaryRow(
  source: string,
  chapter: Chapter,
  surroundings: Surroundings & { readonly noTcpSince: number | null },
  isSmallerLost: boolean,
): SummaryRow {
  const doubts = [
    ...(isSmallerLost ? ['smaller answers get lost as well'] : []),
    ...(chapter.isUnclear ? ['a receipt came late or from a stranger'] : []),
  ];
  const { size, options, arm, parts, attempts, offered, firstTried } = chapter;
  const { reason, ...ability } = judgeAbility(chapter, surroundings, doubts);
  const ends = countEnds(source, parts, surroundings.noTcpSince);
  const endFailed = ends.failed + (ability.ability === 'CANNOT' ? silentSince(parts, ability) : 0);
  const { first_at, last_at } = spanOf(parts.map(({ verdict }) => verdict));
  return {
    source,
    size,
    options,
    arm,
    offered,
    whole: ends.whole,
    fragments: ends.fragments,
    tcp: ends.tcp,
    failed: ends.failed,
    open: ends.open,
    first_tried: firstTried,
    first_lost: ends.firstLost,
    recovered: ends.recovered,
    well_after_loss: ends.wellAfterLoss,
    first_failure_rate: share(ends.firstLost, firstTried),
    end_failed: endFailed,
    end_tried: ends.got + endFailed,
    end_failure_rate: share(endFailed, ends.got + endFailed),
    no_tcp_since: surroundings.noTcpSince,
    classes: ends.classes,
    rules: ends.rules,
    ...ability,
    smaller_lost: isSmallerLost,
    lost_in_fragments: tellingOf(attempts, surroundings.excuseOf).telling.filter(isFragmented).length,
    reason,
    first_at,
    last_at,
  };
}

const AFTER_LOSS: readonly VerdictClass[] = ['UDP_OK_RETRY', 'UDP_OK_SMALLER', 'LOSS_TCP_OK'];

/** How the trials of one row ended for its source. */
function countEnds(source: string, parts: readonly Part[], noTcp: number | null) {
  const ends = { whole: 0, fragments: 0, tcp: 0, failed: 0, open: 0, got: 0, firstLost: 0, recovered: 0 };
  const classes: Partial<Record<VerdictClass, number>> = {};
  const rules: Partial<Record<RuleName | 'took-part', number>> = {};
  for (const { verdict, isAbout } of parts) {
    ends[isAbout ? endOf(verdict, noTcp) : 'open'] += 1;
    if (isAbout && verdict.via !== null && verdict.failure_known) ends.got += 1;
    increment(classes, isAbout ? verdict.class : 'INDETERMINATE');
    increment(rules, isAbout ? verdict.rule : 'took-part');
    if (verdict.lost_by !== source) continue;
    ends.firstLost += 1;
    if (verdict.recovered) ends.recovered += 1;
  }
  return {
    ...ends,
    wellAfterLoss: parts.filter((part) => isWellAfterLoss(part, source)).length,
    classes,
    rules,
  };
}

function isWellAfterLoss({ verdict, isAbout }: Part, source: string): boolean {
  return isAbout && AFTER_LOSS.includes(verdict.class) && (verdict.lost_by ?? source) === source;
}

/** Silent trials since the last arrival: they count by repetition. */
function silentSince(
  parts: readonly Part[],
  { lost_since: since }: Pick<AbilityFinding, 'lost_since'>,
): number {
  return parts.filter(
    ({ verdict, isAbout }) => isAbout && verdict.rule === 'silent' && verdict.last_at >= (since ?? 0),
  ).length;
}

function endOf(verdict: Verdict, noTcp: number | null): 'whole' | 'fragments' | 'tcp' | 'failed' | 'open' {
  const { via, outcome } = verdict;
  return via ?? (outcome === 'failed' || isSilentFailure(verdict, noTcp) ? 'failed' : 'open');
}

function increment<K extends string>(counts: Partial<Record<K, number>>, name: K): void {
  counts[name] = (counts[name] ?? 0) + 1;
}

/** To four places. */
function share(count: number, of: number): number | null {
  return of === 0 ? null : Math.round((count / of) * 10_000) / 10_000;
}

/** By code unit, so that the order does not depend on the locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
