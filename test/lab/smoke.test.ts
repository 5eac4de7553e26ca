/** The lab for real, small: recovered and unrecovered losses behind real paths, each verdict as it must be. */
import { spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { SMOKE } from '../../lab/matrix.ts';
import { labProblem } from '../../lab/problem.ts';
import { skipFor } from '../support/processes.ts';

/** Its own, because other tests run what stands beside it. */
const BUILT = 'dist-lab/smoke';
const directory = mkdtempSync(join(tmpdir(), 'padzone-smoke-'));

beforeAll(() => {
  const { status, stdout } = spawnSync('npx', ['tsc', '-p', 'lab/tsconfig.json', '--outDir', BUILT], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`the lab does not compile: ${stdout}`);
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

interface Document {
  readonly delivered_without_proof: number;
  readonly cells: readonly { readonly found: string; readonly faults: readonly string[] }[];
}

it('every cell of the smoke test is as expected, failures among them', async ({ skip }) => {
  skipFor(labProblem(SMOKE.resolvers), skip);
  const file = join(directory, 'smoke.json');
  const { code, output } = await runLab('--smoke', '--json', file, '--rows', join(directory, 'rows'));
  const { cells, delivered_without_proof: unproven } = JSON.parse(readFileSync(file, 'utf8')) as Document;
  expect(
    cells.filter(({ faults }) => faults.length > 0),
    output,
  ).toEqual([]);
  expect({ code, unproven, count: cells.length }).toEqual({ code: 0, unproven: 0, count: 64 });
  const found = new Set(cells.map((cell) => cell.found));
  for (const name of ['UDP_OK_SMALLER', 'LOSS_TCP_OK', 'TC_NO_TCP', 'TC_TCP_STALL', 'LOSS_RETRY_FAIL'])
    expect(found).toContain(name);
}, 180_000);

it('the rows that it keeps give the same verdicts to the report, to a recomputation, and to one of exported rows', ({
  skip,
}) => {
  skipFor(labProblem(SMOKE.resolvers), skip);
  const folders = ['ns1', 'ns2'].map((node) => join(directory, 'rows', node));
  const exported = folders.map((folder, at) => {
    const file = join(directory, `${at}.parquet`);
    padzone('export', '--data-dir', folder, '--format', 'parquet', '--output', file);
    return file;
  });
  const until = ['--until', new Date().toISOString(), '--json'];
  const [report, again, fromFiles] = [
    padzone('report', '--from', ...folders, ...until),
    padzone('verdicts', '--from', ...folders, ...until),
    padzone('verdicts', '--from', ...exported, ...until),
  ].map((json) => (JSON.parse(json) as { verdicts: unknown[] }).verdicts);
  expect(report?.length).toBeGreaterThanOrEqual(64);
  expect(again).toEqual(report);
  expect(fromFiles).toEqual(report);
});

function padzone(...args: string[]): string {
  const { stdout, stderr, status } = spawnSync(
    process.execPath,
    ['dist/cli/main.js', ...args, '--origin', 'probe.lab'],
    { encoding: 'utf8', maxBuffer: 2 ** 28 },
  );
  expect({ status, stderr: status === 0 ? '' : stderr }).toEqual({ status: 0, stderr: '' });
  return stdout;
}

it('says in one line what is wrong with an option, and ends with 2', async () => {
  const { code, output } = await runLab('--paths', 'nowhere');
  expect(code).toBe(2);
  expect(output).toMatch(/^lab: path "nowhere": "nowhere" is unknown, want some of clean, [^\n]*\n$/);
});

it('--list shows what there is', async () => {
  const { code, output } = await runLab('--list');
  expect(code).toBe(0);
  expect(output).toMatch(/^ {2}frag +every fragment vanishes$/m);
});

/** As `npm run lab` does, which would compile the program under other tests as well. */
async function runLab(...args: string[]): Promise<{ code: number | null; output: string }> {
  const child = spawn(process.execPath, [join(BUILT, 'lab/main.js'), ...args]);
  const ended = new Promise<number | null>((resolve) => child.once('close', resolve));
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)]);
  return { code: await ended, output: stdout + stderr };
}
