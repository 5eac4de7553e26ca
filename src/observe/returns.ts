/** Returns: what each receipt of a trial is good for. */
import { type Attempt, attemptOfReceipt, rowKey } from './attempt.ts';
import type { Draft, Return } from './draft.ts';
import type { Observation } from './observation.ts';

export interface SortedReturns {
  /** By the key of the measured row that they prove. */
  readonly proofs: ReadonlyMap<string, { readonly row: Observation; readonly relation: 'own' | 'joined' }>;
  /** Receipts that prove an answer of another address of the run. */
  readonly joined: readonly Return[];
  /** Answers known by their receipt alone. */
  readonly orphans: readonly Attempt[];
  /** Those of an address that has nothing to do with the run. */
  readonly strangers: readonly Return[];
  /** First returns after the window. */
  readonly late: readonly Return[];
  /** Further returns of a receipt that had been returned. */
  readonly replays: readonly Return[];
}

/**
 * The best return of an answer proves it; a late or strange one credits nobody.
 *
 * @param isKnown whether an address belongs to the run, or is known to go with the address that the answer was sent to
 */
export function sortReturns(
  { returns, arm }: Draft,
  isKnown: (address: string, addressee: string) => boolean,
): SortedReturns {
  const proofs = new Map<string, { row: Observation; relation: 'own' | 'joined' }>();
  const sorted = {
    joined: [] as Return[],
    orphans: [] as Attempt[],
    strangers: [] as Return[],
    late: [] as Return[],
    replays: [] as Return[],
  };
  const kinds = returns.map((each) => ({ each, kind: kindOf(each, isKnown) }));
  const seen = new Set<string>();
  // Its own return proves it, whoever came before.
  for (const { each, kind } of kinds.sort((a, b) => RANKS.indexOf(a.kind) - RANKS.indexOf(b.kind))) {
    const { row, facts, of } = each;
    const instance = `${facts.node}|${facts.instance}|${facts.at}`;
    if (seen.has(instance)) sorted.replays.push(each);
    else if (kind === 'late') sorted.late.push(each);
    else if (kind === 'strange') sorted.strangers.push(each);
    else if (of === undefined) sorted.orphans.push(attemptOfReceipt(row, facts, arm));
    else proofs.set(rowKey(of), { row, relation: kind });
    if (kind === 'joined') sorted.joined.push(each);
    seen.add(instance);
  }
  return { proofs, ...sorted };
}

const RANKS = ['own', 'joined', 'strange', 'late'] as const;

function kindOf(
  { row, facts, of }: Return,
  isKnown: Parameters<typeof sortReturns>[1],
): (typeof RANKS)[number] {
  if (facts.relation === 'own') return 'own';
  if (facts.relation === 'replay') return 'late';
  // A dual-stack resolver often asks the receipt over its other family.
  return of !== undefined && isKnown(row.src, of.src) ? 'joined' : 'strange';
}
