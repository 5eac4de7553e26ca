/** Loading: flags over environment over file over defaults, and every value through the check of its row. */
import { readFileSync } from 'node:fs';
import { parse, TomlError } from 'smol-toml';
import type * as z from 'zod';
import { ConfigError } from './error.ts';
import { problemsOf } from './rules.ts';
import { flagOf, type Setting, tomlKey, variableOf } from './setting.ts';
import { type Config, SETTINGS } from './table.ts';

/** Where settings come from, defaults aside. */
export interface Sources {
  /** Text behind each flag, by setting name (`udpMax`), and `config` for the file. */
  readonly flags: Readonly<Record<string, string | undefined>>;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** A value as it was given, and where, for messages. */
interface Given {
  readonly value: unknown;
  readonly source: string;
}

const ROWS: readonly (readonly [string, Setting])[] = Object.entries(SETTINGS);

/**
 * The settings in force.
 *
 * @throws {ConfigError} for the first problem, those of the file before those of values in table order; `others` holds the rest
 */
export function loadConfig(sources: Sources): Config {
  const problems: ConfigError[] = [];
  const file = readFile(sources, problems);
  const values: Record<string, unknown> = {};
  for (const [name, setting] of ROWS) {
    const given = lookUp(name, setting, sources, file, values);
    const result = setting.check.safeParse(given.value, { reportInput: true });
    if (result.success) values[name] = result.data;
    else problems.push(...result.error.issues.map((issue) => problem(given.source, setting, issue)));
  }
  // The types follow from the same rows; rules between settings make sense only for values that are right.
  const config = Object.freeze(values) as Config;
  if (problems.length === 0) problems.push(...problemsOf(config));
  const [first, ...others] = problems;
  if (first) throw new ConfigError(first.message, { cause: first.cause, others });
  return config;
}

interface SettingsFile {
  readonly path: string;
  readonly content: Readonly<Record<string, unknown>>;
}

function lookUp(
  name: string,
  setting: Setting,
  sources: Sources,
  file: SettingsFile | undefined,
  earlier: object,
): Given {
  const [key, flag, variable] = [tomlKey(name), flagOf(name), variableOf(name)];
  if (sources.flags[name] !== undefined) return { value: sources.flags[name], source: `flag ${flag}` };
  if (sources.env[variable] !== undefined)
    return { value: sources.env[variable], source: `variable ${variable}` };
  if (file && Object.hasOwn(file.content, key))
    return { value: file.content[key], source: `${file.path}: ${key}` };
  const { fallback } = setting;
  const derived = typeof fallback === 'object' && 'from' in fallback;
  return { value: derived ? fallback.from({ ...earlier }) : fallback, source: `default of ${key}` };
}

function readFile({ flags, env }: Sources, problems: ConfigError[]): SettingsFile | undefined {
  const path = flags['config'] ?? env['PADZONE_CONFIG'];
  if (path === undefined) return undefined;
  try {
    const content = parse(readFileSync(path, 'utf8'));
    problems.push(...unknownKeys(path, Object.keys(content)));
    return { path, content };
  } catch (cause) {
    const source = flags['config'] === undefined ? 'variable PADZONE_CONFIG' : 'flag --config';
    problems.push(new ConfigError(unreadable(path, source, cause), { cause }));
    return undefined;
  }
}

function unreadable(path: string, source: string, cause: unknown): string {
  if (cause instanceof TomlError) {
    // Only the reason: further lines of the message quote the file, which may hold the secret.
    const reason = cause.message.split('\n')[0]?.replace('Invalid TOML document: ', '');
    return `${path}:${cause.line}:${cause.column}: is not TOML: ${reason}`;
  }
  const reason = cause instanceof Error && 'code' in cause ? cause.code : cause;
  return `${source}: cannot read ${JSON.stringify(path)} (${reason})`;
}

function unknownKeys(path: string, keys: readonly string[]): ConfigError[] {
  const plain = (key: string) => key.replace(/[-_.]/g, '').toLowerCase();
  const known = ROWS.map(([name]) => tomlKey(name));
  return keys
    .filter((key) => !known.includes(key))
    .map((key) => {
      const meant = known.find((candidate) => plain(candidate) === plain(key));
      const hint = meant ? `did you mean ${meant}?` : '`padzone config docs` lists all';
      return new ConfigError(`${path}: ${key} is not a setting; ${hint}`);
    });
}

/** `flag --udp-max: "9" is not a whole number from 512 to 65507`. */
function problem(source: string, setting: Setting, issue: z.core.$ZodIssue): ConfigError {
  const path = issue.path
    .map((part) => (typeof part === 'number' ? `[${part}]` : `.${String(part)}`))
    .join('');
  const given = setting.hidden ? '(hidden)' : (JSON.stringify(issue.input) ?? 'nothing');
  return new ConfigError(`${source}${path}: ${given} ${issue.message}`);
}
