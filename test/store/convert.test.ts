/** Binary rows as Parquet: every value is what the decoder says of the row, in whatever group of rows it stands. */
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordPathEvent } from '../../src/record/path-event.ts';
import type { Row } from '../../src/record/row.ts';
import { encodeFlood, encodeLost } from '../../src/record/summary.ts';
import { BlockBuffer } from '../../src/store/block-buffer.ts';
import { FLAT_COLUMNS } from '../../src/store/columns.ts';
import { Converter, type Places } from '../../src/store/convert.ts';
import { quote, withDuckdb } from '../../src/store/duckdb.ts';
import { ParquetFile } from '../../src/store/parquet-file.ts';
import { GROUP_ROWS } from '../../src/store/row-group.ts';
import { encodeHead } from '../../src/store/segment-format.ts';
import { readSegment } from '../../src/store/segment-read.ts';
import { observation, START } from '../observe/rows.ts';
import { facts } from '../record/facts.ts';
import { decodeRow, seqOfRow } from '../support/decode-row.ts';
import { testFolder } from '../support/folder.ts';
import { encodeQuestion } from '../support/responder.ts';
import { type Run, runOf, runOfRows } from '../support/rows.ts';

const folder = testFolder('convert');
const head = { node: "o'brien.\u00fc", boot: START, openedAt: START };
let count = 0;

/** A segment of these runs of rows, of one thread each. */
function segment(...runs: readonly (Run & { readonly thread: number; readonly rows: number })[]): string {
  const buffer = new BlockBuffer(() => 0);
  for (const { thread, octets, from, slots, rows } of runs) buffer.append(thread, octets, from, slots, rows);
  const path = join(folder, `${count++}.rows`);
  writeFileSync(path, Buffer.concat([encodeHead(head), ...buffer.take().parts]));
  return path;
}

const queries = (thread: number, from: number, changes: readonly Partial<Row>[]) => ({
  ...runOfRows(changes.map((each, at) => observation({ ...each, seq: from + at }))),
  thread,
  rows: changes.length,
});

/** Runs of so many rows that differ in nothing but their number. */
function alike(thread: number, rows: number) {
  const runs = [];
  for (let at = 0; at < rows; at += 2000)
    runs.push(queries(thread, at, Array<Partial<Row>>(Math.min(2000, rows - at)).fill({})));
  return runs;
}

function path(thread: number, at: number) {
  const families = [0, 4, 6] as const;
  const event = {
    time: START + at,
    local: { octets: Uint8Array.from({ length: 16 }, (_, index) => index) },
    family: at % 2 ? (4 as const) : (6 as const),
    source: Uint8Array.from({ length: 16 }, (_, index) => index * at),
    sourcePort: at,
    icmpType: at % 256,
    icmpCode: at % 7,
    icmpMtu: (at % 3) * 640,
    offender: Uint8Array.from({ length: 16 }, (_, index) => index + at),
    offenderFamily: families[at % 3]!,
    quoted: at % 5 ? encodeQuestion({ name: `s${at}.probe.test`, id: at }) : new Uint8Array(at % 9),
  };
  return { ...runOf((sink) => recordPathEvent(event, sink)), thread, rows: 1 };
}

const summary = (octets: Uint8Array) => ({ octets, from: 0, slots: 1, thread: 255, rows: 1 });

/** Flat columns of every row, as the decoder has them. */
async function decoded(path: string): Promise<string[]> {
  const rows: string[] = [];
  await readSegment(path, (octets, view, at, thread, { node, boot }) => {
    const row = { ...decodeRow(octets, view, at), node, boot, seq: seqOfRow(octets, view, at, thread) };
    const flat = FLAT_COLUMNS.map(({ name }) => [
      name,
      name.startsWith('receipt_')
        ? (row.receipt?.[name.slice(8) as keyof typeof row.receipt] ?? null)
        : row[name as keyof typeof row],
    ]);
    rows.push(JSON.stringify(Object.fromEntries(flat)));
  });
  return rows.sort();
}

/** @returns also the files, by place */
async function convert(
  segment: string,
  placeOf: Places['placeOf'] = () => 0,
  converter = new Converter('GZIP'),
) {
  const files = new Map<number, { readonly path: string; readonly file: ParquetFile }>();
  const converted = await converter.convert(segment, {
    placeOf,
    async fileOf(place) {
      const path = join(folder, `${count++}.parquet`);
      const known = files.get(place) ?? {
        path,
        file: await ParquetFile.create(path, (cause) => cause as Error),
      };
      files.set(place, known);
      return known.file;
    },
  });
  for (const { file } of files.values()) {
    await file.finish();
    await file.close();
  }
  const paths = [...files].sort(([a], [b]) => a - b).map(([, { path }]) => path);
  return { ...converted, paths };
}

const query = (sql: string) =>
  withDuckdb(async (connection) => (await connection.runAndReadAll(sql)).getRowObjectsJS());

async function stored(path: string): Promise<string[]> {
  const rows = await query(`SELECT CAST(to_json(t) AS VARCHAR) AS row FROM read_parquet(${quote(path)}) t`);
  return rows.map(({ row }) => JSON.stringify(JSON.parse(String(row)))).sort();
}

it('has of every kind of row what the decoder has', async () => {
  const some = fc.sample(facts, 2000);
  const flood = runOfRows([observation({ action: 'refuse', rcode: 5, src: '203.0.113.77' })]);
  const all = segment(
    queries(0, 0, some.slice(0, 1000)),
    queries(3, 2 ** 33, some.slice(1000)),
    ...Array.from({ length: 60 }, (_, at) => path(2, at)),
    summary(encodeFlood(flood.octets.subarray(flood.from), 7000, START, 0)),
    summary(encodeLost('rate', 2 ** 32 - 1, START, 1)),
  );
  const { rows, torn, paths } = await convert(all);
  expect({ rows, torn }).toEqual({ rows: 2062, torn: 0 });
  expect(await stored(paths[0]!)).toEqual(await decoded(all));
});

