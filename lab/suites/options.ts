/** The options of the suites about keys: which resolvers, and where the findings go. */
import { parseArgs } from 'node:util';
import { ConfigError } from '../../src/config/error.ts';

export interface SuiteOptions {
  /** In the order of the table. */
  readonly resolvers: readonly string[];
  /** File for the findings as one JSON document. */
  readonly json: string | undefined;
  /** Write its section of docs/key-roll-results.md. */
  readonly results: boolean;
  /** One of the choices of the suite, the first when not given. */
  readonly profile: string;
}

/** @param known names of resolvers; @param profiles what `--profile` may be @throws {ConfigError} */
export function parseSuiteOptions(
  args: readonly string[],
  known: readonly string[],
  profiles: readonly string[] = [],
): SuiteOptions {
  const { values } = parse(args);
  const wanted = values.resolvers?.split(',');
  refuseUnknown('--resolvers', wanted ?? [], known);
  if (values.profile !== undefined) refuseUnknown('--profile', [values.profile], profiles);
  return {
    resolvers: known.filter((name) => wanted?.includes(name) ?? true),
    json: values.json,
    results: values.results,
    profile: values.profile ?? profiles[0] ?? '',
  };
}

function parse(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      options: {
        resolvers: { type: 'string' },
        json: { type: 'string' },
        profile: { type: 'string' },
        results: { type: 'boolean', default: false },
      },
    });
  } catch (error) {
    const usage = '[--resolvers NAME,…] [--profile NAME] [--json FILE] [--results]';
    throw new ConfigError(`${(error as Error).message.split('. ')[0]}; usage: ${usage}`);
  }
}

function refuseUnknown(option: string, names: readonly string[], known: readonly string[]): void {
  const unknown = names.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const allowed = known.length === 0 ? 'no such option here' : `want some of ${known.join(',')}`;
  throw new ConfigError(`${option}: '${unknown}' is unknown, ${allowed}`);
}
