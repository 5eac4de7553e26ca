import {
  appendFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { COLUMNS } from '../../src/store/columns.ts';
import {
  formatCounters,
  readAllObservations,
  readObservations,
  TRIAL_ROWS,
  trialRowsOf,
} from '../../src/store/read.ts';
import { openSegments } from '../../src/store/segment.ts';
import { OTHER, observation, SOURCE, START, story } from '../observe/rows.ts';
import { runOfRows, segmentOf } from '../support/rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-read-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function write(name: string, ...lines: readonly (Observation | string)[]): void {
  const text = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line)));
  writeFileSync(join(directory, name), `${text.join('\n')}\n`);
}

/** A writer, and how rows are given to it. */
function open(rotateOctets: number) {
  const segments = openSegments({
    directory,
    node: () => 'ns1',
    boot: observation().boot,
    rotateOctets,
    rotateAgeMs: 1e9,
    now: () => START,
    onTrouble: (error) => expect.unreachable(error.message),
  });
  const append = (row: Observation) => {
    const { octets, from, slots } = runOfRows([row]);
    segments.appendRows(Math.floor(row.seq / 2 ** 40), octets, from, slots, 1);
  };
  return { ...segments, append };
}

const NO_ROWS = { rows: [], counters: { rows: 0, duplicates: 0, torn: 0 } };

it('has a column for every field of a row, and no other', () => {
  expect(Object.keys(COLUMNS).sort()).toEqual(Object.keys(observation()).sort());
});

it('gives back what was written, receipts, nulls, lists and odd names included', async () => {
  const { udp, receipt } = story();
  const sent = udp(0, 2 ** 31);
  const rows = [
    sent,
    receipt(0.1, sent),
    observation({
      time: START + 500,
      seq: 2 ** 40 + 3,
      qname: 'it\'s\\000\\"x\\".\\\\.example.',
      zone: 'example.',
      edns_options: [],
    }),
  ];
  const segments = open(1);
  for (const row of rows) {
    segments.append(row);
    await segments.flush();
  }
  await segments.close();
  expect(readdirSync(directory)).toHaveLength(3);
  expect(await readAllObservations(directory)).toEqual({
    rows,
    counters: { rows: 3, duplicates: 0, torn: 0 },
  });
});

describe('has no rows and no error', () => {
  it('without the directory', async () => {
    expect(await readAllObservations(join(directory, 'missing'))).toEqual(NO_ROWS);
  });
  it('without a segment, whatever else lies there', async () => {
    writeFileSync(join(directory, 'notes.ndjson'), 'x');
    writeFileSync(join(directory, 'observations-ns1-1-1.ndjson.tmp'), 'x');
    expect(await readAllObservations(directory)).toEqual(NO_ROWS);
  });
  it('with an empty segment', async () => {
    writeFileSync(join(directory, 'observations-ns1-1-1.ndjson'), '');
    expect(await readAllObservations(directory)).toEqual(NO_ROWS);
  });
});

it('skips and counts what is no row, and keeps every row around it', async () => {
  const { time: _, ...incomplete } = observation({ seq: 90 });
  write(
    'observations-ns1-1-1.ndjson',
    observation({ seq: 1 }),
    'garbage',
    '"text"',
    '[1,2]',
    '{"node":"ns1"}',
    JSON.stringify(incomplete),
    '\0'.repeat(5000),
    JSON.stringify(observation({ seq: 91 })).replace('"seq":91', '"seq":"x"'),
    Buffer.from([0xff, 0xfe, 0x80]).toString('latin1'),
    observation({ seq: 2 }),
  );
  write('observations-ns1-1-2.ndjson', observation({ seq: 3 }));
  appendFileSync(
    join(directory, 'observations-ns1-1-2.ndjson'),
    JSON.stringify(observation({ seq: 4 })).slice(0, 300),
  );
  const { rows, counters } = await readAllObservations(directory);
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2, 3]);
  expect(counters).toEqual({ rows: 3, duplicates: 0, torn: 9 });
});

it('reads each row once, by node, boot and seq', async () => {
  write(
    'observations-ns1-1-1.ndjson',
    observation({ seq: 1 }),
    observation({ seq: 2 }),
    observation({ seq: 1 }),
  );
  write('observations-ns1-1-2.ndjson', observation({ seq: 1 }), observation({ seq: 1, boot: 5 }));
  write('observations-ns2-1-1.ndjson', observation({ seq: 1, node: 'ns2' }));
  const { rows, counters } = await readAllObservations(directory);
  expect(rows.map(({ node, boot, seq }) => [node, boot === 5, seq])).toEqual([
    ['ns1', true, 1],
    ['ns1', false, 1],
    ['ns1', false, 2],
    ['ns2', false, 1],
  ]);
  expect(counters).toEqual({ rows: 4, duplicates: 2, torn: 0 });
});

