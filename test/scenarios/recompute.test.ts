/** Rows of a running server: exported in every format, they give the verdicts of its report again. */
import { readdirSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'dns-packet';
import { expect, it } from 'vitest';
import { padzone } from '../cli/run-program.ts';
import { askTcp, askUdp, NO_RETRY_MS } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { aliasOf, encodeQuestion } from '../support/responder.ts';
import { buildProblem, type Program, startProgram } from '../support/server.ts';

const folder = testFolder('recompute');
const at = (name: string) => join(folder, name);
/** Beyond the silence of the last trial. */
const HOUR_MS = 3_600_000;

/** A second query would be a second row. */
const askOnce = (program: Program, query: Uint8Array) => askUdp(program, query, NO_RETRY_MS);

/** Asks; returns the name that the answer leads to. */
async function follow(program: Program, name: string, edns: number, transport = askOnce): Promise<string> {
  const answer = await transport(program, encodeQuestion({ name, udpPayloadSize: edns, dnssecOk: true }));
  return aliasOf({ packet: decode(answer) }) ?? '';
}

async function serveTrials(): Promise<void> {
  const program = await startProgram(folder, { flags: { udpBudget: '0', udpBudgetTotal: '0' } });
  const open = (size: number) => follow(program, `s${size}.probe.test`, 4096);
  for (const size of [1232, 4096]) await follow(program, await follow(program, await open(size), 4096), 4096);
  const truncated = await open(2048);
  await follow(program, truncated, 1232);
  await follow(program, await follow(program, truncated, 1232, askTcp), 1232);
  await follow(program, await open(1472), 4096); // and no receipt
  await open(3072); // and nothing more
  expect(await program.stop()).toMatchObject({ code: 0 });
}

it('gives the same verdicts from CSV, NDJSON and Parquet as the report of the server itself', async ({
  skip,
}) => {
  skipFor(buildProblem(), skip);
  await serveTrials();
  const segments = readdirSync(at('data/observations')).map((name) => join(at('data/observations'), name));
  // As if it had gone on for an hour without a query.
  const listenedUntil = Date.now() + HOUR_MS;
  for (const path of segments) utimesSync(path, listenedUntil / 1000, listenedUntil / 1000);
  const run = (...argv: string[]) => padzone(argv, undefined, {}, listenedUntil + HOUR_MS);

  const data = ['--data-dir', at('data')];
  const { verdicts } = JSON.parse((await run('report', '--json', ...data)).out);
  expect(verdicts.map((each: Record<string, unknown>) => [each['size'], each['class']])).toEqual([
    [1232, 'UDP_OK_WHOLE'],
    [4096, 'UDP_OK_WHOLE'], // the loopback has an MTU of 65536
    [2048, 'TC_TCP_OK'],
    [1472, 'SILENT'],
    [3072, 'INDETERMINATE'],
  ]);
  for (const format of ['csv', 'ndjson', 'parquet']) {
    const file = at(`rows.${format}`);
    await run('export', ...data, '--format', format, '--output', file);
    const { out } = await run('verdicts', '--until', String(listenedUntil), '--from', file);
    expect(out).toBe(verdicts.map((each: unknown) => `${JSON.stringify(each)}\n`).join(''));
  }
});
