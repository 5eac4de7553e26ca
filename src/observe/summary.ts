/** Summary: verdicts by source address and size, for tables that people read. */
import { type Ability, judgeAbility, lostOf } from './ability.ts';
import { type Attempt, isFragmented } from './attempt.ts';
import { spanOf } from './span.ts';
import type { Trial } from './trial.ts';
import { isSilenceOver, type Verdict } from './verdict.ts';
import type { VerdictClass } from './verdict-class.ts';
import type { RuleName } from './verdict-rules.ts';

/** One trial, what it shows, and how far the records of it reach, milliseconds since the epoch. */
export interface Judged {
  readonly trial: Trial;
  readonly verdict: Verdict;
  readonly observedUntil: number;
}

/** What one source got at one size. */
export interface SummaryRow {
  readonly source: string;
  /** Octets asked for. */
  readonly size: number;
  readonly options: string;
  readonly arm: string;
  /** Largest EDNS size it offered over UDP; 0 where it never asked over UDP. */
  readonly offered: number;
  /** Trials by how they ended for this source; together they are all trials of the row. */
  readonly whole: number;
  readonly fragments: number;
  readonly tcp: number;
  readonly failed: number;
  /** Also those that another address of the run received. */
  readonly open: number;
  /** Trials whose first UDP answer went to this source and shows no arrival, recovered or not. */
  readonly first_lost: number;
  /** Those of them that went on over TCP or with a smaller EDNS size, and got the size. */
  readonly recovered: number;
  readonly classes: Readonly<Partial<Record<VerdictClass, number>>>;
  readonly rules: Readonly<Partial<Record<RuleName | 'took-part', number>>>;
  readonly ability: Ability;
  /** Whole answers over UDP that could have shown their arrival, and how many of them did. */
  readonly tried: number;
  readonly arrived: number;
  /** Those that did not and left in more than one packet. */
  readonly lost_in_fragments: number;
  readonly reason: string;
  readonly first_at: number;
  readonly last_at: number;
}

/** One row for each (source, options, arm, size), in that order. */
export function summarize(judged: readonly Judged[]): SummaryRow[] {
  const groups = new Map<string, Group>();
  function groupOf(source: string, { size, options, arm }: Trial): Group {
    const key = [source, size, options, arm].join('|');
    const known = groups.get(key);
    if (known !== undefined) return known;
    const group = { of: { source, size, options, arm }, verdicts: [], attempts: [] };
    groups.set(key, group);
    return group;
  }
  for (const { trial, verdict, observedUntil } of judged) {
    for (const source of verdict.sources) groupOf(source, trial).verdicts.push(verdict);
    // In a trial that goes on the proof may still come.
    const isOver = isSilenceOver(trial, observedUntil);
    for (const attempt of trial.attempts)
      if (attempt.proof !== 'none' || attempt.tc || isOver)
        groupOf(attempt.src, trial).attempts.push(attempt);
  }
  return [...groups.values()]
    .map(summaryRow)
    .sort(
      (a, b) =>
        compareText(a.source, b.source) ||
        compareText(a.options, b.options) ||
        compareText(a.arm, b.arm) ||
        a.size - b.size,
    );
}

interface Group {
  readonly of: Pick<SummaryRow, 'source' | 'size' | 'options' | 'arm'>;
  readonly verdicts: Verdict[];
  readonly attempts: Attempt[];
}

function summaryRow({ of, verdicts, attempts }: Group): SummaryRow {
  const own = verdicts.filter(({ about }) => about.includes(of.source));
  const others = verdicts.length - own.length;
  const count = (holds: (verdict: Verdict) => boolean) => own.filter(holds).length;
  const lost = verdicts.filter(({ lost_by }) => lost_by === of.source);
  return {
    ...of,
    offered: attempts.reduce(
      (most, { proto, offered }) => (proto === 'udp' ? Math.max(most, offered) : most),
      0,
    ),
    whole: count(({ via }) => via === 'whole'),
    fragments: count(({ via }) => via === 'fragments'),
    tcp: count(({ via }) => via === 'tcp'),
    failed: count(({ outcome }) => outcome === 'failed'),
    open: count(({ outcome, via }) => outcome === 'open' && via === null) + others,
    first_lost: lost.length,
    recovered: lost.filter(({ class: name }) => name === 'LOSS_TCP_OK' || name === 'UDP_OK_SMALLER').length,
    classes: tally([
      ...own.map((each) => each.class),
      ...Array<'INDETERMINATE'>(others).fill('INDETERMINATE'),
    ]),
    rules: tally([...own.map(({ rule }) => rule), ...Array<'took-part'>(others).fill('took-part')]),
    ...judgeAbility(of.size, attempts),
    lost_in_fragments: lostOf(attempts).filter(isFragmented).length,
    ...spanOf(verdicts),
  };
}

function tally<K extends string>(names: readonly K[]): Partial<Record<K, number>> {
  const counts: Partial<Record<K, number>> = {};
  for (const name of names) counts[name] = (counts[name] ?? 0) + 1;
  return counts;
}

/** By code unit, so that the order does not depend on the locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
