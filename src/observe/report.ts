/** Report: rows turned into trials, verdicts, a summary and advice; one document that text and JSON are made from. */
import type { Surroundings } from './ability.ts';
import { adviseSource, type SourceAdvice } from './advice.ts';
import { adviseEdns } from './advice-edns.ts';
import { indexBaseline } from './baseline.ts';
import { indexControls } from './controls.ts';
import { indexReach } from './coverage.ts';
import { type Judged, openDossiers } from './dossier.ts';
import { type Companion, indexFarms } from './farm.ts';
import type { Fleet } from './fleet.ts';
import { groupBy } from './group.ts';
import { adviseKeys } from './key-advice.ts';
import { findKeys, type KeyFindings } from './key-findings.ts';
import { climbsBySource, type LadderFinding } from './ladder.ts';
import { indexExcuses } from './loss.ts';
import type { Observation } from './observation.ts';
import { type PathLimit, pathLimits } from './path-limit.ts';
import { guessSoftware, type SoftwareGuess } from './software.ts';
import { type SummaryRow, summarize } from './summary.ts';
import { indexTcpBaseline } from './tcp-baseline.ts';
import { findTcpFailures } from './tcp-failures.ts';
import { judgeTcp } from './tcp-finding.ts';
import { groupTrials, type Trial } from './trial.ts';
import { classify, type Verdict } from './verdict.ts';

export interface SourceReport {
  readonly source: string;
  /** Of sizes and of keys. */
  readonly advice: readonly SourceAdvice[];
  readonly rows: readonly SummaryRow[];
  /** What its path takes, by IP version. */
  readonly limits: readonly PathLimit[];
  /** Prefixes of other addresses that took part in its runs. */
  readonly farms: readonly Companion[];
  /** What it probably runs, where its manner tells. */
  readonly software?: SoftwareGuess;
  /** How far it climbed `rs`, where it did. */
  readonly ladder?: LadderFinding;
}

export interface Report {
  /** Those that need attention first, then in order of address. */
  readonly sources: readonly SourceReport[];
  readonly verdicts: readonly Verdict[];
  /** Of key rolls, sentinels, replicas of the root's keys and error reports. */
  readonly keys: KeyFindings;
}

export interface ReportOptions {
  /** The only source to report. */
  readonly source?: string;
  /** Trials whose first row is older are left out, milliseconds since the epoch. */
  readonly since?: number;
  /** Until when each process wrote, by `processOf`, milliseconds since the epoch; what it never wrote it cannot have seen. */
  readonly reach?: ReadonlyMap<string, number>;
  /** The name servers of the settings, and whose rows are read. */
  readonly fleet?: Fleet;
  /** What the findings of keys are made of, of all sources. */
  readonly keyRows?: readonly Observation[];
}

/**
 * Everything that the rows say.
 *
 * @param rows all rows of the span, also when only one source is wanted: its run may have used other addresses, and
 *   without what other networks received there is no `CANNOT`
 * @param observedUntil how far the records reach at most, milliseconds since the epoch
 */
export function buildReport(
  rows: readonly Observation[],
  observedUntil: number,
  options: ReportOptions = {},
): Report {
  const { source, since = Number.NEGATIVE_INFINITY, reach = new Map<string, number>() } = options;
  // What no process of the records can have seen is no silence.
  const listenedUntil = [...reach.values()].reduce(
    (most, at) => Math.max(most, at),
    Number.NEGATIVE_INFINITY,
  );
  const endOf = indexReach(reach, observedUntil);
  const trials = groupTrials(rows, options.fleet);
  const judged = trials
    .filter(({ firstAt, sources }) => firstAt >= since && (source === undefined || sources.includes(source)))
    .map((trial) => ({ trial, observedUntil: endOf(trial), verdict: classify(trial, endOf(trial)) }));

  const keys = findKeys(
    options.keyRows ?? [],
    reach.size === 0 ? observedUntil : Math.min(observedUntil, listenedUntil),
    options,
  );
  const isWanted = (address: string) => source === undefined || address === source;
  const sources = reportSources(
    trials,
    judged,
    rows.filter(({ event, src }) => event === 'query' && isWanted(src)),
    { isWanted, since, keyAdvice: adviseKeys(keys) },
  );
  return {
    verdicts: judged.map(({ verdict }) => verdict),
    keys,
    sources: [...sources.filter(isUrgent), ...sources.filter((each) => !isUrgent(each))],
  };
}

/** Addresses of those for whom something is broken now, also of those without a trial. */
export function urgentSources({ sources, keys }: Pick<Report, 'sources' | 'keys'>): string[] {
  const ofKeys = [...adviseKeys(keys)].filter(([, advice]) => advice.some((each) => each.isUrgent));
  return [
    ...new Set([...sources.filter(isUrgent).map(({ source }) => source), ...ofKeys.map(([name]) => name)]),
  ];
}

/** True where something is broken for users now. */
export function isUrgent({ advice }: SourceReport): boolean {
  return advice.some((each) => each.isUrgent);
}

/**
 * In order of address.
 *
 * @param trials also those that other sources alone took part in
 * @param queries of the wanted sources
 */
function reportSources(
  trials: readonly Trial[],
  judged: readonly Judged[],
  queries: readonly Observation[],
  {
    isWanted,
    since,
    keyAdvice,
  }: {
    isWanted(source: string): boolean;
    since: number;
    keyAdvice: ReadonlyMap<string, readonly SourceAdvice[]>;
  },
): SourceReport[] {
  const farms = indexFarms(trials);
  const around = { bracketOf: indexControls(trials), networksBeside: indexBaseline(trials, farms) };
  const tcpBaseline = indexTcpBaseline(trials, farms);
  const dossiers = openDossiers(judged);
  const queriesOf = groupBy(queries, ({ src }) => src);
  const climbs = climbsBySource(queries.filter(({ time }) => time >= since));
  const partial = new Set(
    judged.filter(({ trial }) => trial.unread.length > 0).flatMap(({ trial }) => trial.sources),
  );
  const names = [...new Set([...dossiers.keys(), ...climbs.keys()])].filter(isWanted);
  return names.sort().map((name) => {
    const [chapters = [], ladder] = [dossiers.get(name), climbs.get(name)];
    const own = queriesOf.get(name) ?? [];
    const surroundings: Surroundings = { ...around, excuseOf: indexExcuses(own) };
    const tcpFailures = findTcpFailures(chapters, surroundings.excuseOf);
    const rows = summarize(name, chapters, surroundings, tcpFailures);
    const software = guessSoftware(latest(own));
    return {
      source: name,
      advice: adviseSource(rows, {
        ...(software && { software: software.software }),
        more: [...(keyAdvice.get(name) ?? []), ...adviseEdns(own)],
        tcp: judgeTcp(tcpFailures, tcpBaseline),
        isPartial: partial.has(name),
      }),
      rows,
      limits: pathLimits(
        chapters.flatMap(({ attempts }) => attempts),
        surroundings,
      ),
      farms: farms.companionsOf(name),
      ...(software && { software }),
      ...(ladder && { ladder }),
    };
  });
}

/** As many of its queries as show the manner of a resolver; more would only take longer. */
function latest(queries: readonly Observation[]): Observation[] {
  return queries.toSorted((a, b) => a.time - b.time || a.seq - b.seq).slice(-MANNER_QUERIES);
}

const MANNER_QUERIES = 500;
