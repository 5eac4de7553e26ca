/** Options that `probe` and `selftest` share, and the plan that follows from them. */
import { randomBytes } from 'node:crypto';
import { ConfigError } from '../../config.ts';
import { formatRun } from '../../zone/test-name.ts';
import type { SubcommandOption } from '../subcommand.ts';
import type { Plan } from './test.ts';

const DEFAULT_SIZES = '512,1232,1472,2048,4096';
const DEFAULT_TIMEOUT = '5';

export const ASKING_OPTIONS: readonly SubcommandOption[] = [
  { flags: '--sizes <list>', description: 'octets, 512 to 65535, by commas', default: DEFAULT_SIZES },
  {
    flags: '--timeout <seconds>',
    description: 'for one question, over UDP and again over TCP',
    default: DEFAULT_TIMEOUT,
  },
  { flags: '--json', description: 'one JSON document instead of the table' },
];

export interface AskingOptions {
  readonly sizes: readonly number[];
  readonly timeoutMs: number;
  readonly isJson: boolean;
}

/** @throws {ConfigError} for the first wrong value, with what is allowed */
export function parseAskingOptions(options: Readonly<Record<string, unknown>>): AskingOptions {
  return {
    sizes: parseSizes(String(options['sizes'] ?? DEFAULT_SIZES)),
    timeoutMs: parseTimeout(String(options['timeout'] ?? DEFAULT_TIMEOUT)),
    isJson: options['json'] === true,
  };
}

export function makePlan(origin: string, sizes: readonly number[]): Plan {
  const freshRun = () => formatRun(randomBytes(6).toString('hex'));
  return { origin, run: freshRun(), sizes, freshRun };
}

/** Smallest first, each once. */
function parseSizes(list: string): number[] {
  const sizes = list.split(',').map((word) => {
    const size = /^\d{3,5}$/.test(word.trim()) ? Number(word) : 0;
    if (size < 512 || size > 65_535)
      throw new ConfigError(`--sizes: "${word}" is not a size from 512 to 65535`);
    return size;
  });
  return [...new Set(sizes)].sort((a, b) => a - b);
}

function parseTimeout(seconds: string): number {
  const timeout = Number(seconds);
  if (!(timeout > 0 && timeout <= 60))
    throw new ConfigError(`--timeout: "${seconds}" is not above 0 and at most 60`);
  return timeout * 1000;
}
