/** `kill -9` while it answers: every row that it called written is there, a torn block is skipped, and the next start goes on. */
import { readdirSync, statSync, truncateSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readAllObservations } from '../../src/store/read.ts';
import { askUdp, NO_RETRY_MS, openUdp, type UdpClient } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { encodeQuestion } from '../support/responder.ts';
import { buildProblem, startProgram } from '../support/server.ts';

const folder = testFolder('kill');
const observations = join(folder, 'data', 'observations');
/** Rows that must be on disk before the end comes, behind those of a first batch: so there are several blocks. */
const ENOUGH = 500;

/** Asks one query after another until the socket is closed; the number of answers. */
async function askOn(client: UdpClient): Promise<number> {
  for (let answers = 0; ; answers++) {
    const query = encodeQuestion({ name: 'me.probe.test', id: answers & 0xffff });
    const answered = await client.ask(query).then(
      () => true,
      () => false,
    );
    if (!answered) return answers;
  }
}

it('keeps what it called written, whatever comes', async ({ skip }) => {
  skipFor(buildProblem(), skip);
  const first = await startProgram(folder);
  const client = await openUdp(first, NO_RETRY_MS);
  const asking = askOn(client);
  const rowsWritten = async () => (await first.metrics()).get('padzone_rows_written_total') ?? 0;
  let batch = 0;
  while (batch === 0) batch = await rowsWritten();
  let written = batch;
  while (written < batch + ENOUGH) written = await rowsWritten();
  const exit = await first.stop('SIGKILL');
  await client.close();
  expect(await asking).toBeGreaterThanOrEqual(written - 1);
  expect(exit).toMatchObject({ signal: 'SIGKILL' });

  const kept = await readAllObservations(observations);
  // It may come while a batch is written, and leave half a block.
  const half = kept.counters.torn;
  expect(half).toBeLessThanOrEqual(1);
  expect(kept.rows.length).toBeGreaterThanOrEqual(written);
  // Each thread counts its rows, in the lower forty bits; none is missing in between.
  const numbers = kept.rows.map(({ seq }) => seq).sort((a, b) => a - b);
  for (const [at, seq] of numbers.entries()) if (seq % 2 ** 40 !== 0) expect(seq).toBe(numbers[at - 1]! + 1);

  // A power cut may leave half a block as well.
  const [segment] = readdirSync(observations);
  if (half === 0)
    truncateSync(join(observations, segment!), statSync(join(observations, segment!)).size - 10);
  const torn = await readAllObservations(observations);
  // The block that was cut is lost, and none before it.
  expect(torn.counters.torn).toBe(1);
  expect(torn.counters.rows).toBeGreaterThan(0);
  expect(torn.counters.rows).toBeLessThan(kept.rows.length + half);

  const second = await startProgram(folder);
  await askUdp(second, encodeQuestion({ name: 'help.probe.test' }), NO_RETRY_MS);
  expect(await second.stop()).toMatchObject({ code: 0 });
  const after = await readAllObservations(observations);
  expect(after.counters).toMatchObject({ rows: torn.counters.rows + 1, torn: 1, duplicates: 0 });
  expect(after.rows.at(-1)?.qname).toBe('help.probe.test.');
});
