/** Sparing: attempts whose silence proves nothing, because their asker had no reason to go on to the receipt. */
import { type Attempt, isProven, ONE_MOMENT_MS, QTYPE_CNAME } from './attempt.ts';
import type { Return } from './draft.ts';
import { countDuring, placeAfter, placeFrom } from './during.ts';
import { groupBy } from './group.ts';
import { indexNearest } from './nearest.ts';
import { FOLLOW_MS, WINDOW_MS } from './window.ts';

/**
 * The same attempts, those that show no arrival marked where an arrival would not have shown itself.
 *
 * A query from a stub resolver: `dig` does not go on to the receipt. One that was followed by a second return of an older receipt:
 * PowerDNS fetches the measured answer anew for every TYPE that its user asks for, and goes on with the receipt that it knows from
 * the first. One that stands beside a proven attempt, for another TYPE or of the same moment: one receipt is enough to go on; but not
 * one that was missed. And one that was followed by a query for the CNAME itself: who minimizes asks for A on the way there.
 *
 * @param attempts in order of time
 * @param missed those of them that were asked for again, because nothing had come
 */
export function spare(
  attempts: readonly Attempt[],
  replays: readonly Return[],
  missed: ReadonlySet<Attempt>,
): Attempt[] {
  const isFollowed = indexReplays(replays);
  const isBeside = indexProven(attempts.filter(isProven));
  const isForAlias = indexAliasSeekers(attempts);
  return attempts.map((attempt) => {
    if (isProven(attempt)) return attempt;
    const isMissed = missed.has(attempt);
    const isSpared =
      attempt.isStub || isFollowed(attempt) || isForAlias(attempt) || (isBeside(attempt) && !isMissed);
    return isSpared ? { ...attempt, canProve: false } : { ...attempt, isMissed };
  });
}

type Test = (attempt: Attempt) => boolean;

function indexReplays(replays: readonly Return[]): Test {
  const bySource = new Map(
    [...groupBy(replays, ({ row }) => row.src)].map(([src, own]) => {
      const sorted = own.toSorted((a, b) => a.row.time - b.row.time);
      const times = sorted.map(({ row }) => row.time);
      return [src, { times, oldest: indexNearest(sorted.map(({ facts }) => facts.at)) }];
    }),
  );
  return ({ src, at }) => {
    const own = bySource.get(src);
    const place = own?.oldest.from(placeFrom(own.times, at), at);
    return place !== undefined && (own?.times[place] ?? at) - at <= FOLLOW_MS;
  };
}

function indexProven(proven: readonly Attempt[]): Test {
  const kind = ({ src, proto, tc }: Attempt) => `${src} ${proto} ${tc}`;
  const any = momentsBy(proven, kind);
  const alike = momentsBy(proven, (each) => `${kind(each)} ${each.qtype}`);
  return (attempt) => {
    const { at, qtype } = attempt;
    const near = any.get(kind(attempt));
    if (near === undefined) return false;
    const ofType = alike.get(`${kind(attempt)} ${qtype}`) ?? [];
    const [from, to] = [at - WINDOW_MS, at + WINDOW_MS];
    const isOtherType = countDuring(near, from, to) > countDuring(ofType, from, to);
    return isOtherType || placeFrom(near, at + ONE_MOMENT_MS) > placeAfter(near, at - ONE_MOMENT_MS);
  };
}

function indexAliasSeekers(attempts: readonly Attempt[]): Test {
  const seekers = momentsBy(
    attempts.filter(({ qtype }) => qtype === QTYPE_CNAME),
    ({ asker }) => asker,
  );
  return ({ asker, at }) => countDuring(seekers.get(asker) ?? [], at, at + FOLLOW_MS) > 0;
}

/** @param attempts in order of time */
function momentsBy(attempts: readonly Attempt[], keyOf: (attempt: Attempt) => string): Map<string, number[]> {
  return new Map([...groupBy(attempts, keyOf)].map(([key, own]) => [key, own.map(({ at }) => at)]));
}
