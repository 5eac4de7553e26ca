/** The settable clock: a process that goes by it, in its threads too, even while it never returns to its event loop. */
import { spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, it } from 'vitest';
import { makeClock } from '../../lab/clock.ts';

const DAY_MS = 86_400_000;
/** A thread that says how many days it is ahead of `startedAt`, whenever that changes, and never pauses. */
const PROGRAM = `
import { Worker } from 'node:worker_threads';
new Worker(\`
  import { writeSync } from 'node:fs';
  let said;
  for (;;) {
    const days = Math.round((Date.now() - \${process.argv[1]}) / ${DAY_MS});
    if (days !== said) writeSync(1, days + '\\\\n');
    said = days;
  }\`, { eval: true });`;

it('is followed while it is set, forth and back', async () => {
  const directory = mkdtempSync(join(tmpdir(), 'padzone-clock-'));
  const clock = makeClock(directory);
  const args = ['--input-type=module', '-e', PROGRAM, String(Date.now())];
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...clock.env },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    const lines = createInterface({ input: child.stdout })[Symbol.asyncIterator]();
    const next = async () => Number((await lines.next()).value);
    expect(await next()).toBe(0);
    for (const days of [40, 41, -3, 0]) {
      clock.set(days * DAY_MS);
      expect(await next()).toBe(days);
      expect(Math.round((clock.now() - Date.now()) / DAY_MS)).toBe(days);
    }
  } finally {
    child.kill('SIGKILL');
    rmSync(directory, { recursive: true });
  }
});
