/** Compaction beside a server: `padzone compact` as a process of low priority, one at a time, soon after a segment has been closed. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { constants, setPriority } from 'node:os';
import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

export interface CompactionOptions {
  /** Of the segments: `<data_dir>/observations`. */
  readonly directory: string;
  /** Called at the first of failures that follow each other. */
  onTrouble(error: Error): void;
  /** What to run; by default this program's own `compact --once`. */
  readonly command?: readonly [string, ...string[]];
  /** From the first segment that is closed to the start that takes it and those that follow, milliseconds (15 s). */
  readonly restMs?: number;
}

export interface Compaction {
  /** A segment has been closed. */
  noteClosed(): void;
  /** Ends the process that runs; what it did not finish is done after the next start. */
  stop(): Promise<void>;
}

/** A process costs half a second of CPU time before it is quick: under load it takes several segments at a time. */
const REST_MS = 15_000;
/** What a crash left is compacted once it is old enough to be known as left. */
const FIRST_MS = 90_000;
const BACKOFF_MS = 60_000;
const MAX_BACKOFF_MS = 3_600_000;
const STDERR_CHARACTERS = 2000;

export function startCompaction(options: CompactionOptions): Compaction {
  const { directory, onTrouble, command, restMs = REST_MS } = options;
  const [program, ...args] = command ?? ownCommand(directory);
  let child: ChildProcess | undefined;
  let failures = 0;
  let isWanted = false;
  let isStopped = false;
  let timer = startIn(FIRST_MS);

  function startIn(ms: number): NodeJS.Timeout {
    return setTimeout(start, ms).unref();
  }

  function start(): void {
    clearTimeout(timer);
    if (isStopped || child) return;
    isWanted = false;
    child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    lower(child);
    let said = '';
    child.stderr?.setEncoding('utf8').on('data', (text: string) => {
      said = (said + text).slice(-STDERR_CHARACTERS);
    });
    child.once('error', (error) => ended(error));
    child.once('close', (code, signal) =>
      ended(code === 0 ? undefined : new Error(`compaction ended with ${signal ?? code}: ${said.trim()}`)),
    );
  }

  function startRested(): void {
    clearTimeout(timer);
    timer = startIn(restMs);
  }

  function ended(error: Error | undefined): void {
    if (!child) return; // after `error`, `close` may come or not
    child = undefined;
    if (isStopped) return;
    failures = error ? failures + 1 : 0;
    if (error) {
      if (failures === 1) onTrouble(error);
      timer = startIn(Math.min(BACKOFF_MS * 2 ** (failures - 1), MAX_BACKOFF_MS));
    } else if (isWanted) {
      startRested();
    }
  }

  return {
    noteClosed() {
      if (isWanted || isStopped) return;
      isWanted = true;
      if (!child && failures === 0) startRested();
    },
    async stop() {
      isStopped = true;
      clearTimeout(timer);
      const running = child;
      if (!running) return;
      const gone = once(running, 'close').catch(() => {});
      running.kill();
      await gone;
    },
  };
}

function ownCommand(directory: string): [string, ...string[]] {
  const main = fileURLToPath(new URL('../cli/main.js', import.meta.url));
  return [process.execPath, main, 'compact', '--once', '--data-dir', dirname(directory)];
}

/** Answers go first. Where the system does not let us, it runs as we do. */
function lower({ pid }: ChildProcess): void {
  try {
    if (pid !== undefined) setPriority(pid, constants.priority.PRIORITY_BELOW_NORMAL);
  } catch {
    // Gone already, or not allowed.
  }
}
