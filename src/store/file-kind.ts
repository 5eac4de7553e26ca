/** File kinds: what a file that somebody names holds, told by its first octets, and whether those are observations; THE TABLE. */
import { open } from 'node:fs/promises';
import type { DuckDBConnection } from '@duckdb/node-api';
import { ConfigError } from '../config.ts';
import { COLUMN_LIST } from './columns.ts';
import { quote } from './duckdb.ts';
import { decodeHead, HEADER_OCTETS } from './segment-format.ts';

/** The first octets of a file, and how its path is written in SQL. */
interface Head {
  readonly octets: Buffer;
  /** The first line, without its end. */
  readonly line: string;
  readonly sqlPath: string;
}

interface FileKind {
  readonly name: 'rows' | 'parquet' | 'ndjson' | 'csv';
  matches(head: Head): boolean;
  /** Names of its columns. */
  columns(head: Head, connection: DuckDBConnection): Promise<readonly string[]>;
}

export interface KnownFile {
  readonly kind: FileKind['name'];
  readonly columns: readonly string[];
}

const FILE_KINDS: readonly FileKind[] = [
  {
    name: 'rows',
    matches: ({ octets }) => octets.subarray(0, 8).toString('latin1') === 'padzone\0',
    async columns({ octets }) {
      if (decodeHead(octets.subarray(0, HEADER_OCTETS)) === undefined)
        throw new ConfigError('the head of the segment is torn, or of another version');
      return COLUMN_LIST.map(({ name }) => name);
    },
  },
  {
    name: 'parquet',
    matches: ({ octets }) => octets.subarray(0, 4).toString('latin1') === 'PAR1',
    async columns({ sqlPath }, connection) {
      const described = await connection.runAndReadAll(
        `SELECT column_name FROM (DESCRIBE SELECT * FROM read_parquet(${sqlPath}, hive_partitioning = false))`,
      );
      return described.getRowsJS().map(([name]) => String(name));
    },
  },
  {
    name: 'ndjson',
    // An export without a row is an empty file; one of another format has a head even then.
    matches: ({ octets, line }) => octets.length === 0 || line.trimStart().startsWith('{'),
    columns: async ({ octets, line }) =>
      octets.length === 0 ? COLUMN_LIST.map(({ name }) => name) : Object.keys(parseObject(line)),
  },
  {
    name: 'csv',
    matches: ({ line }) => COLUMN_LIST.some(({ name }) => csvColumns(line).includes(name)),
    columns: async ({ line }) => csvColumns(line),
  },
];

/**
 * Says what a file holds.
 *
 * @throws {ConfigError} it cannot be read, or holds no observations; without the name of the file
 */
export async function knowFile(connection: DuckDBConnection, path: string): Promise<KnownFile> {
  const head = await readHead(path);
  const [, ending] = /\.(parquet|csv)$/i.exec(path) ?? [];
  if (head.octets.length === 0 && ending !== undefined)
    throw new ConfigError(
      `it is empty, and no export of the format ${ending} is, even without a row: it was cut off, or never written`,
    );
  const kind = FILE_KINDS.find((each) => each.matches(head));
  if (kind === undefined)
    throw new ConfigError(
      'it is no segment, and no CSV, NDJSON or Parquet with observations, as `padzone export` writes them',
    );
  const columns = await kind.columns(head, connection);
  if (columns.includes('rule_version'))
    throw new ConfigError(
      `it holds verdicts${ruleVersionOf(kind, head)}, and verdicts are made from observations only; give the rows they were made from`,
    );
  const missing = COLUMN_LIST.filter(({ name, absent }) => absent === undefined && !columns.includes(name));
  if (missing.length > 0)
    throw new ConfigError(
      `it lacks the ${missing.length === 1 ? 'column' : 'columns'} ${missing.map(({ name }) => name).join(', ')}`,
    );
  return { kind: kind.name, columns };
}

/** More than any header line or first row of ours. */
const HEAD_OCTETS = 64 * 1024;

async function readHead(path: string): Promise<Head> {
  const handle = await open(path);
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(HEAD_OCTETS), 0, HEAD_OCTETS, 0);
    const octets = buffer.subarray(0, bytesRead);
    const [line = ''] = octets.toString('utf8').split(/\r?\n/, 1);
    return { octets, line, sqlPath: quote(path) };
  } finally {
    await handle.close();
  }
}

function csvColumns(line: string): string[] {
  return line
    .replace(/^\uFEFF/, '')
    .split(',')
    .map((name) => name.replace(/^"(.*)"$/, '$1'));
}

function parseObject(line: string): Record<string, unknown> {
  try {
    return JSON.parse(line);
  } catch (cause) {
    throw new ConfigError('its first line is no JSON object; NDJSON has one row a line', { cause });
  }
}

function ruleVersionOf({ name }: FileKind, { line }: Head): string {
  return name === 'ndjson' ? ` of rule version ${String(parseObject(line)['rule_version'])}` : '';
}
