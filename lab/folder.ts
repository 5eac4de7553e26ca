/** Where a lab writes: a temporary folder that goes with this process, however that ends, or one that stays. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

export interface Folder {
  readonly path: string;
  readonly isKept: boolean;
  /** Removes it, unless it is kept. */
  close(): Promise<void>;
}

/** Waits for the end of its standard input; then those who wrote are gone or going. In a session of its own no signal to the lab's group ends it. */
const REMOVER = 'cat; sleep 0.3; rm -rf -- "$0"';

export function openFolder(): Folder {
  const path = mkdtempSync(join(tmpdir(), 'padzone-lab-'));
  const remover = spawn('sh', ['-c', REMOVER, path], { stdio: ['pipe', 'ignore', 'ignore'], detached: true });
  return {
    path,
    isKept: false,
    async close() {
      if (remover.exitCode !== null) return;
      const gone = once(remover, 'exit');
      remover.stdin.end();
      await gone;
    },
  };
}

export function keptFolder(path: string): Folder {
  return { path, isKept: true, close: async () => undefined };
}
