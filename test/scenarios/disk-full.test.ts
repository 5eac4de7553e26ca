/** A full disk: answers go on, rows that are lost are counted and said, and what was written stays readable. */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { readAllObservations } from '../../src/store/read.ts';
import { NO_RETRY_MS, openUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { encodeQuestion } from '../support/responder.ts';
import { buildProblem, type Program, type ProgramSettings, startProgram } from '../support/server.ts';

const folder = testFolder('disk-full');
const LOST = 'padzone_rows_lost_total{reason="disk"}';
const WRITTEN = 'padzone_rows_written_total';

const mount = (at: string) => `mount -t tmpfs -o size=64k none ${at}`;

function mountProblem(): string | undefined {
  const { status } = spawnSync('unshare', ['-m', 'sh', '-c', mount('/mnt')], { timeout: 5_000 });
  return status === 0 ? undefined : 'cannot mount a tmpfs in a namespace of our own (needs root)';
}

interface Row {
  readonly what: string;
  readonly problem: string | undefined;
  readonly settings: (data: string) => ProgramSettings;
  /** Where the rows can be read while the program runs. */
  readonly rows: (data: string, program: Program) => string;
}

const ROWS: Row[] = [
  {
    what: 'no file may have more than 64 KiB (EFBIG)',
    problem: undefined,
    settings: () => ({ before: 'ulimit -f 128' }),
    rows: (data) => data,
  },
  {
    what: 'the file system has 64 KiB (ENOSPC)',
    problem: mountProblem(),
    settings: (data) => ({ inside: ['unshare', '-m'], before: mount(data) }),
    rows: (data, { child }) => `/proc/${child.pid}/root${data}`,
  },
];

it.for(ROWS)('$what', async ({ problem, settings, rows }, { skip, task }) => {
  skipFor(problem ?? buildProblem(), skip);
  const data = join(folder, task.id);
  mkdirSync(data);
  const program = await startProgram(folder, { ...settings(data), flags: { dataDir: data } });
  const client = await openUdp(program, NO_RETRY_MS);
  let asked = 0;
  const ask = async (count: number) => {
    for (let at = 0; at < count; at++) {
      const answer = await client.ask(encodeQuestion({ name: 'me.probe.test', id: asked++ }));
      expect(answer.readUInt16BE(2) & 0x840f).toBe(0x8400);
    }
  };
  const metric = async (name: string) => (await program.metrics()).get(name) ?? 0;

  await ask(20);
  while ((await metric(WRITTEN)) < 20);
  while ((await metric(LOST)) === 0) await ask(20);
  await program.logs('observations cannot be written; answers go on, rows are lost');
  await ask(20);
  // Every answer is accounted for: on disk, or lost and said so.
  while ((await metric(WRITTEN)) + (await metric(LOST)) < asked);
  const written = await metric(WRITTEN);
  expect((await metric(WRITTEN)) + (await metric(LOST))).toBe(asked);
  const read = await readAllObservations(join(rows(data, program), 'observations'));
  expect(read.counters).toMatchObject({ duplicates: 0, torn: 0 });
  expect(read.rows.filter(({ event }) => event === 'query')).toHaveLength(written);

  await client.close();
  const exit = await program.stop();
  expect(exit.code).toBe(0);
  expect(exit.stdout).toMatch(/rows on disk; [1-9]\d* lost/);
});
