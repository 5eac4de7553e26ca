/** Vote: many trials of one source, or many sources of one network, counted as one. */
import { type Outcome, VERDICT_CLASSES, type VerdictClass } from './verdict-class.ts';

/** One ballot, and what many of them come to. */
export interface Ballot {
  readonly class: VerdictClass;
  readonly outcome: Outcome;
  /** Whether the first whole answer over UDP shows no arrival. */
  readonly isFirstLost: boolean;
  /** Whether any of those behind it failed. */
  readonly hasFailed: boolean;
}

/** Worse ones stand further down in the table of classes. */
const ORDER = Object.keys(VERDICT_CLASSES);

/**
 * One ballot for all of them: what most of those that conclude say, and the worse where they are even.
 *
 * Open ones have no say where any concludes. The class is the commonest of the outcome that won.
 *
 * @param ballots at least one
 */
export function vote(ballots: readonly Ballot[]): Ballot {
  const concluded = ballots.filter(({ outcome }) => outcome !== 'open');
  const voters = concluded.length === 0 ? ballots : concluded;
  const isHalf = (holds: (ballot: Ballot) => boolean) => 2 * voters.filter(holds).length >= voters.length;
  const hasLost = isHalf(({ outcome }) => outcome === 'failed');
  const outcome = concluded.length === 0 ? 'open' : hasLost ? 'failed' : 'delivered';
  return {
    class: commonest(voters.filter((each) => each.outcome === outcome).map((each) => each.class)),
    outcome,
    isFirstLost: isHalf(({ isFirstLost }) => isFirstLost),
    hasFailed: ballots.some(({ hasFailed }) => hasFailed),
  };
}

function commonest(classes: readonly VerdictClass[]): VerdictClass {
  const counts = new Map<VerdictClass, number>();
  for (const name of classes) counts.set(name, (counts.get(name) ?? 0) + 1);
  const [first] = [...counts].sort(
    ([a, often], [b, oftener]) => oftener - often || ORDER.indexOf(b) - ORDER.indexOf(a),
  );
  if (first === undefined) throw new RangeError('a vote without ballots');
  return first[0];
}
