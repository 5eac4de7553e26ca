/** Compaction: rows move to Parquet whole and once, and whoever reads meanwhile misses none. */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it, vi } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { processOf } from '../../src/observe/trial.ts';
import { FLAT_COLUMNS } from '../../src/store/columns.ts';
import { compact } from '../../src/store/compact.ts';
import { withDuckdb } from '../../src/store/duckdb.ts';
import { readAllObservations, readObservations } from '../../src/store/read.ts';
import { observation, START } from '../observe/rows.ts';
import { facts } from '../record/facts.ts';
import { segmentOf } from '../support/rows.ts';

const LONG_AGO = START - 3_600_000;
const DAY = 'date=2026-11-23';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-compact-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, octets: Uint8Array | string, touchedAt = LONG_AGO): void {
  writeFileSync(join(directory, name), octets);
  utimesSync(join(directory, name), touchedAt / 1000, touchedAt / 1000);
}

const rowsOf = (...seqs: number[]) => seqs.map((seq) => observation({ seq, time: START + seq }));
const files = () => readdirSync(directory, { recursive: true, encoding: 'utf8' }).sort();
const seqsRead = async () => (await readAllObservations(directory)).rows.map(({ seq }) => seq);

it('moves every fact of every row, of binary and of text segments', async () => {
  const some = fc.sample(facts, 500);
  // Days of years that a folder can name.
  const rows = some.map(
    (each, seq): Observation => ({ ...observation(), ...each, seq, time: START + (each.time % 1000) }),
  );
  write('observations-ns1-1-1.rows', segmentOf(rows.slice(0, 400)));
  write(
    'observations-ns1-1-2.ndjson',
    rows
      .slice(400)
      .map((row) => JSON.stringify(row))
      .join('\n'),
  );
  expect(await compact(directory, START)).toEqual({ segments: 2, rows: 500, torn: 0 });
  expect(files()).toEqual([
    DAY,
    `${DAY}/observations-ns1-1-1.parquet`,
    `${DAY}/observations-ns1-1-2.parquet`,
  ]);
  const found = await readAllObservations(directory);
  expect(found.counters).toEqual({ rows: 500, duplicates: 0, torn: 0 });
  expect(found.rows.toSorted((a, b) => a.seq - b.seq)).toEqual(rows);
});

it('makes tables that other tools read, with the receipt in columns', async () => {
  write('observations-ns1-1-1.rows', segmentOf(rowsOf(1)));
  await compact(directory, START);
  const names = await withDuckdb(async (connection) => {
    const files = join(directory, 'date=*', '*.parquet');
    const reader = await connection.runAndReadAll(`DESCRIBE SELECT * FROM read_parquet('${files}')`);
    return reader.getRowObjectsJS().map((row) => row['column_name']);
  });
  expect(names).toEqual([...FLAT_COLUMNS.map(({ name }) => name), 'date']);
  const path = join(directory, DAY, 'observations-ns1-1-1.parquet');
  expect(readFileSync(path).subarray(-4).toString()).toBe('PAR1');
});

it('puts rows into the folder of their own day', async () => {
  const midnight = Date.UTC(2026, 10, 24);
  const rows = [-2, -1, 0, 1].map((at) => observation({ seq: at + 2, time: midnight + at }));
  write('observations-ns1-1-1.rows', segmentOf(rows));
  await compact(directory, START);
  expect(files()).toEqual([
    DAY,
    `${DAY}/observations-ns1-1-1.parquet`,
    'date=2026-11-24',
    'date=2026-11-24/observations-ns1-1-1.parquet',
  ]);
  rmSync(join(directory, DAY), { recursive: true });
  expect(await seqsRead()).toEqual([2, 3]);
});

it('leaves the newest segment of a process that lives, and takes it when that is gone for a minute', async () => {
  write('observations-ns1-1-1.rows', segmentOf(rowsOf(1)), START - 500);
  write('observations-ns1-1-2.rows', segmentOf(rowsOf(2)), START - 500);
  write('observations-ns1-2-10.rows', segmentOf(rowsOf(3)), START - 500);
  write('observations-ns1-2-9.rows', segmentOf(rowsOf(4)), START - 500);
  expect((await compact(directory, START)).segments).toBe(2);
  expect(files().filter((name) => name.endsWith('.rows'))).toEqual([
    'observations-ns1-1-2.rows',
    'observations-ns1-2-10.rows',
  ]);
  expect((await compact(directory, START + 59_500)).segments).toBe(0);
  expect((await compact(directory, START + 59_501)).segments).toBe(2);
  expect(await seqsRead()).toEqual([1, 2, 3, 4]);
});

it('keeps the time until which a process listened', async () => {
  const [row] = rowsOf(1) as [Observation];
  write(`observations-ns1-${row.boot}-1.rows`, segmentOf([row]), START - 70_000);
  await compact(directory, START);
  await readObservations(directory, {}, async ({ reach }) => {
    expect(reach.get(processOf(row))).toBe(START + 1);
  });
  utimesSync(join(directory, DAY, `observations-ns1-${row.boot}-1.parquet`), START, START / 1000 + 70);
  await readObservations(directory, {}, async ({ reach }) => {
    expect(reach.get(processOf(row))).toBe(START + 70_000);
  });
  expect(statSync(join(directory, DAY, `observations-ns1-${row.boot}-1.parquet`)).mtimeMs).toBe(
    START + 70_000,
  );
});

