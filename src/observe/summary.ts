/** Summary: verdicts by source address and size, for tables that people read. */
import { type Ability, judgeAbility } from './ability.ts';
import type { Attempt } from './attempt.ts';
import { spanOf } from './span.ts';
import { type Trial, WINDOW_MS } from './trial.ts';
import type { Verdict } from './verdict.ts';
import type { VerdictClass } from './verdict-class.ts';

/** What one source got at one size. */
export interface SummaryRow {
  readonly source: string;
  /** Octets asked for. */
  readonly size: number;
  readonly arm: string;
  /** Largest EDNS size it offered over UDP; 0 where it never asked over UDP. */
  readonly offered: number;
  /** Trials by how they ended; together they are all trials of the row. */
  readonly whole: number;
  readonly fragments: number;
  readonly tcp: number;
  readonly failed: number;
  readonly open: number;
  /** Trials whose first UDP answer shows no arrival, recovered or not. */
  readonly first_lost: number;
  readonly classes: Readonly<Partial<Record<VerdictClass, number>>>;
  readonly ability: Ability;
  /** Whole answers over UDP that could have shown their arrival, and how many of them did. */
  readonly tried: number;
  readonly arrived: number;
  readonly reason: string;
  readonly first_at: number;
  readonly last_at: number;
}

/** One row for each (source, arm, size), in order of address, arm, and size. */
export function summarize(
  trials: readonly Trial[],
  verdicts: readonly Verdict[],
  observedUntil: number,
): SummaryRow[] {
  const groups = new Map<string, { of: Cell; verdicts: Verdict[] }>();
  for (const verdict of verdicts) {
    for (const source of verdict.sources) {
      const of = { source, size: verdict.size, arm: verdict.arm };
      const group = groups.get(cellKey(of));
      if (group === undefined) groups.set(cellKey(of), { of, verdicts: [verdict] });
      else group.verdicts.push(verdict);
    }
  }
  const attempts = attemptsByCell(trials, observedUntil);
  return [...groups.values()]
    .map(({ of, verdicts: own }) => summaryRow(of, own, attempts.get(cellKey(of)) ?? []))
    .sort((a, b) => compareText(a.source, b.source) || compareText(a.arm, b.arm) || a.size - b.size);
}

interface Cell {
  readonly source: string;
  readonly size: number;
  readonly arm: string;
}

function cellKey({ source, size, arm }: Cell): string {
  return `${source}|${size}|${arm}`;
}

/** Attempts of trials that are over: in others the proof may still come. */
function attemptsByCell(trials: readonly Trial[], observedUntil: number): Map<string, Attempt[]> {
  const cells = new Map<string, Attempt[]>();
  for (const { attempts, size, arm, lastAt, strangers } of trials) {
    for (const attempt of attempts) {
      const isOver = strangers.length === 0 && observedUntil - lastAt >= WINDOW_MS;
      if (attempt.proof === 'none' && !attempt.tc && !isOver) continue;
      const key = cellKey({ source: attempt.src, size, arm });
      const cell = cells.get(key);
      if (cell === undefined) cells.set(key, [attempt]);
      else cell.push(attempt);
    }
  }
  return cells;
}

function summaryRow(of: Cell, verdicts: readonly Verdict[], attempts: readonly Attempt[]): SummaryRow {
  const count = (holds: (verdict: Verdict) => boolean) => verdicts.filter(holds).length;
  const classes: Partial<Record<VerdictClass, number>> = {};
  for (const { class: name } of verdicts) classes[name] = (classes[name] ?? 0) + 1;
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
    open: count(({ outcome, via }) => outcome === 'open' && via === null),
    first_lost: count(({ first_lost }) => first_lost),
    classes,
    ...judgeAbility(of.size, attempts),
    ...spanOf(verdicts),
  };
}

/** By code unit, so that the order does not depend on the locale. */
function compareText(a: string, b: string): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}
