/** The process beside the server: one at a time, of low priority, tried again when it fails, and gone when the server stops. */
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { constants, tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import { startCompaction } from '../../src/store/compaction.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-compaction-'));
});
afterEach(() => {
  vi.useRealTimers();
  rmSync(directory, { recursive: true, force: true });
});

/** Runs some JavaScript in place of `padzone compact`. */
function start(script: string, restMs = 0) {
  const troubles: string[] = [];
  const compaction = startCompaction({
    directory,
    command: [process.execPath, '-e', script],
    onTrouble: ({ message }) => troubles.push(message),
    restMs,
  });
  return { ...compaction, troubles };
}

const path = (name: string) => JSON.stringify(join(directory, name));
const runs = () => readdirSync(directory).filter((name) => name.startsWith('run-')).length;
const RUN = () => `const fs = require('node:fs'); fs.writeFileSync(${path('run-')} + process.pid, '');`;

it('runs below the priority of the server', async () => {
  const { noteClosed, stop } = start(
    `${RUN()} fs.writeFileSync(${path('priority')}, String(os.getPriority()))`.replace(
      'os.',
      "require('node:os').",
    ),
  );
  noteClosed();
  await expect
    .poll(() => existsSync(join(directory, 'priority')) && readFileSync(join(directory, 'priority'), 'utf8'))
    .toBe(String(constants.priority.PRIORITY_BELOW_NORMAL));
  await stop();
});

it('runs once more, and no more, for segments that are closed while it runs', async () => {
  const { noteClosed, stop, troubles } = start(
    `${RUN()} const timer = setInterval(() => fs.existsSync(${path('go')}) && clearInterval(timer), 10)`,
  );
  noteClosed();
  await expect.poll(runs).toBe(1);
  for (let count = 0; count < 5; count++) noteClosed();
  writeFileSync(join(directory, 'go'), '');
  await expect.poll(runs).toBe(2);
  noteClosed();
  await expect.poll(runs).toBe(3);
  await stop();
  expect(troubles).toEqual([]);
});

it('rests before it starts, and takes what is closed meanwhile', async () => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  const restMs = 1_000_000; // far more than what passes while something is waited for
  const { noteClosed, stop } = start(
    `${RUN()} process.on('exit', () => fs.writeFileSync(${path('end-')} + process.pid, ''))`,
    restMs,
  );
  const ends = () => readdirSync(directory).filter((name) => name.startsWith('end-')).length;
  for (const run of [1, 2]) {
    noteClosed();
    await expect.poll(() => vi.getTimerCount()).toBe(1);
    vi.advanceTimersByTime(restMs / 2);
    for (let count = 0; count < 5; count++) noteClosed();
    expect(vi.getTimerCount()).toBe(1); // still the end of the rest
    vi.advanceTimersByTime(restMs / 2);
    expect(vi.getTimerCount()).toBe(0);
    await expect.poll(ends).toBe(run);
  }
  expect(runs()).toBe(2);
  await stop();
});

it('says at the first failure what went wrong, and then waits before it tries again', async () => {
  const { noteClosed, stop, troubles } = start(`${RUN()} console.error('no space'); process.exitCode = 3`);
  noteClosed();
  await expect.poll(() => troubles).toEqual(['compaction ended with 3: no space']);
  noteClosed();
  await stop();
  expect(runs()).toBe(1);
});

it('says when there is no such program', async () => {
  const troubles: string[] = [];
  const { noteClosed, stop } = startCompaction({
    directory,
    command: ['/nowhere/padzone'],
    onTrouble: ({ message }) => troubles.push(message),
    restMs: 0,
  });
  noteClosed();
  await expect.poll(() => troubles).toEqual(['spawn /nowhere/padzone ENOENT']);
  await stop();
});

it('ends with the server, also in the middle', async () => {
  const { noteClosed, stop, troubles } = start(`${RUN()} setInterval(() => {}, 1000)`);
  noteClosed();
  await expect.poll(runs).toBe(1);
  await stop();
  const [pid] = readdirSync(directory).map((name) => Number(name.slice(4)));
  expect(() => process.kill(pid!, 0)).toThrow('ESRCH');
  noteClosed();
  expect(troubles).toEqual([]);
});
