/** Compiles the lab where its relay is older than its source: that one runs as a program of its own. */
import { spawnSync } from 'node:child_process';
import { existsSync, statSync } from 'node:fs';

const SOURCES = ['relay', 'passage', 'question', 'strip-opt', 'tun'].map((name) => `lab/${name}.ts`);
const BUILT = 'dist-lab/lab/relay.js';

/** @throws {Error} with what the compiler says */
export function buildRelay(): void {
  const changed = Math.max(...SOURCES.map((file) => statSync(file).mtimeMs));
  if ((statSync(BUILT, { throwIfNoEntry: false })?.mtimeMs ?? 0) > changed) return;
  const { stdout } = spawnSync('npx', ['tsc', '-p', 'lab/tsconfig.json'], { encoding: 'utf8' });
  if (!existsSync(BUILT)) throw new Error(`the relay of the lab does not compile: ${stdout}`);
}
