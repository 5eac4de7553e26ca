/** Rows of other sources that a report of one source needs: what other networks received where that one was sent something. */
import { quote } from './duckdb.ts';

/** What makes a baseline comparable (observe/baseline.ts). */
const PLACE = 'node, dst, ip_version, arm, size';
/** About the /24 or /48; a network that counts as two here is still one to the report. */
const NETWORK = String.raw`regexp_extract(src, '^(\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f]*:[0-9a-f]*)')`;
const HOUR = 'time // 3600000';
const WHOLE_UDP = "event = 'query' AND step = 'measured' AND proto = 'udp' AND NOT tc";
/** Networks of an hour that are read; five unrelated ones are enough. */
const MOST_NETWORKS = 64;

/**
 * A SQL condition: measured answers that arrived, with their receipts, one of each network and hour.
 *
 * A sample, because all of them would be most of what a report without a source reads.
 */
export function baselineRowsOf(source: string): string {
  return `((node, boot, seq) IN (
    WITH places AS (
      SELECT DISTINCT ${PLACE} FROM observations WHERE ${WHOLE_UDP} AND src = ${quote(source)}
    ), receipts AS (
      SELECT node, boot, seq, src, receipt FROM observations
      WHERE event = 'query' AND receipt.relation = 'own' AND receipt.proto = 'udp'
        AND receipt.asked IN (SELECT size FROM places)
    ), arrived AS (
      SELECT measured.*, receipts.node AS by_node, receipts.boot AS by_boot, receipts.seq AS by_seq
      FROM (SELECT * FROM observations SEMI JOIN places USING (${PLACE}) WHERE ${WHOLE_UDP}) AS measured
      JOIN receipts ON receipts.src = measured.src AND receipts.receipt.instance = measured.instance
        AND receipts.receipt.at = measured.time AND receipts.receipt.asked = measured.size
    ), of_networks AS (
      SELECT * FROM arrived
      QUALIFY row_number() OVER (PARTITION BY ${PLACE}, ${NETWORK}, ${HOUR} ORDER BY time, seq) = 1
    ), sample AS (
      SELECT * FROM of_networks
      QUALIFY row_number() OVER (PARTITION BY ${PLACE}, ${HOUR} ORDER BY time, seq) <= ${MOST_NETWORKS}
    )
    SELECT node, boot, seq FROM sample UNION ALL SELECT by_node, by_boot, by_seq FROM sample
  ))`;
}
