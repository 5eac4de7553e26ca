/**
 * The rows that key rolls, sentinels, replicas of the root's keys and error reports are judged by (observe/key-findings.ts): as many
 * as a report can hold, whatever strangers ask.
 *
 * A unit is what is judged together, and is read whole or not at all. There is room for so many rows of sources that are proven, and
 * for each finding apart for so many of others, which anybody can make up; those who take more than their share come last.
 */
import type { DuckDBConnection } from '@duckdb/node-api';
import { ROWS_OF_A_KIND } from '../observe/key-roll/ledger.ts';
import { PROFILES } from '../zone/roll/profile.ts';
import { quote } from './duckdb.ts';

/** Numbers of rows. */
export interface KeyRowLimits {
  /** Of all proven sources together. */
  readonly proven: number;
  /** Of all others together, by finding. */
  readonly unproven: Readonly<Record<FindingName, number>>;
  /** Of one unit; its proven rows come first. */
  readonly ofUnit: number;
  /** Of one IPv4 address or IPv6 /48, by finding; what goes beyond comes after all others. */
  readonly share: number;
}

export const KEY_ROW_LIMITS: KeyRowLimits = {
  proven: 200_000,
  // Of sentinels and replicas next to nothing can be judged without a proof.
  unproven: {
    roll: 50_000,
    control: 10_000,
    sentinel: 10_000,
    replica: 10_000,
    report: 10_000,
    reported: 10_000,
  },
  ofUnit: 8192,
  share: 1024,
};

export type FindingName = 'roll' | 'control' | 'sentinel' | 'replica' | 'report' | 'reported';

/** What is needed for a finding, in SQL. */
interface Need {
  readonly rows: string;
  readonly unit: string;
  /** Rows that are alike in this, and in whether they prove their source, are of a kind; of each the first and last `most` are read. */
  readonly kind: string;
  readonly most: number;
}

/** Where a zone rolls again and again, each roll counts apart. */
const ROUNDS = PROFILES.flatMap(({ name, period }) =>
  period === undefined
    ? []
    : [`WHEN starts_with(lower(zone), ${quote(`${name}.`)}) THEN time // ${period * 1000}`],
);
const HOUR = 'time // 3600000';
/** People ask with RD=1, resolvers do not. */
const OF_RESOLVER = 'NOT rd AND NOT ad';
/** The name that an error report speaks of (RFC 9567 §6.1.1). */
const REPORTED = String.raw`regexp_extract(lower(qname), '^_er\.[0-9-]+\.(.+\.)[0-9]+\._er\.', 1)`;
/** Reports differ by name, and strangers make up names. */
const MOST_REPORTS = 1024;

/** THE TABLE. What stands in no line of it is read for none, such as `live` of a run without sentinels, or key tags of a zone that does not roll. */
const NEEDS: Readonly<Record<FindingName, Need>> = {
  roll: {
    rows: "phase <> ''",
    unit: `src, lower(zone), CASE ${ROUNDS.join(' ')} END`,
    kind: 'rd OR ad, phase, behavior, step, signal, excluded, qtype = 48, tc, proto',
    most: ROWS_OF_A_KIND,
  },
  // Bogus answers, of those who take part in a roll.
  control: {
    rows: `phase = '' AND behavior = 'live' AND excluded = 'fault' AND ${OF_RESOLVER}
      AND src IN (SELECT src FROM observations WHERE phase <> '')`,
    unit: `src, ${HOUR}`,
    kind: 'lower(zone), step, signal',
    most: ROWS_OF_A_KIND,
  },
  sentinel: {
    rows: `behavior IN ('sentinel', 'live') AND ${OF_RESOLVER}
      AND run IN (SELECT run FROM observations WHERE behavior = 'sentinel' AND run <> '' AND ${OF_RESOLVER})`,
    unit: 'run',
    kind: 'src, behavior, step, signal, excluded, qtype IN (1, 28), lower(qname)',
    most: ROWS_OF_A_KIND,
  },
  // A zone that is made for a trial says so in its label.
  replica: {
    rows: `run <> '' AND excluded = '' AND ${OF_RESOLVER}
      AND (behavior = 'replica' OR (behavior = 'live' AND regexp_matches(lower(zone), '^k[0-9a-z]+-n')))`,
    unit: 'lower(zone)',
    kind: 'src, behavior, qtype = 48, edns_do, step, signal, tc, proto',
    most: ROWS_OF_A_KIND,
  },
  report: {
    rows: "behavior = 'error-report'",
    unit: 'src',
    kind: 'lower(zone), tc, proto',
    most: MOST_REPORTS,
  },
  // The questions that reports speak of: which zone answered them.
  reported: {
    rows: `qname <> '' AND lower(qname) IN (SELECT ${REPORTED} FROM observations WHERE behavior = 'error-report')`,
    unit: 'lower(qname)',
    kind: 'lower(zone), qtype',
    most: 1,
  },
};

