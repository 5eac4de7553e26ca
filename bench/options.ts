/** The command line of the bench. */
import { parseArgs } from 'node:util';
import { CASES } from './cases/table.ts';

export interface Options {
  readonly cases: readonly string[];
  readonly rounds: number;
  readonly seconds: number;
  readonly million: number;
  /** Minutes; 0 is no soak. */
  readonly soak: number;
  readonly memory: boolean;
  readonly json: string | undefined;
  readonly write: boolean;
}

const KEYS = CASES.map(({ key }) => key);

export const USAGE = `npm run bench -- [--cases ${KEYS.join(',')}] [--rounds 1..20] [--seconds 1..60] [--million 0..20] [--json FILE] [--write]
npm run bench -- --soak 1..1440
npm run bench -- --memory
${CASES.map(({ key, title }) => `  ${key}  ${title}`).join('\n')}`;

/** @throws {Error} that says which option is wrong, and why */
export function parseOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      cases: { type: 'string', default: KEYS.join(',') },
      rounds: { type: 'string', default: '3' },
      seconds: { type: 'string', default: '3' },
      million: { type: 'string', default: '1' },
      soak: { type: 'string', default: '0' },
      memory: { type: 'boolean', default: false },
      json: { type: 'string' },
      write: { type: 'boolean', default: false },
    },
  });
  const wanted = values.cases.split(',');
  // `e` is e1 and e2.
  const names = (key: string) => [key, key.slice(0, 1)];
  const unknown = wanted.find((one) => !KEYS.some((key) => names(key).includes(one)));
  if (unknown !== undefined)
    throw new Error(`--cases: ${unknown} is unknown, want some of ${KEYS.join(',')}`);
  return {
    ...values,
    cases: KEYS.filter((key) => names(key).some((name) => wanted.includes(name))),
    json: values.json,
    rounds: whole('rounds', values.rounds, 1, 20),
    seconds: whole('seconds', values.seconds, 1, 60),
    million: whole('million', values.million, 0, 20),
    soak: whole('soak', values.soak, 0, 1440),
  };
}

function whole(name: string, text: string, least: number, most: number): number {
  const value = Number(text);
  if (!/^\d+$/.test(text) || value < least || value > most)
    throw new Error(`--${name}: ${text}, want a whole number from ${least} to ${most}`);
  return value;
}
