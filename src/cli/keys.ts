/** padzone keys: list, generate and import the signing keys in the key directory. */
import { ConfigError } from '../config.ts';
import { ALGORITHM_NUMBERS, findAlgorithm } from '../dnssec/algorithm.ts';
import { type KeyChoice, type KeyFlags, parseZoneName, ZONE_NAME_RULE } from '../dnssec/key.ts';
import { generateDistinctKey, importKeys, loadKeys, type StoredKey, saveKey } from '../dnssec/key-store.ts';
import type { Subcommand, SubcommandContext } from './subcommand.ts';

export const keysList: Subcommand = {
  name: 'keys list',
  summary: 'List the signing keys in the key directory',
  options: [{ flags: '--json', description: 'print one JSON array' }],
  async run(context, _args, options) {
    const { keys, warnings } = await loadKeys(context.config().keysDir);
    warn(context, warnings);
    const rows = keys.map((key) => row(key, keys));
    context.out.write(options['json'] === true ? `${JSON.stringify(rows, null, 2)}\n` : table(rows));
    return 0;
  },
};

export const keysGenerate: Subcommand = {
  name: 'keys generate',
  summary: 'Make a signing key for a zone',
  options: [
    { flags: '--zone <name>', description: 'the zone that the key signs' },
    { flags: '--algorithm <number>', description: `one of ${ALGORITHM_NUMBERS}`, default: '13' },
    { flags: '--csk', description: 'a key that signs everything (the default)' },
    { flags: '--ksk', description: 'a key that signs the keys' },
    { flags: '--zsk', description: 'a key that signs the rest of the zone' },
  ],
  async run(context, _args, options) {
    const choice = choiceOf(options);
    const { keysDir } = context.config();
    const { keys, warnings } = await loadKeys(keysDir);
    warn(context, warnings);
    const made = await saveKey(keysDir, generateDistinctKey(choice, keys), context.now());
    context.out.write(`${made.file}\n`);
    return 0;
  },
};

export const keysImport: Subcommand = {
  name: 'keys import',
  summary: 'Check BIND key files and copy them into the key directory',
  options: [],
  arguments: [{ name: '<files...>', description: 'the .key or the .private file of each key' }],
  async run(context, args) {
    const { keys, warnings } = await importKeys(args, context.config().keysDir);
    warn(context, warnings);
    for (const { file } of keys) context.out.write(`${file}\n`);
    return 0;
  },
};

const ROLES: Readonly<Record<string, KeyFlags>> = { csk: 257, ksk: 257, zsk: 256 };

function choiceOf(options: Readonly<Record<string, unknown>>): KeyChoice {
  const name = String(options['zone'] ?? '');
  const zone = parseZoneName(name);
  if (zone === undefined) throw new ConfigError(`--zone "${name}" is not allowed: ${ZONE_NAME_RULE}`);
  const number = String(options['algorithm'] ?? 13);
  const row = findAlgorithm(Number(number));
  if (row === undefined) throw new ConfigError(`--algorithm ${number} is not allowed: ${ALGORITHM_NUMBERS}`);
  const [role = 'csk', other] = Object.keys(ROLES).filter((known) => options[known] === true);
  if (other !== undefined) throw new ConfigError(`--${role} --${other}: only one of them is allowed`);
  return { zone, algorithm: row.number, flags: ROLES[role]! };
}

interface Row {
  readonly zone: string;
  readonly algorithm: number;
  readonly mnemonic: string;
  readonly role: 'CSK' | 'KSK' | 'ZSK';
  readonly tag: number;
  readonly file: string;
  /** ISO 8601 in UTC; null where the file does not say. */
  readonly created: string | null;
}

function row(key: StoredKey, keys: readonly StoredKey[]): Row {
  const { zone, algorithm, keyTag: tag, file, times } = key;
  const created = times.created === undefined ? null : new Date(times.created * 1000).toISOString();
  const mnemonic = findAlgorithm(algorithm)!.mnemonic; // a key has no other
  return { zone, algorithm, mnemonic, role: roleOf(key, keys), tag, file, created };
}

/** The SEP bit alone does not tell a KSK from a CSK: a KSK has a ZSK at its side. */
function roleOf({ zone, isKsk }: StoredKey, keys: readonly StoredKey[]): Row['role'] {
  if (!isKsk) return 'ZSK';
  return keys.some((other) => other.zone === zone && !other.isKsk) ? 'KSK' : 'CSK';
}

const HEADINGS = ['ZONE', 'ALGORITHM', 'ROLE', 'TAG', 'CREATED', 'FILE'];

function table(rows: readonly Row[]): string {
  const cells = rows.map(({ zone, algorithm, mnemonic, role, tag, created, file }) => [
    zone,
    `${algorithm} ${mnemonic}`,
    role,
    String(tag),
    created ?? '-',
    file,
  ]);
  const lines = [HEADINGS, ...cells];
  const widths = HEADINGS.map((_, column) => Math.max(...lines.map((line) => line[column]!.length)));
  return lines
    .map(
      (line) =>
        `${line
          .map((cell, at) => cell.padEnd(widths[at]!))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

function warn({ err }: SubcommandContext, warnings: readonly string[]): void {
  for (const warning of warnings) err.write(`warning: ${warning}\n`);
}
