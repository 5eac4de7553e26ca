/** The options of the suites about keys: which resolvers, and where the findings go. */
import { readOptions, refuseUnknown, writable } from '../command-line.ts';

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

const OPTIONS = {
  resolvers: { type: 'string' },
  json: { type: 'string' },
  profile: { type: 'string' },
  results: { type: 'boolean', default: false },
} as const;
const USAGE = '[--resolvers NAME,…] [--profile NAME] [--json FILE] [--results]';

/** @param known names of resolvers; @param profiles what `--profile` may be @throws {ConfigError} */
export function parseSuiteOptions(
  args: readonly string[],
  known: readonly string[],
  profiles: readonly string[] = [],
): SuiteOptions {
  const values = readOptions(args, OPTIONS, USAGE);
  const wanted = values.resolvers?.split(',');
  refuseUnknown('--resolvers', wanted ?? [], known);
  if (values.profile !== undefined) refuseUnknown('--profile', [values.profile], profiles);
  return {
    resolvers: known.filter((name) => wanted?.includes(name) ?? true),
    json: writable('--json', values.json),
    results: values.results,
    profile: values.profile ?? profiles[0] ?? '',
  };
}
