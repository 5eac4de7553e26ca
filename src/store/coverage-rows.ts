/** Rows that say how complete the records are: what was lost, which nodes served, and whose rows are not here (observe/coverage.ts). */

const HOUR = 'time // 3600000';

/**
 * A SQL condition on rows of trials: lost rows; of the zones of some runs, and of those that their nodes serve as well, what shows when
 * each of several nodes served; receipts of nodes none of whose answers are here; and of each other node one answer with its receipt,
 * which show that it is read.
 *
 * First and last of each hour will do: within a day of a trial lies one of an hour if and only if one of these does.
 *
 * @param runs SQL that selects their ids
 */
export function coverageRows(runs: string): string {
  return `(event = 'lost' OR (node, boot, seq) IN (
    WITH zones AS (
      SELECT DISTINCT zone FROM observations WHERE run IN (${runs})
    ), parts AS (
      SELECT node, boot, seq, time, zone, receipt FROM observations WHERE event = 'query' AND step IN ('gate', 'measured')
    ), nodes AS (
      SELECT DISTINCT node FROM parts SEMI JOIN zones USING (zone)
    ), beside AS (
      SELECT DISTINCT zone FROM parts SEMI JOIN nodes USING (node)
    ), serving AS (
      SELECT * FROM parts SEMI JOIN beside USING (zone)
    ), returns AS (
      SELECT node, boot, seq, time, zone, receipt FROM observations WHERE event = 'query' AND receipt.asked > 0
    ), known AS (
      SELECT returns.receipt.node AS number, returns.node, returns.boot, returns.seq,
        answers.node AS by_node, answers.boot AS by_boot, answers.seq AS by_seq
      FROM returns JOIN observations AS answers
        ON answers.step = 'measured' AND answers.instance = returns.receipt.instance
        AND answers.time = returns.receipt.at AND answers.size = returns.receipt.asked
        AND answers.res_len = returns.receipt.sent
      QUALIFY row_number() OVER (PARTITION BY returns.receipt.node ORDER BY returns.time, returns.seq) = 1
    ), served AS (
      ${edgesOf('serving WHERE receipt IS NULL AND (SELECT count(DISTINCT node) FROM serving) > 1', 'zone, node')}
    ), unread AS (
      ${edgesOf("returns WHERE receipt.relation <> 'replay' AND receipt.node NOT IN (SELECT number FROM known)", 'receipt.node')}
    )
    SELECT node, boot, seq FROM known UNION ALL SELECT by_node, by_boot, by_seq FROM known
    UNION ALL SELECT * FROM served UNION ALL SELECT * FROM unread
  ))`;
}

/** The first and the last row of each hour. */
function edgesOf(rows: string, parts: string): string {
  const place = (order: string) =>
    `row_number() OVER (PARTITION BY ${parts}, ${HOUR} ORDER BY time ${order}, seq ${order})`;
  return `SELECT node, boot, seq FROM ${rows} QUALIFY ${place('ASC')} = 1 OR ${place('DESC')} = 1`;
}
