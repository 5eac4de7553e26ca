/** Runs the command line in this process and keeps what it writes. */
import { Writable } from 'node:stream';
import { runProgram, type World } from '../../src/cli/program.ts';
import type { SubcommandRow } from '../../src/cli/table.ts';

class Kept extends Writable {
  text = '';
  override _write(chunk: Buffer, _encoding: string, done: () => void): void {
    this.text += chunk.toString();
    done();
  }
}

export async function padzone(
  argv: readonly string[],
  rows?: readonly SubcommandRow[],
  env: World['env'] = {},
  now = 0,
) {
  const [out, err] = [new Kept(), new Kept()];
  const status = await runProgram(argv, { env, out, err, now: () => now }, rows);
  return { status, out: out.text, err: err.text };
}