/** Whether nobody else can have sent a row in the name of its source. */
const IS_OWN = `(proof NOT IN ('none', 'recent') OR cookie = 'valid' OR proto <> 'udp' OR (step = 'proof' AND signal = 'own'))`;
/** Whoever has one IPv6 address has 2^80. */
const HOLDER = "coalesce(nullif(regexp_extract(src, '^[0-9a-f]*:[0-9a-f]*:[0-9a-f]*'), ''), src)";

/** All rows that are needed; units and kinds are numbers. */
const CANDIDATES = Object.entries(NEEDS)
  .map(
    ([finding, { rows, unit, kind, most }]) => `
    SELECT node, boot, seq, time, src, ${IS_OWN} AS is_own, '${finding}' AS finding, ${most} AS most,
      hash(${unit}) AS unit, hash(${unit}, ${IS_OWN}, ${kind}) AS kind
    FROM observations WHERE event = 'query' AND ${rows}`,
  )
  .join(' UNION ALL ');

/** SQL of all kinds of rows: how many are to be read, and whether there is room for them. */
function kinds(source: string | undefined, { proven, unproven, ofUnit, share }: KeyRowLimits): string {
  const isWanted = source === undefined ? 'false' : `src = ${quote(source)}`;
  const room = Object.entries(unproven).map(([finding, rows]) => `WHEN '${finding}' THEN ${rows}`);
  return `WITH candidates AS (${CANDIDATES}
    ), kinds AS (
      SELECT finding, unit, kind, min(src) AS src, bool_or(is_own) AS is_own, least(count(*), 2 * max(most)) AS n,
        min(time) AS first_at, max(time) AS last_at
      FROM candidates GROUP BY finding, unit, kind
    ), fitting AS (
      SELECT *, sum(n) OVER (
        PARTITION BY finding, unit ORDER BY ${isWanted} DESC, is_own DESC, first_at, kind
      ) <= ${ofUnit} AS fits FROM kinds
    ), units AS (
      SELECT finding, unit, sum(n) AS n, bool_or(is_own) AS is_own, bool_or(${isWanted}) AS is_wanted,
        coalesce(arg_min(src, first_at) FILTER (is_own), arg_min(src, first_at)) AS src,
        max(last_at) - min(first_at) AS seen, max(last_at) AS last_at
      FROM fitting WHERE fits GROUP BY finding, unit
    ), pools AS (
      SELECT *, ${HOLDER} AS holder, CASE
        WHEN src IN (SELECT src FROM observations WHERE event = 'query' AND ${IS_OWN}) THEN 'proven' ELSE finding
      END AS pool FROM units
    ), shares AS (
      SELECT *, sum(n) OVER (
        PARTITION BY pool, finding, holder ORDER BY is_wanted DESC, is_own DESC, last_at DESC, unit
      ) // ${share} AS shares FROM pools
    ), kept AS (
      SELECT finding, unit FROM shares QUALIFY sum(n) OVER (
        PARTITION BY pool ORDER BY is_wanted DESC, shares, seen DESC, last_at DESC, finding, unit
      ) <= CASE pool ${room.join(' ')} ELSE ${proven} END
    )
    SELECT finding, kind, fitting.src, n, fits AND kept.unit IS NOT NULL AS is_kept
    FROM fitting LEFT JOIN kept USING (finding, unit)`;
}

/** @param from SQL of `kinds`, or a table of it */
function rowsOf(from: string): string {
  const place = (order: string) =>
    `row_number() OVER (PARTITION BY finding, kind ORDER BY time ${order}, seq ${order})`;
  return `((node, boot, seq) IN (
    SELECT node, boot, seq FROM (${CANDIDATES})
    SEMI JOIN (SELECT finding, kind FROM ${from} WHERE is_kept) USING (finding, kind)
    QUALIFY least(${place('ASC')}, ${place('DESC')}) <= most
  ))`;
}

/** A SQL condition. */
export const KEY_ROLL_ROWS = rowsOf(`(${kinds(undefined, KEY_ROW_LIMITS)})`);

export interface KeyRowPick {
  /** A SQL condition, for this connection. */
  readonly where: string;
  /** What there is no room for. */
  readonly leftOut: { readonly rows: number; readonly sources: number };
}

/**
 * The same, and how much is left out.
 *
 * @param source whose rows come first
 */
export async function pickKeyRows(
  connection: DuckDBConnection,
  source?: string,
  limits = KEY_ROW_LIMITS,
): Promise<KeyRowPick> {
  await connection.run(`CREATE OR REPLACE TEMP TABLE key_kinds AS ${kinds(source, limits)}`);
  const reader = await connection.runAndReadAll(
    'SELECT coalesce(sum(n), 0), count(DISTINCT src) FROM key_kinds WHERE NOT is_kept',
  );
  const [rows = 0, sources = 0] = (reader.getRowsJS()[0] ?? []).map(Number);
  return { where: rowsOf('key_kinds'), leftOut: { rows, sources } };
}
