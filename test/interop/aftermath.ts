/** What padzone kept of the questions, and what `padzone report` makes of it. */
import type { RowId } from '../../src/observe/attempt.ts';
import type { Observation } from '../../src/observe/observation.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import type { Verdict } from '../../src/observe/verdict.ts';
import type { Padzone } from '../support/padzone.ts';

export interface Aftermath {
  readonly observations: readonly Observation[];
  readonly rows: readonly SummaryRow[];
  readonly advice: readonly { readonly source: string; readonly urgent: boolean; readonly text: string }[];
  readonly verdicts: readonly Verdict[];
}

/** Stops the server, which brings every row to disk, and reads what it left. */
export async function readAftermath(padzone: Padzone): Promise<Aftermath> {
  await padzone.stop();
  const lines = await padzone.run('export', '--format', 'ndjson');
  const observations = lines
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as Observation);
  return { observations, ...JSON.parse(await padzone.run('report', '--json')) };
}

/** Whether a verdict cites a row that could be sent only by who had received the whole answer over that transport. */
export function citesProof({ size, via, evidence }: Verdict, observations: readonly Observation[]): boolean {
  const cited = evidence.flatMap((id) => observations.filter((row) => isSame(row, id)));
  const isRight = (proto: string, octets: number) => octets === size && (proto === 'tcp') === (via === 'tcp');
  return cited.some(({ receipt, cookie_instance: cookie }) => {
    if (receipt !== null) return receipt.relation === 'own' && isRight(receipt.proto, receipt.sent);
    const answer = cited.find(({ instance }) => instance !== null && instance % 0x100_0000 === cookie);
    return answer !== undefined && isRight(answer.proto, answer.res_len);
  });
}

function isSame(row: Observation, { node, boot, seq }: RowId): boolean {
  return row.node === node && row.boot === boot && row.seq === seq;
}
