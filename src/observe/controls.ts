/** Controls: answers that a source received before and after a loss; its path was up, so the size is to blame. */
import type { Attempt } from './attempt.ts';
import { countUpTo } from './moment.ts';
import { indexNearest, type Nearest } from './nearest.ts';
import type { Trial } from './trial.ts';

/**
 * A measured answer that reached the very source, TC=1 included.
 *
 * It asked for the receipt, returned the cookie, or acknowledged the last octet over TCP. That a query follows an opening answer
 * is no sign: anybody may ask both names in the name of another.
 */
export interface Control {
  /** When it left, milliseconds since the epoch. */
  readonly at: number;
  /** Octets of the DNS message; 0 over TCP, which cuts every answer into segments that fit. */
  readonly octets: number;
}

/** The nearest controls around a loss: smaller than it or over TCP, from the same node and address, within an hour. */
export interface Bracket {
  readonly before: Control | undefined;
  readonly after: Control | undefined;
}

/** How far a control may be: two losses are told apart by the control between them, however long an outage lasts. */
const CONTROL_MS = 3_600_000;

/** Controls of one source from one place, in order of time. */
interface Line {
  readonly controls: readonly Control[];
  readonly nearest: Nearest;
}

/** Finds the bracket of a loss among `trials`. */
export function indexControls(trials: readonly Trial[]): (loss: Attempt) => Bracket {
  // Made at the first question: a report without losses needs none of it.
  let places: ReadonlyMap<string, Control[]> | undefined;
  const lines = new Map<string, Line>();
  return (loss) => {
    places ??= controlsByPlace(trials);
    const place = placeOf(loss);
    const line = lines.get(place) ?? lineOf(places.get(place) ?? []);
    lines.set(place, line);
    return bracketOf(loss, line);
  };
}

/** Where it left from: another address of ours is another path. */
function placeOf({ src, node, dst }: Attempt): string {
  return `${src}|${node}|${dst}`;
}

function controlsByPlace(trials: readonly Trial[]): Map<string, Control[]> {
  const places = new Map<string, Control[]>();
  for (const { attempts } of trials) {
    for (const attempt of attempts) {
      if (!isControl(attempt)) continue;
      const control = { at: attempt.at, octets: attempt.proto === 'udp' ? attempt.sent : 0 };
      const known = places.get(placeOf(attempt));
      if (known === undefined) places.set(placeOf(attempt), [control]);
      else known.push(control);
    }
  }
  return places;
}

/** An attempt known by its receipt alone does not say where it left from. */
function isControl({ proof, dst }: Attempt): boolean {
  return dst !== '' && (proof === 'own' || proof === 'cookie' || proof === 'acked');
}

function lineOf(found: readonly Control[]): Line {
  const controls = found.toSorted((a, b) => a.at - b.at);
  return { controls, nearest: indexNearest(controls.map(({ octets }) => octets)) };
}

function bracketOf({ at, sent }: Attempt, { controls, nearest }: Line): Bracket {
  const middle = countUpTo(controls, at);
  return { before: within(nearest.before(middle, sent)), after: within(nearest.from(middle, sent)) };

  function within(place: number | undefined): Control | undefined {
    const control = place === undefined ? undefined : controls[place];
    return control !== undefined && Math.abs(control.at - at) <= CONTROL_MS ? control : undefined;
  }
}
