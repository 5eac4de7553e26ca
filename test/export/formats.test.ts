import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { DuckDBConnection } from '@duckdb/node-api';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parquet } from '../../src/export/parquet.ts';
import { EXPORT_FORMATS } from '../../src/export/table.ts';
import { COLUMNS, RECEIPT_FIELDS } from '../../src/store/columns.ts';
import { withDuckdb } from '../../src/store/duckdb.ts';
import { readAllObservations, readObservations } from '../../src/store/read.ts';
import { observation, receiptOf, story } from '../observe/rows.ts';

const NASTY = 'a,"b";\r\n=1+1\\000\u00e9.example.';
const sent = story().udp(0, 7);
const ROWS = [
  sent,
  story().receipt(0.1, sent, { seq: 2 }),
  observation({ time: sent.time + 200, seq: 3, qname: NASTY, edns_options: [], zone: '' }),
];

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-export-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function withRows<T>(
  rows: readonly unknown[],
  use: (connection: DuckDBConnection) => Promise<T>,
): Promise<T> {
  const text = rows.map((row) => `${JSON.stringify(row)}\n`).join('');
  writeFileSync(join(directory, 'observations-ns1-1-1.ndjson'), text);
  return readObservations(directory, {}, ({ connection }) => use(connection));
}

async function exported(name: string, rows: readonly unknown[] = ROWS): Promise<string> {
  const format = EXPORT_FORMATS.find((each) => each.name === name);
  if (format?.kind !== 'text') return expect.unreachable(`${name} is not a text format`);
  return withRows(rows, async (connection) => {
    let text = '';
    for await (const chunk of format.chunks(connection)) text += chunk;
    return text;
  });
}

/** What DuckDB reads from a file that we exported. */
async function rowsOf(query: string): Promise<Record<string, unknown>[]> {
  return withDuckdb(async (connection) => (await connection.runAndReadAll(query)).getRowObjectsJS());
}

const FLAT_NAMES = Object.keys(COLUMNS).flatMap((name) =>
  name === 'receipt' ? RECEIPT_FIELDS.map((field) => `receipt_${field}`) : [name],
);

/** A row as the flat formats show it: numbers as they are, the receipt in columns. */
function flat(row: (typeof ROWS)[number]): Record<string, unknown> {
  const { receipt, ...rest } = row;
  const fields = RECEIPT_FIELDS.map((field) => [
    `receipt_${field}`,
    receipt === null ? null : (receipt as unknown as Record<string, unknown>)[field],
  ]);
  return { ...rest, ...Object.fromEntries(fields) };
}

it('names each format once, with a summary of one line', () => {
  expect(EXPORT_FORMATS.map(({ name }) => name)).toEqual(['csv', 'ndjson', 'parquet']);
  for (const { summary } of EXPORT_FORMATS) expect(summary).toMatch(/^[^\n]{10,90}[^.\n]$/);
});

describe('ndjson', () => {
  it('has the rows as they are in the segments', async () => {
    const text = await exported('ndjson');
    expect(
      text
        .trimEnd()
        .split('\n')
        .map((line) => JSON.parse(line)),
    ).toEqual(ROWS);
  });

  it('can be read again as a segment', async () => {
    const text = await exported('ndjson');
    writeFileSync(join(directory, 'observations-ns1-1-1.ndjson'), text);
    expect((await readAllObservations(directory)).rows).toEqual(ROWS);
  });

  it('is empty without rows', async () => {
    expect(await exported('ndjson', [])).toBe('');
  });
});

describe('csv', () => {
  it('has a header and nothing else without rows', async () => {
    expect(await exported('csv', [])).toBe(`${FLAT_NAMES.join(',')}\r\n`);
  });

  it('reads as the same values, with the receipt in columns', async () => {
    const path = join(directory, 'rows.csv');
    writeFileSync(path, await exported('csv'));
    const types = Object.fromEntries(FLAT_NAMES.map((name) => [name, 'VARCHAR']));
    const rows = await rowsOf(
      `SELECT * FROM read_csv('${path}', header = true, quote = '"', escape = '"', nullstr = '', allow_quoted_nulls = false, new_line = '\\r\\n', columns = ${JSON.stringify(types).replaceAll('"', "'")})`,
    );
    const texts = ROWS.map((row) =>
      Object.fromEntries(
        Object.entries(flat(row)).map(([name, value]) => [
          name,
          Array.isArray(value) ? `[${value.join(', ')}]` : value === null ? null : String(value),
        ]),
      ),
    );
    expect(rows).toEqual(texts);
  });

  it('doubles quotes, keeps line ends inside quotes, and leaves an absent value empty', async () => {
    const text = await exported('csv', ROWS.slice(2));
    expect(text).toContain(',"a,""b"";\r\n=1+1\\000\u00e9.example.",16,1,false,');
    // No run, then no instance and ten fields of no receipt, no phase, no signal, nothing proven by the ladder.
    expect(text).toContain('"","other",,,,,,,,,,,,"","",0,"none"');
  });
});

describe('parquet', () => {
  it('reads as the same values and types, with the receipt in columns', async () => {
    const path = join(directory, "it's.parquet");
    await withRows(ROWS, (connection) => parquet.write(connection, path));
    const rows = await rowsOf(`SELECT * FROM '${path.replace("'", "''")}'`);
    const plain = rows.map((row) =>
      Object.fromEntries(
        Object.entries(row).map(([name, value]) => [name, typeof value === 'bigint' ? Number(value) : value]),
      ),
    );
    expect(plain).toEqual(ROWS.map(flat));
    expect(Object.keys(rows[0] ?? {})).toEqual(FLAT_NAMES);
    expect(readFileSync(path).subarray(0, 4).toString()).toBe('PAR1');
  });

  it('keeps its columns without rows', async () => {
    const path = join(directory, 'empty.parquet');
    await withRows([], (connection) => parquet.write(connection, path));
    const described = await rowsOf(`SELECT column_name FROM (DESCRIBE SELECT * FROM '${path}')`);
    expect(described.map((row) => row['column_name'])).toEqual(FLAT_NAMES);
  });
});

it('knows every field of a receipt', () => {
  expect([...RECEIPT_FIELDS].sort()).toEqual(Object.keys(receiptOf(sent)).sort());
});
