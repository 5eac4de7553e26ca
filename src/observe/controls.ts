/** Controls: smaller answers that a source received before and after a loss; its path was up, so the size is to blame. */
import type { Attempt } from './attempt.ts';
import { countUpTo } from './moment.ts';
import type { Observation } from './observation.ts';
import { FOLLOW_MS, type Trial } from './trial.ts';

/**
 * An answer that reached the source over UDP.
 *
 * Either a measured one, TC=1 included, whose receipt the very source asked for or whose cookie it returned; or an opening
 * answer that it followed within two seconds, which only who received it can.
 */
export interface Control {
  /** When it left, milliseconds since the epoch. */
  readonly at: number;
  /** Octets of the DNS message. */
  readonly octets: number;
  /** Where it left from: another address of ours is another path. */
  readonly node: string;
  readonly dst: string;
}

/** The nearest controls around a loss: smaller than it, from the same node and address, within an hour. */
export interface Bracket {
  readonly before: Control | undefined;
  readonly after: Control | undefined;
}

/** How far a control may be: two losses are told apart by the control between them, however long an outage lasts. */
const CONTROL_MS = 3_600_000;

/** Finds the bracket of a loss among `trials`. */
export function indexControls(trials: readonly Trial[]): (loss: Attempt) => Bracket {
  const trialsOf = new Map<string, Trial[]>();
  for (const trial of trials) {
    for (const source of trial.sources) {
      const own = trialsOf.get(source);
      if (own === undefined) trialsOf.set(source, [trial]);
      else own.push(trial);
    }
  }
  const controls = new Map<string, readonly Control[]>();
  function controlsOf(source: string): readonly Control[] {
    const known = controls.get(source);
    if (known !== undefined) return known;
    const found = (trialsOf.get(source) ?? [])
      .flatMap((trial) => controlsIn(trial, source))
      .sort((a, b) => a.at - b.at);
    controls.set(source, found);
    return found;
  }
  return (loss) => bracketOf(loss, controlsOf(loss.src));
}

/** What a source is known to have received of one trial. */
function controlsIn({ attempts, gates }: Trial, source: string): Control[] {
  const own = attempts.filter(({ src }) => src === source);
  const opening = gates.filter((gate) => gate.src === source && isOpening(gate));
  // A query that comes later may follow another one.
  const followed = new Set(
    own.flatMap(({ at }) => opening.findLast(({ time }) => time <= at && at - time <= FOLLOW_MS) ?? []),
  );
  return [
    ...[...followed].map(({ time, res_len, node, dst }) => ({ at: time, octets: res_len, node, dst })),
    ...own.filter(reachedSource).map(({ at, sent, node, dst }) => ({ at, octets: sent, node, dst })),
  ];
}

function isOpening({ proto, action, tc }: Observation): boolean {
  return proto === 'udp' && action === 'answer' && !tc;
}

/** An attempt known by its receipt alone does not say where it left from. */
function reachedSource({ proto, proof, dst }: Attempt): boolean {
  return proto === 'udp' && dst !== '' && (proof === 'own' || proof === 'cookie');
}

/** @param controls of the source, in order of time */
function bracketOf(loss: Attempt, controls: readonly Control[]): Bracket {
  const fits = ({ octets, node, dst }: Control) =>
    octets < loss.sent && node === loss.node && dst === loss.dst;
  const middle = countUpTo(controls, loss.at);
  return { before: nearest(controls, middle - 1, -1), after: nearest(controls, middle, 1) };

  function nearest(list: readonly Control[], from: number, step: 1 | -1): Control | undefined {
    for (let at = from; ; at += step) {
      const control = list[at];
      if (control === undefined || Math.abs(control.at - loss.at) > CONTROL_MS) return undefined;
      if (fits(control)) return control;
    }
  }
}
