/** The options of the suites about keys: which resolvers, and where the findings go. */
import { newFolder, readOptions, refuseUnknown, writable } from '../command-line.ts';

export interface SuiteOptions {
  /** In the order of the table. */
  readonly resolvers: readonly string[];
  /** File for the findings as one JSON document. */
  readonly json: string | undefined;
  /** New folder for the rows of both servers. */
  readonly rows: string | undefined;
  /** Write its section of docs/key-roll-results.md. */
  readonly results: boolean;
  /** One of the choices of the suite, the first when not given. */
  readonly profile: string;
}

const OPTIONS = {
  resolvers: { type: 'string' },
  json: { type: 'string' },
  rows: { type: 'string' },
  profile: { type: 'string' },
  results: { type: 'boolean', default: false },
} as const;

/** In one line. @param profiles what `--profile` may be, the first when not given */
export function keyUsage(profiles: readonly string[] = []): string {
  const own = profiles.length === 0 ? '' : ` [--profile ${profiles.join('|')}]`;
  return `[--resolvers NAME,…]${own} [--json FILE] [--rows FOLDER] [--results]`;
}

/** @param known names of resolvers; @param profiles what `--profile` may be @throws {ConfigError} */
export function parseSuiteOptions(
  args: readonly string[],
  known: readonly string[],
  profiles: readonly string[] = [],
): SuiteOptions {
  const values = readOptions(args, OPTIONS, keyUsage(profiles));
  const wanted = values.resolvers?.split(',');
  refuseUnknown('--resolvers', wanted ?? [], known);
  if (values.profile !== undefined) refuseUnknown('--profile', [values.profile], profiles);
  return {
    resolvers: known.filter((name) => wanted?.includes(name) ?? true),
    json: writable('--json', values.json),
    rows: newFolder('--rows', values.rows),
    results: values.results,
    profile: values.profile ?? profiles[0] ?? '',
  };
}