it('sets a segment with torn pieces aside, so that nothing is destroyed', async () => {
  const torn = Buffer.concat([segmentOf(rowsOf(1, 2)), Buffer.alloc(100)]);
  write('observations-ns1-1-1.rows', torn);
  write('observations-ns1-1-2.ndjson', `${JSON.stringify(rowsOf(3)[0])}\n{"torn`);
  write('observations-ns1-1-3.rows', Buffer.alloc(300));
  expect(await compact(directory, START)).toEqual({ segments: 3, rows: 3, torn: 3 });
  expect(files()).toEqual([
    DAY,
    `${DAY}/observations-ns1-1-1.parquet`,
    `${DAY}/observations-ns1-1-2.parquet`,
    'observations-ns1-1-1.rows.torn',
    'observations-ns1-1-2.ndjson.torn',
    'observations-ns1-1-3.rows.torn',
  ]);
  expect((await readAllObservations(directory)).counters).toEqual({ rows: 3, duplicates: 0, torn: 0 });
  expect((await compact(directory, START)).segments).toBe(0);
});

it('takes away a segment without rows', async () => {
  write('observations-ns1-1-1.rows', Buffer.alloc(0));
  expect(await compact(directory, START)).toEqual({ segments: 1, rows: 0, torn: 0 });
  expect(files()).toEqual([]);
});

it('does again what a crash left half done, and readers see each row once meanwhile', async () => {
  write('observations-ns1-1-1.rows', segmentOf(rowsOf(1, 2)));
  const segment = readFileSync(join(directory, 'observations-ns1-1-1.rows'));
  await compact(directory, START);
  // The crash came after the renaming and before the segment was taken away; another one left a part.
  write('observations-ns1-1-1.rows', segment);
  writeFileSync(join(directory, DAY, '.observations-ns1-1-1.rows.part'), 'PAR1');
  expect((await readAllObservations(directory)).counters).toEqual({ rows: 2, duplicates: 2, torn: 0 });
  await compact(directory, START);
  expect(files()).toEqual([DAY, `${DAY}/observations-ns1-1-1.parquet`]);
  expect(await seqsRead()).toEqual([1, 2]);
});

it('has nothing to do without a directory, and names what it cannot read', async () => {
  expect(await compact(join(directory, 'missing'), START)).toEqual({ segments: 0, rows: 0, torn: 0 });
  mkdirSync(join(directory, DAY));
  write(`${DAY}/observations-ns1-1-1.parquet`, 'no parquet at all');
  await expect(readAllObservations(directory)).rejects.toThrow(/^data_dir: .*observations-ns1-1-1\.parquet/);
  expect(existsSync(join(directory, DAY, 'observations-ns1-1-1.parquet'))).toBe(true);
});

/** The kernel's limit of file size stands in for a full disk. */
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
const limitFileSize = (octets: string) =>
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${octets}:`]);

it.skipIf(!canLimit)('names what it cannot write, and leaves the segment and no part', async () => {
  write('observations-ns1-1-1.rows', segmentOf(rowsOf(1)));
  limitFileSize('100');
  try {
    await expect(compact(directory, START)).rejects.toThrow(
      /^data_dir: cannot write \S+1-1\.parquet \(.+\)$/,
    );
  } finally {
    limitFileSize('unlimited');
  }
  expect(files()).toEqual([DAY, 'observations-ns1-1-1.rows']);
  expect(await compact(directory, START)).toMatchObject({ segments: 1, rows: 1 });
});

it.skipIf(!canLimit)('names what a reader cannot write on its way, and leaves nothing of it', async () => {
  write('observations-ns1-1-1.rows', segmentOf(rowsOf(1)));
  const temporary = join(directory, 'temporary');
  mkdirSync(temporary);
  vi.stubEnv('TMPDIR', temporary);
  limitFileSize('100');
  try {
    await expect(readAllObservations(directory)).rejects.toThrow(
      /^cannot write \S+temporary\S+rows\.parquet \(EFBIG\); .* TMPDIR names another place$/,
    );
  } finally {
    limitFileSize('unlimited');
    vi.unstubAllEnvs();
  }
  expect(readdirSync(temporary)).toEqual([]);
  expect(await seqsRead()).toEqual([1]);
});

it('hides no row from whoever reads while it runs', async () => {
  const segments = 12;
  for (let number = 1; number <= segments; number++)
    write(`observations-ns1-1-${number}.rows`, segmentOf(rowsOf(number)));
  let isDone = false;
  const compacting = compact(directory, START).finally(() => {
    isDone = true;
  });
  let readings = 0;
  while (!isDone || readings === 0) {
    expect(await seqsRead()).toEqual(Array.from({ length: segments }, (_, at) => at + 1));
    readings += 1;
  }
  expect(await compacting).toMatchObject({ segments, rows: segments });
});
