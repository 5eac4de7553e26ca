/** Runs a subcommand on rows that stand in a segment of a new data folder. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runProgram } from '../../src/cli/program.ts';
import type { Observation } from '../../src/observe/observation.ts';

/** @param rows a string stands as it is: a torn line */
export async function padzoneOn(
  rows: readonly (Observation | string)[],
  argv: readonly string[],
  now: number,
): Promise<{ status: number; out: string; err: string }> {
  const dataDir = mkdtempSync(join(tmpdir(), 'padzone-cli-'));
  const written = { out: '', err: '' };
  const stream = (name: 'out' | 'err') =>
    new Writable({
      write(chunk, _encoding, done) {
        written[name] += String(chunk);
        done();
      },
    });
  try {
    mkdirSync(join(dataDir, 'observations'));
    const lines = rows.map((row) => (typeof row === 'string' ? row : JSON.stringify(row)));
    writeFileSync(join(dataDir, 'observations', 'observations-ns1-1-1.ndjson'), lines.join('\n'));
    const world = { env: {}, out: stream('out'), err: stream('err'), now: () => now };
    const status = await runProgram([...argv, '--data-dir', dataDir], world);
    return { status, ...written };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
