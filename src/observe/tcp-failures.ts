/** TCP failures: trials in which TCP brought nothing to one source, since it last worked there (RFC 7766 §5). */

import { OFTEN } from './advice-words.ts';
import { type Attempt, isProven } from './attempt.ts';
import type { Chapter, Part } from './dossier.ts';
import type { Excuses } from './loss.ts';
import type { Verdict } from './verdict.ts';
import type { RuleName } from './verdict-rules.ts';

/** `untried`: no query came over TCP. `broken`: the connection ended before one. `stalled`: its answer shows no arrival. */
export type TcpFailureKind = 'untried' | 'broken' | 'stalled';

/** Rules by which an answer over TCP left and was not acknowledged. */
export const STALLS = ['tc-tcp-stall', 'loss-tcp-stall'] as const satisfies readonly RuleName[];

const RULES: Readonly<Record<TcpFailureKind, readonly RuleName[]>> = {
  untried: ['tc-no-tcp', 'silent-after-tc'],
  broken: ['tc-tcp-broken'],
  stalled: [...STALLS, 'tcp-unproven'],
};

/** One trial. */
export interface TcpFailure {
  readonly verdict: Verdict;
  /** When TCP last worked before it, milliseconds since the epoch; null for never. */
  readonly workedAt: number | null;
  /** What did not get through. */
  readonly attempts: readonly Attempt[];
}

export interface TcpFailures extends Readonly<Record<TcpFailureKind, readonly TcpFailure[]>> {
  /** Answers over TCP that arrived, those to `dig` and the like apart. */
  readonly arrivals: readonly Attempt[];
  /** What `dig` and the like asked over TCP. */
  readonly programs: readonly Attempt[];
}

/** One trial is an accident, or somebody who asked in the name of the source. */
const REPEATED = 2;
/** Where TCP worked before, it takes more trials, and not all of one moment, behind which one outage may be. */
const RELAPSE = { trials: OFTEN, apartMs: 600_000 } as const;

/** Whether they are no accident. @param failures of one kind, of one source */
export function isRepeated(failures: readonly TcpFailure[]): boolean {
  if (failures.filter(({ workedAt }) => workedAt === null).length >= REPEATED) return true;
  const moments = failures.map(({ verdict }) => verdict.first_at);
  const [first, last] = [earliest(moments), latest(moments)];
  return failures.length >= RELAPSE.trials && last - first >= RELAPSE.apartMs;
}

/**
 * Finds the failures that no TCP of the same source came after.
 *
 * What `dig` and the like ask from its address shows nothing of the resolver there, but that the way is open. An answer that arrives
 * shows that smaller ones can.
 */
export function findTcpFailures(chapters: readonly Chapter[], excuseOf: Excuses): TcpFailures {
  const parts = chapters.flatMap((chapter) => chapter.parts);
  const streams = parts.flatMap(({ attempts }) => attempts.filter(({ proto }) => proto === 'tcp'));
  // A forwarder may pass AD on.
  const passesAd = parts.some(({ attempts }) => attempts.some((each) => each.ad && isFollowed(each)));
  const isOfProgram = (each: Attempt) => (each.isStub || (each.ad && !passesAd)) && !isFollowed(each);
  const askedAt = latest(streams.filter((each) => !isOfProgram(each)).map(({ at }) => at));
  const arrivedAt = indexArrivals(streams.filter(isProven));
  function since(kind: TcpFailureKind): TcpFailure[] {
    return parts
      .filter((part) => part.isAbout && RULES[kind].includes(part.verdict.rule))
      .flatMap((part) => {
        const workedAt = kind === 'stalled' ? arrivedAt(part.verdict.size) : askedAt;
        if (workedAt >= part.verdict.first_at) return [];
        const attempts = failedIn(part, kind).filter((each) => excuseOf(each) === undefined);
        if (attempts.length === 0) return [];
        return [
          {
            verdict: part.verdict,
            workedAt: Number.isFinite(workedAt) ? workedAt : null,
            attempts,
          },
        ];
      });
  }
  return {
    untried: since('untried'),
    broken: since('broken'),
    stalled: withoutChance(since('stalled')),
    arrivals: streams.filter((each) => isProven(each) && !isOfProgram(each)),
    programs: streams.filter(isOfProgram),
  };
}

/** Since when TC=1 leads to no TCP; null where it does, or nobody knows. */
export function noTcpSince({ untried }: TcpFailures): number | null {
  return isRepeated(untried) ? earliest(untried.map(({ verdict }) => verdict.first_at)) : null;
}

/**
 * Whether silence after TC=1 is a failure all the same, because it goes on and on.
 *
 * @param since as `noTcpSince` says of the source
 */
export function isSilentFailure(
  { rule, first_at: at }: Pick<Verdict, 'rule' | 'first_at'>,
  since: number | null,
): boolean {
  return rule === 'silent-after-tc' && since !== null && at >= since;
}

/** What went on to a receipt is a resolver, and no program of a user. */
function isFollowed({ proof }: Attempt): boolean {
  return proof === 'own' || proof === 'joined';
}

function failedIn({ attempts }: Part, kind: TcpFailureKind): Attempt[] {
  return attempts.filter(({ proto, tc }) => (kind === 'stalled' ? proto === 'tcp' : proto === 'udp' && tc));
}

/** Without those of which nobody knows whether TCP stalled, where no other of the size did, and they are few. */
function withoutChance(stalled: readonly TcpFailure[]): TcpFailure[] {
  const weights = new Map<number, number>();
  for (const { verdict } of stalled) {
    const weight = verdict.rule === 'tcp-unproven' ? 1 : OFTEN;
    weights.set(verdict.size, (weights.get(verdict.size) ?? 0) + weight);
  }
  return stalled.filter(({ verdict }) => (weights.get(verdict.size) ?? 0) >= OFTEN);
}

/** Tells when so many octets or more last arrived; `-Infinity` for never. */
function indexArrivals(arrivals: readonly Attempt[]): (size: number) => number {
  const steps: { sent: number; at: number }[] = [];
  for (const { sent, at } of arrivals.toSorted((a, b) => b.sent - a.sent))
    steps.push({ sent, at: Math.max(at, steps.at(-1)?.at ?? Number.NEGATIVE_INFINITY) });
  return (size) => {
    let [low, high] = [0, steps.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((steps[middle]?.sent ?? 0) >= size) low = middle + 1;
      else high = middle;
    }
    return steps[low - 1]?.at ?? Number.NEGATIVE_INFINITY;
  };
}

function earliest(moments: readonly number[]): number {
  return moments.reduce((first, at) => Math.min(first, at), Number.POSITIVE_INFINITY);
}

function latest(moments: readonly number[]): number {
  return moments.reduce((last, at) => Math.max(last, at), Number.NEGATIVE_INFINITY);
}
