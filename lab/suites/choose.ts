/** `--suite NAME`: which suite is meant, and what is left for it. */
import { ConfigError } from '../../src/config/error.ts';
import type { Suite } from './suite.ts';
import { SUITES } from './table.ts';

/** The first of the table where none is named. @throws {ConfigError} for a name that the table lacks */
export function chooseSuite(args: readonly string[]): { suite: Suite; rest: readonly string[] } {
  const at = args.findIndex((arg) => arg === '--suite' || arg.startsWith('--suite='));
  if (at < 0) return { suite: SUITES[0], rest: args };
  const isSeparate = args[at] === '--suite';
  const name = isSeparate ? args[at + 1] : args[at]?.slice('--suite='.length);
  const suite = SUITES.find((one) => one.name === name);
  if (suite !== undefined) return { suite, rest: args.toSpliced(at, isSeparate ? 2 : 1) };
  const names = SUITES.map((one) => `${one.name} (${one.summary})`).join(', ');
  throw new ConfigError(`--suite: '${name ?? ''}' is unknown, want one of ${names}`);
}
