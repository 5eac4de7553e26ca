/** Rows of other sources that a report of one source needs: what other networks received where that one was sent something. */
import { ONE_MOMENT_MS } from '../observe/attempt.ts';
import { FULL_SEGMENT } from '../observe/tcp-baseline.ts';
import { quote } from './duckdb.ts';

/** What makes a baseline over UDP comparable (observe/baseline.ts). */
const PLACE = 'node, dst, ip_version, arm, size';
/** The same over TCP (observe/tcp-baseline.ts). */
const TCP_PLACE = 'node, dst, ip_version';
/** About the /24 or /48; a network that counts as two here is still one to the report. */
const NETWORK = String.raw`regexp_extract(src, '^(\d+\.\d+\.\d+|[0-9a-f]*:[0-9a-f]*:[0-9a-f]*)')`;
const HOUR = 'time // 3600000';
const MEASURED = "event = 'query' AND step = 'measured'";
const WHOLE_UDP = `${MEASURED} AND proto = 'udp' AND NOT tc`;
/** Networks of an hour that are read; five unrelated ones are enough. */
const MOST_NETWORKS = 64;

/**
 * A SQL condition: measured answers that arrived, with their receipts, one of each network and hour; over TCP the first and the last, of long
 * ones that arrived and of all others.
 *
 * A sample, because all of them would be most of what a report without a source reads.
 */
export function baselineRowsOf(source: string): string {
  return `(${udpRowsOf(source)} OR ${tcpRowsOf(source)})`;
}

function udpRowsOf(source: string): string {
  return `(node, boot, seq) IN (
    WITH places AS (
      SELECT DISTINCT ${PLACE} FROM observations WHERE ${WHOLE_UDP} AND src = ${quote(source)}
    ), receipts AS (
      SELECT node, boot, seq, src, receipt FROM observations
      WHERE event = 'query' AND receipt.relation = 'own' AND receipt.proto = 'udp'
        AND receipt.asked IN (SELECT size FROM places)
    ), arrived AS (
      SELECT measured.*, ${BY}
      FROM (SELECT * FROM observations SEMI JOIN places USING (${PLACE}) WHERE ${WHOLE_UDP}) AS measured
      JOIN receipts ON ${IS_RECEIPT}
    ), of_networks AS (
      SELECT * FROM arrived
      QUALIFY row_number() OVER (PARTITION BY ${PLACE}, ${NETWORK}, ${HOUR} ORDER BY time, seq) = 1
    ), sample AS (
      SELECT * FROM of_networks
      QUALIFY row_number() OVER (PARTITION BY ${PLACE}, ${HOUR} ORDER BY time, seq) <= ${MOST_NETWORKS}
    )
    SELECT node, boot, seq FROM sample UNION ALL SELECT by_node, by_boot, by_seq FROM sample
  )`;
}

/**
 * The first tells what lies at most a day before a failure, the last what came after it. An acknowledgement after which its asker asked
 * again comes with that query, which shows that it was in vain (observe/trial.ts).
 */
function tcpRowsOf(source: string): string {
  const group = `${TCP_PLACE}, is_received, network, hour`;
  return `(node, boot, seq) IN (
    WITH places AS (
      SELECT DISTINCT ${TCP_PLACE} FROM observations WHERE ${MEASURED} AND src = ${quote(source)}
    ), receipts AS (
      SELECT node, boot, seq, src, receipt FROM observations
      WHERE event = 'query' AND receipt.relation = 'own' AND receipt.proto = 'tcp'
    ), tries AS (
      SELECT ${TRY}, ${OWN_NAME}, arg_max(${ROW}, time) AS last_row, arg_min(${ROW}, time) FILTER (tcp_acked) AS acked_row,
        max(time) - min(time) FILTER (tcp_acked) >= ${ONE_MOMENT_MS} AS is_vain
      FROM observations WHERE ${MEASURED} GROUP BY ALL HAVING bool_or(tcp_acked)
    ), asked AS (
      SELECT measured.*, ${NETWORK.replace('src', 'measured.src')} AS network, ${HOUR} AS hour, ${BY}, is_vain, last_row, acked_row,
        res_len > ${FULL_SEGMENT} AND (coalesce(tcp_acked AND NOT is_vain, false) OR by_node IS NOT NULL) AS is_received
      FROM (
        SELECT * FROM (SELECT *, ${OWN_NAME} FROM observations SEMI JOIN places USING (${TCP_PLACE}) WHERE ${MEASURED} AND proto = 'tcp')
        LEFT JOIN tries USING (${TRY}, own_name)
      ) AS measured
      LEFT JOIN receipts ON ${IS_RECEIPT}
    ), of_networks AS (
      SELECT *, max(time) OVER (PARTITION BY ${group}) AS last_at FROM asked
      QUALIFY row_number() OVER (PARTITION BY ${group} ORDER BY time, seq) = 1
        OR row_number() OVER (PARTITION BY ${group} ORDER BY time DESC, seq DESC) = 1
    ), sample AS (
      SELECT * FROM of_networks
      QUALIFY dense_rank() OVER (PARTITION BY ${TCP_PLACE}, is_received, hour ORDER BY last_at DESC, network) <= ${MOST_NETWORKS}
    )
    SELECT node, boot, seq FROM sample UNION ALL SELECT by_node, by_boot, by_seq FROM sample WHERE by_node IS NOT NULL
    UNION ALL SELECT unnest(acked_row) FROM sample WHERE is_vain UNION ALL SELECT unnest(last_row) FROM sample WHERE is_vain
  )`;
}

/** What an asker asks again after an answer that did not come; the name changes with the network that opened the trial. */
const OWN_NAME = "if(run = '', lower(qname), '') AS own_name";
const TRY = 'src, run, zone, size, options, arm, qtype';
const ROW = "{'node': node, 'boot': boot, 'seq': seq}";
const BY = 'receipts.node AS by_node, receipts.boot AS by_boot, receipts.seq AS by_seq';
const IS_RECEIPT = `receipts.src = measured.src AND receipts.receipt.instance = measured.instance
        AND receipts.receipt.at = measured.time AND receipts.receipt.asked = measured.size`;
