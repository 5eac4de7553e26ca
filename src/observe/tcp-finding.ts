/** TCP finding: what fails over TCP at one source, whether it is no accident, and whether the fault may be ours. */
import type { Attempt } from './attempt.ts';
import { BASELINE } from './baseline.ts';
import { groupBy } from './group.ts';
import { countUpTo } from './moment.ts';
import { spanOf } from './span.ts';
import { type Beside, isEnough, placeOf, type TcpBaseline } from './tcp-baseline.ts';
import { isRepeated, type TcpFailure, type TcpFailureKind, type TcpFailures } from './tcp-failures.ts';

/** Failures of one kind since TCP last worked. */
export interface TcpFinding {
  /** Octets asked for, one a trial. */
  readonly sizes: readonly number[];
  /** False where they show no arrival, and nobody knows more. */
  readonly isKnown: boolean;
  /** When the first of them began, milliseconds since the epoch. */
  readonly since: number;
  /** When the last of them began. */
  readonly lastAt: number;
  /** When TCP last worked before all of them; null for never. */
  readonly workedAt: number | null;
  /** Whether an answer is known to have arrived over TCP before them, and not only a query to have come. */
  readonly hadArrivals: boolean;
  /** False where they may be accidents. */
  readonly isRepeated: boolean;
  /** Other networks that got through where it did not, where they are too few to say whose fault it is; null where they are enough. */
  readonly few: Beside | null;
  /** When `dig` or the like last asked over TCP from its address, where it did so within a day after one of them; null for never. */
  readonly programAt: number | null;
}

export interface TcpFindings extends Readonly<Partial<Record<TcpFailureKind, TcpFinding>>> {
  /** How often so many octets or more arrived over TCP. */
  arrivals(size: number): number;
}

/** Findings of the failures of one source. */
export function judgeTcp(failures: TcpFailures, baseline: TcpBaseline): TcpFindings {
  const programs = groupBy(
    failures.programs.toSorted((a, b) => a.at - b.at),
    placeOf,
  );
  const of = (kind: TcpFailureKind) =>
    failures[kind].length === 0
      ? {}
      : {
          [kind]: judge(failures[kind], failures.arrivals, (failure) =>
            openness(failure, kind, { baseline, programs }),
          ),
        };
  return {
    ...of('untried'),
    ...of('broken'),
    ...of('stalled'),
    arrivals: (size) => failures.arrivals.filter(({ sent }) => sent >= size).length,
  };
}

function judge(
  failures: readonly TcpFailure[],
  arrivals: readonly Attempt[],
  opennessOf: (failure: TcpFailure) => Openness,
): TcpFinding {
  const judged = failures.map((failure) => ({ failure, ...opennessOf(failure) }));
  const doubtful = judged.flatMap(({ few }) => few ?? []);
  const isSure = isRepeated(judged.filter(({ few }) => few === null).map(({ failure }) => failure));
  const verdicts = failures.map(({ verdict }) => verdict);
  const since = spanOf(verdicts).first_at;
  const worked = failures.map(({ workedAt }) => workedAt ?? Number.POSITIVE_INFINITY).reduce(most);
  return {
    sizes: verdicts.map(({ size }) => size),
    isKnown: verdicts.some(({ rule }) => rule !== 'tcp-unproven'),
    since,
    lastAt: verdicts.map(({ first_at: at }) => at).reduce((a, b) => Math.max(a, b)),
    workedAt: worked < since ? worked : null,
    hadArrivals: arrivals.some(({ at }) => at < since),
    isRepeated: isRepeated(failures),
    few: isSure || doubtful.length === 0 ? null : doubtful.reduce((a, b) => (compare(a, b) < 0 ? b : a)),
    programAt: judged
      .flatMap((each) => each.programAt ?? [])
      .reduce<number | null>((last, at) => Math.max(last ?? at, at), null),
  };
}

/** Whether TCP was open to others where one source did not get through. */
interface Openness {
  /** Other networks, where they are too few; null where they are enough, or a program of its own host got through. */
  readonly few: Beside | null;
  readonly programAt: number | null;
}

/** At the place of which least is known, where several servers of ours took part. */
function openness(
  { attempts }: TcpFailure,
  kind: TcpFailureKind,
  {
    baseline,
    programs,
  }: { readonly baseline: TcpBaseline; readonly programs: ReadonlyMap<string, readonly Attempt[]> },
): Openness {
  const places = [...groupBy(attempts, placeOf)].map(([place, [first]]) => ({
    beside: first === undefined ? NOBODY : baseline(first, kind),
    // That an answer stalled says more than that the way is open.
    program: kind === 'stalled' || first === undefined ? undefined : within(programs.get(place) ?? [], first),
  }));
  const few = places.flatMap(({ beside, program }) =>
    isEnough(beside) || program !== undefined ? [] : [beside],
  );
  return {
    few: few.length === 0 ? null : few.reduce((a, b) => (compare(a, b) > 0 ? b : a)),
    programAt: places.flatMap(({ program }) => program?.at ?? []).at(-1) ?? null,
  };
}

/** The last one within a day after the failure. @param programs in order of time */
function within(programs: readonly Attempt[], { at }: Attempt): Attempt | undefined {
  const last = programs[countUpTo(programs, at + BASELINE.withinMs) - 1];
  return last !== undefined && last.at >= at ? last : undefined;
}

const NOBODY: Beside = { networks: 0, later: 0 };

function compare(a: Beside, b: Beside): number {
  return a.later - b.later || a.networks - b.networks;
}

function most(a: number, b: number): number {
  return Math.max(a, b);
}
