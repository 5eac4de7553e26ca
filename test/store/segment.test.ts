import { execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { openSegments, type SegmentOptions } from '../../src/store/segment.ts';
import { observation, START } from '../observe/rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-segment-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(changes: Partial<SegmentOptions> = {}) {
  const troubles: Error[] = [];
  const segments = openSegments({
    directory,
    rotateOctets: 1e9,
    rotateAgeMs: 1e9,
    now: () => START,
    onTrouble: (error) => troubles.push(error),
    ...changes,
  });
  return { ...segments, troubles };
}

const row = (seq: number, changes: Partial<Observation> = {}) => observation({ seq, boot: 77, ...changes });

/** Sequence numbers by file; throws when a line is not whole. */
function onDisk(): Record<string, number[]> {
  const files = readdirSync(directory).sort();
  return Object.fromEntries(
    files.map((file) => {
      const text = readFileSync(join(directory, file), 'utf8');
      expect(text).toMatch(/\n$/);
      return [
        file,
        text
          .trimEnd()
          .split('\n')
          .map((line) => JSON.parse(line).seq as number),
      ];
    }),
  );
}

it('makes no file before the first row', async () => {
  const segments = open();
  await segments.flush();
  await segments.close();
  expect(readdirSync(directory)).toEqual([]);
});

it('writes each row as one line of JSON that reads as the same row', async () => {
  const { append, close, counters } = open();
  const rows = [row(1), row(2, { qname: 'a"\\\n\u2028.example.' })];
  rows.forEach(append);
  await close();
  const text = readFileSync(join(directory, 'observations-ns1-77-1.ndjson'), 'utf8');
  expect(
    text
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(rows);
  expect(counters()).toEqual({ written: 2, lost: 0, dropped: 0 });
});

it('writes within a second without being asked', async () => {
  const { append, close, counters } = open();
  append(row(1));
  await expect.poll(() => counters().written, { timeout: 1000 }).toBe(1);
  await close();
});

it('begins a new segment when the size is reached, never within a batch', async () => {
  const { append, flush, close } = open({ rotateOctets: 1 });
  append(row(1));
  append(row(2));
  await flush();
  append(row(3));
  await flush();
  await close();
  expect(onDisk()).toEqual({
    'observations-ns1-77-1.ndjson': [1, 2],
    'observations-ns1-77-2.ndjson': [3],
  });
});

it('closes a segment when its age is reached, also when no row follows', async () => {
  let at = START;
  const { append, flush, close } = open({ rotateAgeMs: 60_000, now: () => at });
  append(row(1));
  await flush();
  at += 59_999;
  append(row(2));
  await flush();
  at += 1;
  await flush();
  append(row(3));
  await close();
  expect(Object.values(onDisk())).toEqual([[1, 2], [3]]);
});

it('sets the time of the newest file while it is open, also when no row comes and after the file is full', async () => {
  let at = START;
  const { append, flush, close } = open({ rotateAgeMs: 60_000, now: () => at });
  append(row(1));
  await flush();
  const touched = () => statSync(join(directory, 'observations-ns1-77-1.ndjson')).mtimeMs;
  expect(touched()).toBe(START);
  at += 30_000;
  await expect.poll(touched, { timeout: 2000 }).toBe(START + 30_000);
  at += 60_000;
  await flush();
  expect(touched()).toBe(START + 90_000);
  at += 1000;
  await close();
  expect(touched()).toBe(START + 91_000);
});

it('refuses a directory that cannot be made, naming it', () => {
  writeFileSync(join(directory, 'file'), '');
  expect(() => open({ directory: join(directory, 'file', 'observations') })).toThrow(
    `data_dir: cannot make the folder ${join(directory, 'file', 'observations')} (ENOTDIR)`,
  );
});

it('never writes into a file that exists', async () => {
  writeFileSync(join(directory, 'observations-ns1-77-1.ndjson'), '{"torn');
  const { append, close } = open();
  append(row(1));
  await close();
  expect(readFileSync(join(directory, 'observations-ns1-77-1.ndjson'), 'utf8')).toBe('{"torn');
  expect(readdirSync(directory)).toHaveLength(2);
});

it('keeps the name of a node inside the directory', async () => {
  const { append, close } = open();
  append(row(1, { node: '../ns/1' }));
  await close();
  expect(readdirSync(directory)).toEqual(['observations-.._ns_1-77-1.ndjson']);
});

it('drops and counts rows above the buffer and after the end', async () => {
  const { append, close, counters } = open({ bufferOctets: 10 * JSON.stringify(row(1)).length });
  for (let seq = 1; seq <= 50; seq += 1) append(row(seq));
  const { dropped } = counters();
  expect(dropped).toBeGreaterThanOrEqual(39);
  await close();
  append(row(51));
  expect(counters()).toEqual({ written: 50 - dropped, lost: 0, dropped: dropped + 1 });
});

it('goes on in a new file when somebody removed the old one', async () => {
  const { append, flush, close, counters } = open();
  append(row(1));
  await flush();
  rmSync(directory, { recursive: true });
  append(row(2));
  await flush();
  await close();
  expect(Object.values(onDisk())).toEqual([[2]]);
  expect(counters().lost).toBe(0);
});

it('counts rows as lost while no file can be made, says so, and recovers', async () => {
  const { append, flush, close, counters, troubles } = open();
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'not a directory');
  append(row(1));
  append(row(2));
  await flush();
  expect(counters()).toEqual({ written: 0, lost: 2, dropped: 0 });
  expect(troubles).toHaveLength(1);
  rmSync(directory);
  append(row(3));
  await flush();
  await close();
  expect(Object.values(onDisk())).toEqual([[3]]);
  expect(counters()).toEqual({ written: 1, lost: 2, dropped: 0 });
});

