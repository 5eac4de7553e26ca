/** Zone files: one TOML file a zone says what is served there; static records stand beside it as a master file. */
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { z } from 'zod';
import { PRIVATEDNS } from '../dnssec/ml-dsa.ts';
import { type CaseFile, readCaseFiles } from './broken/case-file.ts';
import { ZoneFileError } from './error.ts';
import { FAMILIES } from './families.ts';
import { parseHead } from './replica/label.ts';
import { lineOf, parseToml } from './toml.ts';

const schema = z.strictObject({
  label: z
    .string()
    .regex(
      /^([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?)?$/,
      "want '' for the origin, or one label of a-z, 0-9 and hyphens",
    ),
  summary: z.string().min(1, 'want one sentence for people'),
  algorithm: z
    .literal(
      [8, 13, 14, 15, 16, 253],
      'want 8, 13, 14, 15, 16 or 253 (ML-DSA-44); leave it out for an unsigned zone',
    )
    .optional(),
  keys: z.enum(['csk', 'ksk-zsk'], "want 'csk' or 'ksk-zsk'").default('csk'),
  replica: z
    .string()
    .refine(
      (text) => parseHead(text) !== undefined,
      'want a replica of the root as roots.<origin> lists them, k20270111 or k2kr1z say',
    )
    .optional(),
  servers: z
    .enum(['parent', 'children', 'hostile'], "want 'parent', 'children' or 'hostile'")
    .default('children'),
  family: z.enum(['ipv4', 'ipv6'], "want 'ipv4' or 'ipv6'; leave it out for both").optional(),
  fault: z.enum(['badsig', 'expired', 'nosig'], "want 'badsig', 'expired' or 'nosig'").optional(),
  makes: z.enum(Object.keys(FAMILIES), `want one of ${Object.keys(FAMILIES).join(', ')}`).optional(),
  cases: z.string().optional(),
  reports: z.boolean('want true or false').default(false),
  agent: z.boolean('want true or false').default(false),
  records: z.string().optional(),
  serial: z.int().min(1).max(0xffff_ffff).default(1),
});

export interface ZoneFile extends z.output<typeof schema> {
  /** Path, for messages. */
  readonly file: string;
  /** Text and path of the master file that `records` names. */
  readonly master: { readonly text: string; readonly file: string } | undefined;
  /** Zones below this one, from the folder that `cases` names. */
  readonly caseFiles: readonly CaseFile[];
}

/** What a zone file may name: files and folders that stand beside it. */
export interface Beside {
  readMaster(name: string): Promise<{ text: string; file: string }>;
  readCases(name: string): Promise<CaseFile[]>;
}

/** @throws {ZoneFileError} file, line and why */
export async function parseZoneFile(text: string, file: string, beside: Beside): Promise<ZoneFile> {
  const table = parseToml(text, file);
  const checked = schema.safeParse(table);
  if (!checked.success) {
    const [issue] = checked.error.issues;
    const key = issue?.code === 'unrecognized_keys' ? issue.keys[0]! : String(issue?.path[0] ?? '');
    const allowed = Object.keys(schema.shape).join(', ');
    const why = issue?.code === 'unrecognized_keys' ? `unknown key, want one of ${allowed}` : issue?.message;
    throw new ZoneFileError(
      file,
      lineOf(text, key),
      `${key}: ${key in table ? `${JSON.stringify(table[key])}: ` : ''}${why}`,
    );
  }
  const { data } = checked;
  refuseContradictions(data, text, file);
  const master = data.records === undefined ? undefined : await beside.readMaster(data.records);
  const caseFiles = data.cases === undefined ? [] : await beside.readCases(data.cases);
  return { ...data, file, master, caseFiles };
}

type Contents = z.output<typeof schema>;

/** What one key cannot see of another. */
interface Contradiction {
  /** The one to change. */
  readonly key: keyof Contents;
  isIn(data: Contents): boolean;
  readonly why: string;
}

const isSigned = ({ algorithm, replica }: Contents) => algorithm !== undefined || replica !== undefined;

/** THE TABLE of contradictions; the first that is found is told. */
const CONTRADICTIONS: readonly Contradiction[] = [
  {
    key: 'algorithm',
    isIn: ({ replica, algorithm }) => replica !== undefined && algorithm !== undefined,
    why: 'the keys of a replica are those of the root, so leave it out',
  },
  {
    key: 'fault',
    isIn: (data) => data.fault !== undefined && !isSigned(data),
    why: 'an unsigned zone has no signatures to spoil',
  },
  {
    key: 'reports',
    isIn: ({ reports, label }) => reports && label === '',
    why: 'the agent lies below the origin, so reports on the origin cannot go there (RFC 9567 §8.1)',
  },
  {
    key: 'agent',
    isIn: (data) => data.agent && isSigned(data),
    why: 'a zone that takes reports is not signed (RFC 9567 §8.2)',
  },
  {
    key: 'reports',
    isIn: ({ agent, reports }) => agent && reports,
    why: 'a zone that takes reports wants none on itself (RFC 9567 §8.1)',
  },
  {
    key: 'cases',
    isIn: ({ cases, label }) => cases !== undefined && label === '',
    why: "they go below a zone of their own, such as 'broken', as any name below the origin may be a test name",
  },
  {
    key: 'makes',
    isIn: (data) =>
      data.makes !== undefined &&
      (!isSigned(data) || data.algorithm === PRIVATEDNS || data.fault !== undefined),
    why: `below a zone that is unsigned, spoiled or of algorithm ${PRIVATEDNS}, made zones prove nothing: want algorithm 8, 13, 14, 15 or 16, and no fault`,
  },
];

function refuseContradictions(data: Contents, text: string, file: string): void {
  const found = CONTRADICTIONS.find(({ isIn }) => isIn(data));
  if (found) throw new ZoneFileError(file, lineOf(text, found.key), `${found.key}: ${found.why}`);
}

/**
 * All `*.toml` files of a directory, by label; exactly one is the origin.
 * @throws {ZoneFileError}
 */
export async function readZoneFiles(directory: string): Promise<ZoneFile[]> {
  const names = await readdir(directory).catch((cause: Error) => {
    throw new ZoneFileError(directory, 0, `cannot be read (${cause.message})`);
  });
  const files = await Promise.all(
    names
      .filter((name) => name.endsWith('.toml'))
      .sort()
      .map((name) => readZoneFile(directory, name)),
  );
  for (const [index, { label, file }] of files.entries()) {
    const other = files.slice(0, index).find((before) => before.label === label);
    if (other) throw new ZoneFileError(file, 0, `label '${label}' is already taken by ${other.file}`);
  }
  if (!files.some(({ label }) => label === ''))
    throw new ZoneFileError(directory, 0, "no zone file with label = '' (the origin)");
  return files;
}

async function readZoneFile(directory: string, name: string): Promise<ZoneFile> {
  const file = join(directory, name);
  return parseZoneFile(await readText(file), file, {
    async readMaster(records) {
      const path = join(directory, records);
      // Octets, one a character: a master file has no encoding (RFC 1035 §5.1).
      return { text: await readText(path, 'latin1'), file: path };
    },
    readCases: (cases) => readCaseFiles(join(directory, cases)),
  });
}

async function readText(file: string, encoding: 'utf8' | 'latin1' = 'utf8'): Promise<string> {
  return readFile(file, encoding).catch((cause: Error) => {
    throw new ZoneFileError(file, 0, `cannot be read (${cause.message})`);
  });
}