it('reads rows of all kinds of segments together, and rows of before a column was added', async () => {
  const { event: _, count: __, ttl: ___, icmp_from: ____, ...older } = observation({ seq: 1 });
  write('observations-ns1-1-1.ndjson', JSON.stringify(older), JSON.stringify({ ...older, seq: 3 }));
  const rows = [observation({ seq: 1 }), observation({ seq: 2, boot: 5 }), observation({ seq: 3 })];
  writeFileSync(join(directory, 'observations-ns1-5-1.rows'), segmentOf(rows.slice(1, 2)));
  writeFileSync(join(directory, 'observations-ns1-1-2.rows'), segmentOf(rows.slice(0, 1)));
  const found = await readAllObservations(directory);
  expect(found.rows.toSorted((a, b) => a.seq - b.seq)).toEqual(rows);
  expect(found.counters).toEqual({ rows: 3, duplicates: 1, torn: 0 });
});

it('filters by time, the end excluded, and by source', async () => {
  const rows = [0, 1, 2, 3].map((at) =>
    observation({ seq: at, time: START + at, src: at === 2 ? "'--" : '192.0.2.9' }),
  );
  write('observations-ns1-1-1.ndjson', ...rows);
  const seqs = async (filter: Parameters<typeof readAllObservations>[1]) =>
    (await readAllObservations(directory, filter)).rows.map(({ seq }) => seq);
  expect(await seqs({ since: START + 1, until: START + 3 })).toEqual([1, 2]);
  expect(await seqs({ source: '192.0.2.9' })).toEqual([0, 1, 3]);
  expect(await seqs({ source: "'--" })).toEqual([2]);
  rmSync(join(directory, 'observations-ns1-1-1.ndjson'));
  writeFileSync(
    join(directory, 'observations-ns1-1-1.rows'),
    segmentOf(rows.map((row) => (row.seq === 2 ? { ...row, src: '2001:db8::2', ip_version: 6 } : row))),
  );
  expect(await seqs({ since: START + 1, until: START + 3 })).toEqual([1, 2]);
  expect(await seqs({ source: '192.0.2.9' })).toEqual([0, 1, 3]);
  expect(await seqs({ source: '2001:db8::2' })).toEqual([2]);
});

it('reads while a server appends', async () => {
  const segments = open(50_000);
  let seq = 0;
  const before: number[] = [];
  for (let round = 0; round < 5; round += 1) {
    for (let count = 0; count < 200; count += 1)
      segments.append(observation({ seq: ++seq, qname: `${'x'.repeat(60)}.` }));
    await segments.flush();
    before.push(seq);
    const reading = readAllObservations(directory);
    for (let count = 0; count < 200; count += 1) segments.append(observation({ seq: ++seq }));
    await Promise.all([segments.flush(), reading]);
    const { rows, counters } = await reading;
    expect(counters.rows).toBeGreaterThanOrEqual(before.at(-1) ?? 0);
    expect(rows.slice(0, before.at(-1)).map((row) => row.seq)).toEqual(
      rows.slice(0, before.at(-1)).map((_, at) => at + 1),
    );
  }
  await segments.close();
});

it('picks the rows that trials are made of', async () => {
  const { gate, udp, receipt, other, error, wordless } = story();
  const sent = udp(1, 7);
  const flood = other(6, { event: 'flood', step: 'gate', count: 9 });
  const trial = [
    gate(0),
    sent,
    error(1.5, sent),
    wordless(1.6),
    receipt(2, sent),
    other(3, { cookie: 'valid', cookie_instance: 7 }),
  ];
  write('observations-ns1-1-1.ndjson', ...trial, other(4), other(5), flood);
  await readObservations(directory, {}, async ({ batches }) => {
    const found: Observation[] = [];
    for await (const batch of batches(TRIAL_ROWS)) found.push(...batch);
    expect(found).toEqual(trial);
  });
});

it('picks the rows that the trials of one source need: its runs, their other addresses, returns of its receipts', async () => {
  const { gate, udp, receipt, other, error, wordless } = story();
  const sent = udp(1, 7, { src: OTHER });
  const loose = story({ run: '' }).udp(2, 9, { seq: 90 });
  const wanted = [
    gate(0),
    sent,
    loose,
    receipt(3, sent),
    other(4, { src: OTHER, cookie: 'valid', cookie_instance: 7 }),
    { ...receipt(5, loose, { src: '192.0.2.77', relation: 'relayed' }), run: '' },
    other(6, { action: 'drop', excluded: 'budget', proto: 'tcp', qname: '' }),
    wordless(6.5, { src: OTHER }),
    error(7, sent),
  ];
  const foreign = { seq: 99, src: '192.0.2.88' };
  const unwanted = [
    story({ run: 'ba9876543210' }).gate(7, foreign),
    wordless(8, foreign),
    error(9, sent, foreign),
  ];
  write('observations-ns1-1-1.ndjson', ...wanted, ...unwanted, other(8));
  await readObservations(directory, {}, async ({ batches }) => {
    const found: Observation[] = [];
    for await (const batch of batches(trialRowsOf(SOURCE))) found.push(...batch);
    expect(found).toEqual(wanted);
  });
});

