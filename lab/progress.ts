/** Progress: one line for each unit that is done, for whoever waits. */
import type { UnitResult } from './cell.ts';
import type { Unit } from './contract.ts';

/** `frag, unbound, EDNS 4096, IPv4` */
export function unitText({ path, resolver, edns, family }: Unit): string {
  return `${path}, ${resolver}, EDNS ${edns}, ${family === 'any' ? 'both IP versions' : `IPv${family}`}`;
}

/** `[ 3/16] frag, unbound, EDNS 4096, IPv4: 512 NOERROR 12 ms, 4096 SERVFAIL 21504 ms` */
export function progressLine(done: number, all: number, { unit, sizes, problem }: UnitResult): string {
  const count = `[${String(done).padStart(String(all).length)}/${all}]`;
  const answers = sizes.map(({ size, client }) => `${size} ${client.status} ${client.elapsedMs} ms`);
  return `${count} ${unitText(unit)}: ${problem === undefined ? answers.join(', ') : `could not be run: ${problem}`}`;
}
