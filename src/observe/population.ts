/** Population: how often each size gets through over all sources, as shares with 95% intervals, and what differs between sizes and arms. */
import type { Ability } from './ability.ts';
import { type Cell, type Contrast, type Measure, pairedContrasts, type Stratum } from './contrast.ts';
import { groupBy } from './group.ts';
import { networkOf } from './network.ts';
import { type Interval, wilson } from './statistics.ts';
import type { SummaryRow } from './summary.ts';
import { isSilentFailure } from './tcp-failures.ts';
import type { Verdict } from './verdict.ts';
import { type Outcome, VERDICT_CLASSES, type VerdictClass } from './verdict-class.ts';
import type { RuleName } from './verdict-rules.ts';
import { type Ballot, vote } from './vote.ts';

/** Wilson's 95% interval goes with it. */
export interface Share extends Interval {
  readonly count: number;
  readonly of: number;
  /** Null among none. */
  readonly share: number | null;
}

/** What counts once: each trial; each source address; each /24 or /48. */
export type Weight = 'trials' | 'sources' | 'networks';
export const WEIGHTS: readonly Weight[] = ['trials', 'sources', 'networks'];

/** One stratum by one weight. */
export interface PopulationRow extends Stratum {
  readonly weight: Weight;
  /** Those that a verdict is about; the shares by outcome, and those by class, are of them and sum to 1. */
  readonly counted: number;
  readonly outcomes: Readonly<Record<Outcome, Share>>;
  readonly classes: Readonly<Partial<Record<VerdictClass, Share>>>;
  /** Those of which any trial failed, whatever most of them did. */
  readonly ever_failed: Share;
  /** Those that offered an EDNS size that the answer fits in. */
  readonly eligible: number;
  /** Of the eligible source addresses; empty by other weights, because an ability is one of a source. */
  readonly abilities: Readonly<Partial<Record<Ability, Share>>>;
  /** Of those that were sent the whole answer over UDP, in trials that conclude and `first_tried`: lost at first, and not recovered in the end. */
  readonly first_failure: Share;
  readonly end_failure: Share;
  /** Of those that were sent TC=1, in trials that conclude or are silent time and again, and where a failure would show: the size did not arrive over TCP either. */
  readonly tcp_failure: Share;
}

export interface Population {
  /** What was counted in all: trials that measured and are about somebody, their source addresses, and networks. */
  readonly counted: Readonly<Record<Weight, number>>;
  /** By options, arm, IP version, size and weight, in that order. */
  readonly rows: readonly PopulationRow[];
  readonly contrasts: readonly Contrast[];
}

/** Rules of trials in which nothing was measured: anybody can open trials in the name of others, and never go on. */
const UNMEASURED: readonly RuleName[] = ['gate-only', 'withheld'];

/**
 * Measures the population; trials in which nothing was measured count nowhere.
 *
 * @param summary rows of the same trials, of all their sources: they say what each source offered
 */
export function measurePopulation(all: readonly Verdict[], summary: readonly SummaryRow[]): Population {
  const verdicts = all.filter(({ rule }) => !UNMEASURED.includes(rule));
  const strata = stratify(verdicts, summary);
  const about = new Set(verdicts.flatMap((verdict) => verdict.about));
  return {
    counted: {
      trials: verdicts.filter((verdict) => verdict.about.length > 0).length,
      sources: about.size,
      networks: new Set([...about].map(networkOf)).size,
    },
    rows: strata.flatMap((each) => WEIGHTS.map((weight) => rowOf(each, weight))),
    contrasts: pairedContrasts(strata.map(cellOf)),
  };
}

/** One address in one trial. */
interface Presence {
  readonly source: string;
  /** Which verdict. */
  readonly trial: number;
}

interface Sample extends Presence, Ballot {
  readonly isFailureKnown: boolean;
  /** Whether it was sent TC=1, is silent since, and is so time and again: it counts as failed in the end. */
  readonly isSilentFailure: boolean;
}

interface Samples extends Stratum {
  /** Addresses that the verdict is about. */
  readonly counted: Sample[];
  /** Addresses that offered the size. */
  readonly eligible: (Presence & { readonly ability: Ability })[];
  /** The address that the first whole answer over UDP was sent to, where the trial concludes, and its silence would be over. */
  readonly tried: Sample[];
}

const ABILITIES: readonly Ability[] = ['CAN', 'FLAKY', 'CANNOT', 'UNKNOWN', 'NEVER_OFFERED'];
const CLASSES = Object.keys(VERDICT_CLASSES) as VerdictClass[];
/** Classes of trials in which TC=1 came before anything else. */
const TRUNCATED: readonly VerdictClass[] = ['TC_TCP_OK', 'TC_TCP_STALL', 'TC_TCP_BROKEN', 'TC_NO_TCP'];
const isTruncated = (each: { readonly class: VerdictClass }) => TRUNCATED.includes(each.class);
const isConcluded = ({ outcome }: { readonly outcome: Outcome }) => outcome !== 'open';

/** Those that conclude, and would have done so by now with a failure as well; silence that repeats itself as the failure that it is. */
function decided(samples: readonly Sample[]): Sample[] {
  return samples.flatMap((each) => {
    if (!each.isFailureKnown) return [];
    if (each.isSilentFailure) return [{ ...each, outcome: 'failed' as const, hasFailed: true }];
    return isConcluded(each) ? [each] : [];
  });
}

