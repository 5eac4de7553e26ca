/** Runs a subcommand on rows that stand in a segment of a new data folder. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { runProgram } from '../../src/cli/program.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { segmentStem } from '../../src/store/segment-file.ts';
import { observation } from '../observe/rows.ts';

/**
 * @param rows of one process; a string stands as it is: a torn line
 * @param stoppedAt when that process wrote last, milliseconds since the epoch
 */
export async function padzoneOn(
  rows: readonly (Observation | string)[],
  argv: readonly string[],
  now: number,
  stoppedAt = now,
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
    const { node, boot } = observation();
    const segment = join(dataDir, 'observations', `${segmentStem(node, boot)}1.ndjson`);
    writeFileSync(segment, lines.join('\n'));
    utimesSync(segment, stoppedAt / 1000, stoppedAt / 1000);
    const world = { env: {}, out: stream('out'), err: stream('err'), now: () => now };
    const status = await runProgram([...argv, '--data-dir', dataDir], world);
    return { status, ...written };
  } finally {
    rmSync(dataDir, { recursive: true, force: true });
  }
}
