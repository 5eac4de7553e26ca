/** Path limit: the largest whole datagram, whether fragments pass, and the largest answer put together again; each with bounds. */
import { isLossy, reachedSource, type Surroundings } from './ability.ts';
import { ALWAYS_WHOLE, type Attempt, isFragmented, isProven, mayBeCut } from './attempt.ts';
import { tellingOf } from './loss.ts';
import { countLosses, isControlled } from './loss-count.ts';
import { LOSSES_NEEDED } from './sequential.ts';

/** Of one source, whose address has one IP version. All sizes are octets of the DNS message; null where nothing is known. */
export interface PathLimit {
  readonly ip_version: 4 | 6;
  /** Largest that arrived in one packet: no router can have cut it. */
  readonly whole_passed: number | null;
  /** Largest that left in one packet and arrived, cut on the way or not. */
  readonly left_whole_passed: number | null;
  /** Smallest above that which never arrived, and was lost while smaller answers arrived before and after; how often. */
  readonly whole_lost: number | null;
  readonly whole_lost_times: number;
  /** `blocked` where the sequential test says so since the last that arrived, and what leaves whole of about a fragment's size passes. */
  readonly fragments: 'pass' | 'blocked' | 'unknown';
  readonly fragments_tried: number;
  readonly fragments_arrived: number;
  /** Largest that arrived in fragments, and what was lost above it, as for whole ones. */
  readonly reassembled_passed: number | null;
  readonly reassembled_lost: number | null;
  readonly reassembled_lost_times: number;
}

/** Where so much that left whole arrives, a fragment would, as far as size goes: a router that cuts the one cuts the other. */
const NEARLY_A_FRAGMENT = 1400;

/**
 * What the path to one source takes.
 *
 * @param attempts all of the source, of trials that are over
 * @returns one for each IP version over which an answer could show its arrival
 */
export function pathLimits(attempts: readonly Attempt[], surroundings: Surroundings): PathLimit[] {
  return ([4, 6] as const).flatMap((version) => {
    // TC=1 is small, whatever the path takes.
    const own = attempts.filter(
      ({ proto, ipVersion, tc }) => proto === 'udp' && ipVersion === version && !tc,
    );
    const tries = { proven: own.filter(isProven), lost: tellingOf(own, surroundings.excuseOf).telling };
    return tries.proven.length + tries.lost.length === 0 ? [] : [pathLimit(version, tries, surroundings)];
  });
}

/** Answers over UDP that arrived somewhere, and those that show no arrival although they could. */
interface Tries {
  readonly proven: readonly Attempt[];
  readonly lost: readonly Attempt[];
}

function pathLimit(ip_version: 4 | 6, tries: Tries, surroundings: Surroundings): PathLimit {
  const whole = only(tries, (each) => !isFragmented(each));
  const pieces = only(tries, isFragmented);
  const [wholePassed, piecesPassed] = [largestPassed(whole), largestPassed(pieces)];
  const uncut = only(whole, (each) => !mayBeCut(each) || each.sent <= ALWAYS_WHOLE);
  const wholeLost = lossAbove(wholePassed, whole.lost, tries, surroundings);
  const piecesLost = lossAbove(piecesPassed, pieces.lost, tries, surroundings);
  const arrived = pieces.proven.filter(reachedSource).length;
  return {
    ip_version,
    whole_passed: largestPassed(uncut),
    left_whole_passed: wholePassed,
    whole_lost: wholeLost?.octets ?? null,
    whole_lost_times: wholeLost?.times ?? 0,
    fragments: isBlocked(pieces, whole, surroundings) ? 'blocked' : arrived > 0 ? 'pass' : 'unknown',
    fragments_tried: arrived + pieces.lost.length,
    fragments_arrived: arrived,
    reassembled_passed: piecesPassed,
    reassembled_lost: piecesLost?.octets ?? null,
    reassembled_lost_times: piecesLost?.times ?? 0,
  };
}

/** Whether it is fragments that the path does not take, or no longer, and neither their size nor loss at random. */
function isBlocked(pieces: Tries, whole: Tries, surroundings: Surroundings): boolean {
  const passed = largestPassed(whole) ?? 0;
  const lostBelow = whole.lost.filter(({ sent }) => sent <= passed).length;
  const lastArrival = pieces.proven.reduce((last, { at }) => Math.max(last, at), Number.NEGATIVE_INFINITY);
  const recent = pieces.lost.filter(({ at }) => at > lastArrival);
  const telling = recent.filter(({ sent }) => passed >= Math.min(sent, NEARLY_A_FRAGMENT));
  const lostBefore = pieces.lost.length - recent.length;
  return (
    pieces.proven.every(reachedSource) &&
    !isLossy(lostBefore, lostBefore + pieces.proven.length) &&
    !isLossy(lostBelow, lostBelow + whole.proven.length) &&
    countLosses(telling, surroundings).independent >= LOSSES_NEEDED
  );
}

/** Above what passed, and of a size that never arrived: anything else is loss that comes and goes. */
function lossAbove(
  passed: number | null,
  lost: readonly Attempt[],
  { proven }: Tries,
  { bracketOf }: Surroundings,
): { readonly octets: number; readonly times: number } | undefined {
  const arrived = new Set(proven.map(({ sent }) => sent));
  const sizes = lost
    .filter((loss) => loss.sent > (passed ?? 0) && !arrived.has(loss.sent) && isControlled(bracketOf(loss)))
    .map(({ sent }) => sent);
  if (sizes.length === 0) return undefined;
  const octets = sizes.reduce((least, size) => Math.min(least, size));
  return { octets, times: sizes.filter((size) => size === octets).length };
}

function only({ proven, lost }: Tries, holds: (attempt: Attempt) => boolean): Tries {
  return { proven: proven.filter(holds), lost: lost.filter(holds) };
}

function largestPassed({ proven }: Tries): number | null {
  return proven
    .filter(reachedSource)
    .reduce<number | null>((most, { sent }) => Math.max(most ?? 0, sent), null);
}
