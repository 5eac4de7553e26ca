/** The rows that key rolls, sentinels, replicas of the root's keys and error reports are judged by (observe/key-findings.ts). */
import { ROWS_OF_A_KIND } from '../observe/key-roll/ledger.ts';
import { PROFILES } from '../zone/roll/profile.ts';
import { quote } from './duckdb.ts';

/** Reports differ by name, and strangers make up names. */
const MOST_REPORTS = 1024;

/** Where a zone rolls again and again, each roll counts apart. */
const ROUNDS = PROFILES.flatMap(({ name, period }) =>
  period === undefined
    ? []
    : [`WHEN starts_with(lower(zone), ${quote(`${name}.`)}) THEN time // ${period * 1000}`],
);
/** Runs tell sentinels apart; in a zone that rolls each question of a client has one. */
const KIND = `src, zone, phase, behavior, step, signal, excluded, qtype = 48, tc, proto,
  CASE WHEN phase = '' THEN run END,
  CASE WHEN behavior = 'sentinel' THEN lower(qname) END, CASE ${ROUNDS.join(' ')} END`;

function place(order: 'ASC' | 'DESC'): string {
  return `row_number() OVER (PARTITION BY ${KIND} ORDER BY time ${order}, seq ${order})`;
}

/** A SQL condition. Of broken zones only what shows which there are, for those who reported errors. */
export const KEY_ROLL_ROWS = `((node, boot, seq) IN (
  SELECT node, boot, seq FROM observations
  WHERE event = 'query' AND (
    phase <> '' OR behavior IN ('live', 'telemetry', 'replica', 'error-report') OR (behavior = 'sentinel' AND run <> '')
    OR (behavior = 'broken' AND src IN (SELECT src FROM observations WHERE behavior = 'error-report'))
  )
  QUALIFY least(${place('ASC')}, ${place('DESC')}) <= CASE WHEN behavior = 'error-report' THEN ${MOST_REPORTS} ELSE ${ROWS_OF_A_KIND} END
))`;
