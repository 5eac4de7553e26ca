/** A clock for servers that can be set while they run: a program loaded before theirs, which reads a file. */
import { renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

export interface SettableClock {
  /** Environment of the processes that go by it. */
  readonly env: Readonly<Record<string, string>>;
  /** @param aheadMs of this machine's clock, negative for behind; all follow within 50 ms */
  set(aheadMs: number): void;
  /** Milliseconds since the epoch by this clock. */
  now(): number;
}

/** Threads of padzone may never return to their event loop, so the file is read when somebody asks what time it is. */
const PROGRAM = `import { readFileSync } from 'node:fs';
const now = Date.now;
let ahead = 0;
let readAt = 0;
Date.now = () => {
  const real = now();
  if (real - readAt >= 50) {
    ahead = Number(readFileSync(process.env.LAB_CLOCK, 'utf8'));
    readAt = real;
  }
  return real + ahead;
};
`;

/** Writes its files into `directory`. */
export function makeClock(directory: string): SettableClock {
  const program = join(directory, 'clock.mjs');
  const file = join(directory, 'clock');
  let ahead = 0;
  const set = (aheadMs: number) => {
    ahead = aheadMs;
    // A name changes its file at once, so that nobody reads half a number.
    writeFileSync(`${file}.new`, String(aheadMs));
    renameSync(`${file}.new`, file);
  };
  writeFileSync(program, PROGRAM);
  set(0);
  return {
    env: { NODE_OPTIONS: `--import=${program}`, LAB_CLOCK: file },
    set,
    now: () => Date.now() + ahead,
  };
}