/** The kernel's limit of file size stands in for a full disk: it too takes a part of a write before it refuses. */
function limitFileSize(octets: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${octets}:`]);
}
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
if (!canLimit) process.stderr.write('no prlimit (util-linux): the tests of a full disk are skipped\n');

it.skipIf(!canLimit)('leaves no torn line when the disk takes only a part of a batch', async () => {
  const { append, flush, close, counters, troubles } = open();
  append(row(1));
  await flush();
  limitFileSize('3000');
  try {
    for (let seq = 2; seq <= 20; seq += 1) append(row(seq));
    await flush();
    append(row(21));
    await flush();
  } finally {
    limitFileSize('unlimited');
  }
  append(row(22));
  await close();
  expect(onDisk()).toEqual({ 'observations-ns1-77-1.ndjson': [1, 21, 22] });
  expect(counters()).toEqual({ written: 3, lost: 19, dropped: 0 });
  expect(troubles.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['EFBIG']);
});

it.skipIf(!canLimit)('leaves no empty files behind while the disk refuses everything', async () => {
  const { append, flush, close, counters } = open();
  limitFileSize('1');
  try {
    for (let seq = 1; seq <= 3; seq += 1) {
      append(row(seq));
      await flush();
    }
  } finally {
    limitFileSize('unlimited');
  }
  await close();
  expect(counters()).toEqual({ written: 0, lost: 3, dropped: 0 });
  expect(readdirSync(directory)).toEqual([]);
});

it('keeps every row that was synced before kill -9', async () => {
  const compiled = join(directory, 'compiled');
  const flags = [
    '--ignoreConfig',
    '--module',
    'nodenext',
    '--target',
    'es2023',
    '--types',
    'node',
    '--skipLibCheck',
  ];
  const files = ['--rewriteRelativeImportExtensions', '--outDir', compiled, '--rootDir', 'src'];
  // The imports of types reach into the whole tree: its errors are not this test's.
  execFileSync('node_modules/.bin/tsc', [...flags, ...files, '--noCheck', 'src/store/segment.ts']);
  writeFileSync(join(compiled, 'package.json'), '{"type":"module"}');
  symlinkSync(resolve('node_modules'), join(compiled, 'node_modules'));
  writeFileSync(
    join(compiled, 'child.js'),
    `import { openSegments } from './store/segment.js';
     const { append, counters } = openSegments({ directory: ${JSON.stringify(join(directory, 'rows'))},
       rotateOctets: 20000, rotateAgeMs: 1e9, now: Date.now, onTrouble: console.error });
     let seq = 0;
     setInterval(() => append({ node: 'ns1', boot: 77, seq: ++seq, qname: 'x'.repeat(500) }), 1);
     setInterval(() => console.log(counters().written), 20);`,
  );
  const child = spawn(process.execPath, [join(compiled, 'child.js')], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  let synced = 0;
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    synced = Number(text.trimEnd().split('\n').pop());
    if (synced >= 200) child.kill('SIGKILL');
  });
  await once(child, 'exit');
  const text = readdirSync(join(directory, 'rows')).map((name) =>
    readFileSync(join(directory, 'rows', name), 'utf8'),
  );
  const lines = text
    .join('')
    .split('\n')
    .filter((line) => line.endsWith('}'));
  const seqs = new Set(lines.map((line) => JSON.parse(line).seq as number));
  for (let seq = 1; seq <= synced; seq += 1) expect(seqs).toContain(seq);
});