function stratify(verdicts: readonly Verdict[], summary: readonly SummaryRow[]): Samples[] {
  const rowOfSource = new Map(summary.map((row) => [keyOf(row, row.source), row]));
  const strata = new Map<string, Samples>();
  const of = ({ size, options, arm }: Verdict, source: string): Samples => {
    const stratum = { size, options, arm, ip_version: ipVersionOf(source) };
    const key = keyOf(stratum, stratum.ip_version);
    const known = strata.get(key) ?? { ...stratum, counted: [], eligible: [], tried: [] };
    strata.set(key, known);
    return known;
  };
  for (const [trial, verdict] of verdicts.entries()) {
    const isFailureKnown = verdict.failure_known;
    const sample = (source: string): Sample => ({
      ...ballotOf(verdict),
      ...{ source, trial, isFailureKnown },
      isSilentFailure: isSilentFailure(
        verdict,
        rowOfSource.get(keyOf(verdict, source))?.no_tcp_since ?? null,
      ),
    });
    for (const source of verdict.about) of(verdict, source).counted.push(sample(source));
    for (const source of triedBy(verdict)) of(verdict, source).tried.push(sample(source));
    for (const source of verdict.sources) {
      const { offered = 0, ability = 'UNKNOWN' } = rowOfSource.get(keyOf(verdict, source)) ?? {};
      if (Math.min(verdict.offered, offered) >= verdict.size)
        of(verdict, source).eligible.push({ source, trial, ability });
    }
  }
  return [...strata.values()].sort(byStratum);
}

/** The first whole answer went to the address that lost it, or to the one that got it. */
function triedBy(verdict: Verdict): readonly string[] {
  if (!verdict.first_tried || !isConcluded(verdict) || isTruncated(verdict)) return [];
  return verdict.lost_by === null ? verdict.about : [verdict.lost_by];
}

function keyOf({ size, options, arm }: Omit<Stratum, 'ip_version'>, within: string | number): string {
  return [size, options, arm, within].join('|');
}

function ballotOf({ class: name, outcome, first_lost }: Verdict): Ballot {
  return { class: name, outcome, isFirstLost: first_lost, hasFailed: outcome === 'failed' };
}

function ipVersionOf(address: string): 4 | 6 {
  return address.includes(':') ? 6 : 4;
}

function byStratum(a: Stratum, b: Stratum): number {
  const names: (keyof Stratum)[] = ['options', 'arm', 'ip_version', 'size'];
  const name = names.find((each) => a[each] !== b[each]);
  if (name === undefined) return 0;
  return a[name] < b[name] ? -1 : 1;
}

function rowOf({ counted, eligible, tried, ...stratum }: Samples, weight: Weight): PopulationRow {
  const all = ballotsOf(counted, weight);
  const whole = ballotsOf(tried, weight);
  const truncated = ballotsOf(
    decided(counted).filter((each) => each.isSilentFailure || isTruncated(each)),
    weight,
  );
  const outcome = (name: Outcome) => among(all, (each) => each.outcome === name);
  return {
    ...stratum,
    weight,
    counted: all.length,
    outcomes: { delivered: outcome('delivered'), failed: outcome('failed'), open: outcome('open') },
    classes: sharesBy(CLASSES, all, (each) => each.class),
    ever_failed: among(all, ({ hasFailed }) => hasFailed),
    eligible: new Set(eligible.map(UNIT[weight])).size,
    abilities: weight === 'sources' ? sharesBy(ABILITIES, bySource(eligible), ({ ability }) => ability) : {},
    first_failure: among(whole, ({ isFirstLost }) => isFirstLost),
    end_failure: among(whole, hasFailedInTheEnd),
    tcp_failure: among(truncated, hasFailedInTheEnd),
  };
}

/** What counts once. */
const UNIT: Readonly<Record<Weight, (each: Presence) => string | number>> = {
  trials: ({ trial }) => trial,
  sources: ({ source }) => source,
  networks: ({ source }) => networkOf(source),
};

/** One of each source. */
function bySource<T extends Presence>(presences: readonly T[]): T[] {
  return [...new Map(presences.map((each) => [each.source, each])).values()];
}

/** In the order of `names`, those that occur. */
function sharesBy<T, K extends string>(
  names: readonly K[],
  members: readonly T[],
  nameOf: (member: T) => K,
): Partial<Record<K, Share>> {
  const shares: Partial<Record<K, Share>> = {};
  for (const name of names) {
    const share = among(members, (member) => nameOf(member) === name);
    if (share.count > 0) shares[name] = share;
  }
  return shares;
}

/** One ballot for each trial, source or network; that of a network is made of those of its sources. */
function ballotsOf(samples: readonly Sample[], weight: Weight): Ballot[] {
  if (weight === 'trials') return [...groupBy(samples, UNIT.trials).values()].map(vote);
  const votes = [...groupBy(samples, UNIT.sources).values()].map((own) => ({ ...own[0]!, ...vote(own) }));
  return weight === 'sources' ? votes : [...groupBy(votes, UNIT.networks).values()].map(vote);
}

function cellOf({ counted, tried, ...stratum }: Samples): Cell {
  const shownBy = (samples: readonly Sample[], holds: (ballot: Ballot) => boolean) =>
    new Map([...groupBy(samples, UNIT.sources)].map(([source, own]) => [String(source), holds(vote(own))]));
  const shown: Record<Measure, ReadonlyMap<string, boolean>> = {
    first_failure: shownBy(tried, ({ isFirstLost }) => isFirstLost),
    end_failure: shownBy(decided(counted), hasFailedInTheEnd),
  };
  return { ...stratum, shown };
}

function hasFailedInTheEnd({ outcome }: Ballot): boolean {
  return outcome === 'failed';
}

function among<T>(members: readonly T[], holds: (member: T) => boolean): Share {
  const [count, of] = [members.filter(holds).length, members.length];
  return { count, of, share: of === 0 ? null : count / of, ...wilson(count, of) };
}