it('has them in every group, also where a column is alike in one and not in the next', async () => {
  const some = fc.sample(facts, 300);
  const path = segment(
    ...alike(1, GROUP_ROWS + 10),
    queries(2, 0, some),
    ...alike(3, 2 * GROUP_ROWS),
    queries(4, 0, some.slice(0, 1)),
  );
  const { rows, paths } = await convert(path);
  expect(rows).toBe(3 * GROUP_ROWS + 311);
  const groups = await query(
    `SELECT DISTINCT row_group_id, row_group_num_rows AS rows FROM parquet_metadata(${quote(paths[0]!)}) ORDER BY ALL`,
  );
  expect(groups.map((group) => Number(group['rows']))).toEqual([GROUP_ROWS, GROUP_ROWS, GROUP_ROWS, 311]);
  expect(await stored(paths[0]!)).toEqual(await decoded(path));
});

it('has the types that the table says, all of them with room for null', async () => {
  const { paths } = await convert(segment(queries(0, 0, [{}])));
  const described = await query(`DESCRIBE SELECT * FROM read_parquet(${quote(paths[0]!)})`);
  expect(described.map((row) => ({ name: row['column_name'], type: row['column_type'] }))).toEqual(
    FLAT_COLUMNS.map(({ name, type }) => ({ name, type })),
  );
  const schema = await query(
    `SELECT DISTINCT repetition_type FROM parquet_schema(${quote(paths[0]!)}) WHERE name NOT IN ('root', 'list')`,
  );
  expect(schema).toEqual([{ repetition_type: 'OPTIONAL' }]);
});

it('says for each group between which moments it lies, so that readers of a day skip the rest', async () => {
  const path = segment(queries(0, 0, [{ time: START + 5 }, { time: START - 5 }, { time: START }]));
  const { paths } = await convert(path);
  const [time] = await query(
    `SELECT stats_min_value AS low, stats_max_value AS high FROM parquet_metadata(${quote(paths[0]!)}) WHERE path_in_schema = 'time'`,
  );
  expect(time).toEqual({ low: String(START - 5), high: String(START + 5) });
});

it('says of a column with one value what it is, and how often it stands there', async () => {
  const rows = GROUP_ROWS - 5; // in pages, the last of them shorter
  const { paths } = await convert(segment(...alike(0, rows)));
  const said = await query(
    `SELECT path_in_schema AS name, num_values AS values, stats_null_count AS nulls, stats_min_value AS low, stats_max_value AS high
     FROM parquet_metadata(${quote(paths[0]!)}) WHERE path_in_schema IN ('qtype', 'qname', 'ttl', 'edns_do', 'boot') ORDER BY column_id`,
  );
  const all = BigInt(rows);
  const [qname, boot] = [observation().qname, String(START)];
  expect(said).toEqual([
    { name: 'boot', values: all, nulls: 0n, low: boot, high: boot },
    { name: 'qname', values: all, nulls: 0n, low: qname, high: qname },
    { name: 'qtype', values: all, nulls: 0n, low: '16', high: '16' },
    { name: 'edns_do', values: all, nulls: 0n, low: 'true', high: 'true' },
    { name: 'ttl', values: all, nulls: all, low: null, high: null },
  ]);
});

it('takes what octets of no encoder of ours say for something, and never fails', async () => {
  const wild = fc.sample(
    fc.record({
      octets: fc.uint8Array({ minLength: 256, maxLength: 256 }),
      kind: fc.integer({ min: 1, max: 255 }),
      time: fc.constantFrom(Number.NaN, Number.POSITIVE_INFINITY, -1e300, 8.64e15 + 2, START + 0.5),
    }),
    500,
  );
  const runs = wild.map(({ octets, kind, time }) => {
    octets.set([kind, 1]);
    new DataView(octets.buffer, octets.byteOffset).setFloat64(16, time, true);
    return summary(octets);
  });
  const { rows, paths } = await convert(segment(...runs));
  expect(rows).toBe(500);
  const [times] = await query(`SELECT list(DISTINCT time ORDER BY time) AS list FROM ${quote(paths[0]!)}`);
  expect(times).toEqual({ list: [0n, BigInt(START) + 1n] });
});

it('puts rows where they belong however they come, and leaves others out', async () => {
  const at = (time: number) => ({ time });
  const path = segment(
    queries(
      0,
      0,
      Array.from({ length: 200 }, (_, index) => at(index % 10)),
    ),
  );
  const { rows, paths } = await convert(path, (time) => (time < 8 ? time : undefined));
  expect(rows).toBe(160);
  expect(paths.length).toBe(8);
  for (const [place, path] of paths.entries()) {
    const [found] = await query(
      `SELECT count(*)::INT AS rows, list(DISTINCT time) AS times FROM ${quote(path)}`,
    );
    expect(found).toEqual({ rows: 20, times: [BigInt(place)] });
  }
});

it('converts one segment after the other, and carries nothing over', async () => {
  const converter = new Converter('UNCOMPRESSED');
  const first = segment(...alike(0, 3));
  const second = segment(...alike(5, 2), queries(6, 0, fc.sample(facts, 5)));
  for (const path of [first, second, first]) {
    const own = await convert(path, undefined, converter);
    expect(await stored(own.paths[0]!)).toEqual(await decoded(path));
  }
});