it('knows until when each process wrote: by the time of its newest file, without one by its last row', async () => {
  write('observations-ns1-77-1.ndjson', observation({ seq: 1, boot: 77 }));
  write('observations-ns1-77-2.ndjson', observation({ seq: 2, boot: 77, time: START + 5000 }));
  write('other-name.ndjson');
  write('observations-moved.ndjson', observation({ seq: 1, boot: 78, time: START + 1000 }));
  utimesSync(join(directory, 'observations-ns1-77-1.ndjson'), START / 1000, START / 1000);
  utimesSync(join(directory, 'observations-ns1-77-2.ndjson'), START / 1000 + 9, START / 1000 + 9);
  await readObservations(directory, {}, async ({ reach }) => {
    expect([...reach].sort()).toEqual([
      ['ns1|77', START + 9000],
      ['ns1|78', START + 1000],
    ]);
  });
});

it('counts a torn end of many megabytes as one torn line, and reads all else', async () => {
  write('observations-ns1-1-1.ndjson', observation({ seq: 1 }));
  appendFileSync(join(directory, 'observations-ns1-1-1.ndjson'), Buffer.alloc(20_000_000));
  write('observations-ns1-1-2.ndjson', observation({ seq: 2 }));
  const { rows, counters } = await readAllObservations(directory);
  expect(rows.map(({ seq }) => seq)).toEqual([1, 2]);
  expect(counters).toEqual({ rows: 2, duplicates: 0, torn: 1 });
});

describe('refuses in one line that names the path', () => {
  it('a file in place of the directory', async () => {
    const path = join(directory, 'file');
    writeFileSync(path, '');
    await expect(readAllObservations(path)).rejects.toThrow(`data_dir: cannot read ${path} (ENOTDIR)`);
  });
  it('a directory in place of a segment', async () => {
    const path = join(directory, 'observations-ns1-1-1.ndjson');
    mkdirSync(path);
    await expect(readAllObservations(directory)).rejects.toThrow(
      `data_dir: cannot read ${path} (not a file)`,
    );
  });
});

it('loads DuckDB only when something is read, so that a server never does', () => {
  const folders = ['observe', 'store', 'export'].map((folder) => join('src', folder));
  const files = folders.flatMap((folder) =>
    readdirSync(folder, { recursive: true, encoding: 'utf8' })
      .filter((name) => name.endsWith('.ts'))
      .map((name) => join(folder, name)),
  );
  const eager = files.filter((file) => /^import (?!type\b).*'@duckdb/m.test(readFileSync(file, 'utf8')));
  expect(files.length).toBeGreaterThan(15);
  expect(eager).toEqual([]);
});

it('says its counters in words, and where nothing was found', () => {
  const none = { rows: 0, duplicates: 0, torn: 0 };
  expect(formatCounters(none, '/var/x')).toBe('0 rows read from /var/x');
  expect(formatCounters({ rows: 1, duplicates: 0, torn: 0 }, '/var/x')).toBe('1 row read');
  const left_out = { rows: 7, sources: 1 };
  expect(formatCounters({ rows: 9, duplicates: 0, torn: 0, left_out }, '/var/x')).toBe(
    '9 rows read, 7 rows of 1 source on keys left out',
  );
  expect(formatCounters({ rows: 2, duplicates: 1, torn: 3 }, '/var/x')).toBe(
    '2 rows read, 3 torn pieces skipped, 1 duplicate skipped',
  );
});

it('reads the directories of several servers as one, each row once', async () => {
  const { gate, udp, receipt } = story();
  const opening = gate(0);
  const sent = udp(1, 7);
  const elsewhere = { ...receipt(2, sent), node: 'ns2', boot: 5, seq: 1 };
  const [one, two] = ['one', 'two'].map((name) => join(directory, name)) as [string, string];
  for (const each of [one, two]) mkdirSync(each);
  write('one/observations-ns1-1-1.ndjson', opening, sent);
  write('two/observations-ns2-5-1.ndjson', elsewhere, sent);
  await readObservations(
    [one, two, join(directory, 'three')],
    {},
    async ({ batches, counters, place, reach }) => {
      const found: Observation[] = [];
      for await (const batch of batches()) found.push(...batch);
      expect(found).toEqual([opening, sent, elsewhere]);
      expect(counters).toEqual({ rows: 3, duplicates: 1, torn: 0 });
      expect(place).toBe(`${one}, ${two}, ${join(directory, 'three')}, which does not exist`);
      expect([...reach.keys()].sort()).toEqual([`ns1|${sent.boot}`, 'ns2|5']);
    },
  );
});
