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
import { openSegments, type SegmentOptions } from '../../src/store/segment.ts';
import { decodeHead } from '../../src/store/segment-format.ts';
import { readSegment } from '../../src/store/segment-read.ts';
import { observation, START } from '../observe/rows.ts';
import { decodeRow, seqOfRow } from '../support/decode-row.ts';
import { runOfRows } from '../support/rows.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-segment-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

function open(changes: Partial<SegmentOptions> = {}) {
  const troubles: Error[] = [];
  const segments = openSegments({
    directory,
    node: () => 'ns1',
    boot: 77,
    rotateOctets: 1e9,
    rotateAgeMs: 1e9,
    now: () => START,
    onTrouble: (error) => troubles.push(error),
    ...changes,
  });
  const append = (...seqs: number[]) => {
    const { octets, from, slots } = runOfRows(seqs.map((seq) => observation({ seq })));
    segments.appendRows(0, octets, from, slots, seqs.length);
  };
  return { ...segments, append, troubles };
}

/** Sequence numbers by file; throws when anything is torn. */
async function onDisk(): Promise<Record<string, number[]>> {
  const found: Record<string, number[]> = {};
  for (const file of readdirSync(directory).sort()) {
    const seqs: number[] = [];
    const { torn } = await readSegment(join(directory, file), (octets, view, at, thread) => {
      seqs.push(seqOfRow(octets, view, at, thread));
    });
    expect(torn).toBe(0);
    found[file] = seqs;
  }
  return found;
}

const SLOT = 256;

it('makes no file before the first row', async () => {
  const segments = open();
  await segments.flush();
  await segments.close();
  expect(readdirSync(directory)).toEqual([]);
});

it('writes who wrote, then the rows as they are, those of a thread together', async () => {
  const { appendRows, close, counters } = open();
  const rows = [
    observation({ seq: 1 }),
    observation({ seq: 2, qname: `${'a'.repeat(63)}.${'b'.repeat(63)}.` }),
  ];
  const { octets, from, slots } = runOfRows(rows);
  appendRows(3, octets, from, 1, 1);
  appendRows(3, octets, from + SLOT, slots - 1, 1);
  appendRows(4, octets, from, 1, 1);
  await close();
  const path = join(directory, 'observations-ns1-77-1.rows');
  expect(decodeHead(readFileSync(path))).toEqual({ node: 'ns1', boot: 77, openedAt: START });
  const found: unknown[] = [];
  await readSegment(path, (source, view, at, thread) => {
    found.push([thread, decodeRow(source, view, at).qname]);
  });
  expect(found).toEqual([
    [3, rows[0]!.qname],
    [3, rows[1]!.qname],
    [4, rows[0]!.qname],
  ]);
  expect(counters()).toEqual({ written: 3, lost: 0, dropped: 0 });
  // Two blocks: the header of each, and four slots.
  expect(statSync(path).size).toBe(256 + 2 * 32 + 4 * SLOT);
});

it('writes within a second without being asked', async () => {
  const { append, close, counters } = open();
  append(1);
  await expect.poll(() => counters().written).toBe(1);
  await close();
});

it('begins a new segment when the size is reached, never within a batch', async () => {
  const { append, flush, close } = open({ rotateOctets: 1 });
  append(1);
  append(2);
  await flush();
  append(3);
  await flush();
  await close();
  expect(await onDisk()).toEqual({
    'observations-ns1-77-1.rows': [1, 2],
    'observations-ns1-77-2.rows': [3],
  });
});

it('closes a segment when its age is reached, also when no row follows', async () => {
  let at = START;
  const { append, flush, close } = open({ rotateAgeMs: 60_000, now: () => at });
  append(1);
  await flush();
  at += 59_999;
  append(2);
  await flush();
  at += 1;
  await flush();
  append(3);
  await close();
  expect(Object.values(await onDisk())).toEqual([[1, 2], [3]]);
});

it('sets the time of the newest file while it is open, also when no row comes and after the file is full', async () => {
  let at = START;
  const { append, flush, close } = open({ rotateAgeMs: 60_000, now: () => at });
  append(1);
  await flush();
  const touched = () => statSync(join(directory, 'observations-ns1-77-1.rows')).mtimeMs;
  expect(touched()).toBe(START);
  at += 30_000;
  await expect.poll(touched).toBe(START + 30_000);
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
  writeFileSync(join(directory, 'observations-ns1-77-1.rows'), '{"torn');
  const { append, close } = open();
  append(1);
  await close();
  expect(readFileSync(join(directory, 'observations-ns1-77-1.rows'), 'utf8')).toBe('{"torn');
  expect(readdirSync(directory)).toHaveLength(2);
});

it('keeps the name of a node inside the directory', async () => {
  const { append, close } = open({ node: () => '../ns/1' });
  append(1);
  await close();
  expect(readdirSync(directory)).toEqual(['observations-.._ns_1-77-1.rows']);
});

it('drops and counts rows above the buffer and after the end', async () => {
  const { append, close, counters } = open({ bufferOctets: 10 * SLOT + 32 });
  for (let seq = 1; seq <= 50; seq += 1) append(seq);
  expect(counters().dropped).toBe(40);
  await close();
  append(51, 52);
  expect(counters()).toEqual({ written: 10, lost: 0, dropped: 42 });
});

it('goes on in a new file when somebody removed the old one', async () => {
  const { append, flush, close, counters } = open();
  append(1);
  await flush();
  rmSync(directory, { recursive: true });
  append(2);
  await flush();
  await close();
  expect(Object.values(await onDisk())).toEqual([[2]]);
  expect(counters().lost).toBe(0);
});

it('counts rows as lost while no file can be made, says so, and recovers', async () => {
  const { append, flush, close, counters, troubles } = open();
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'not a directory');
  append(1);
  append(2);
  await flush();
  expect(counters()).toEqual({ written: 0, lost: 2, dropped: 0 });
  expect(troubles).toHaveLength(1);
  rmSync(directory);
  append(3);
  await flush();
  await close();
  expect(Object.values(await onDisk())).toEqual([[3]]);
  expect(counters()).toEqual({ written: 1, lost: 2, dropped: 0 });
});

/** The kernel's limit of file size stands in for a full disk: it too takes a part of a write before it refuses. */
function limitFileSize(octets: string): void {
  execFileSync('prlimit', ['--pid', String(process.pid), `--fsize=${octets}:`]);
}
const canLimit = spawnSync('prlimit', ['--version']).status === 0;
if (!canLimit) process.stderr.write('no prlimit (util-linux): the tests of a full disk are skipped\n');

it.skipIf(!canLimit)('leaves no torn block when the disk takes only a part of a batch', async () => {
  const { append, flush, close, counters, troubles } = open();
  append(1);
  await flush();
  limitFileSize('3000');
  try {
    for (let seq = 2; seq <= 20; seq += 1) append(seq);
    await flush();
    append(21);
    await flush();
  } finally {
    limitFileSize('unlimited');
  }
  append(22);
  await close();
  expect(await onDisk()).toEqual({ 'observations-ns1-77-1.rows': [1, 21, 22] });
  expect(counters()).toEqual({ written: 3, lost: 19, dropped: 0 });
  expect(troubles.map((error) => (error as NodeJS.ErrnoException).code)).toEqual(['EFBIG']);
});

it.skipIf(!canLimit)('leaves no empty files behind while the disk refuses everything', async () => {
  const { append, flush, close, counters } = open();
  limitFileSize('1');
  try {
    for (let seq = 1; seq <= 3; seq += 1) {
      append(seq);
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
     const { appendRows, counters } = openSegments({ directory: ${JSON.stringify(join(directory, 'rows'))},
       node: () => 'ns1', boot: 77, rotateOctets: 20000, rotateAgeMs: 1e9, now: Date.now, onTrouble: console.error });
     const row = new Uint8Array(256);
     row.set([1, 1]);
     let seq = 0;
     setInterval(() => {
       new DataView(row.buffer).setUint32(4, ++seq, true);
       appendRows(0, row, 0, 1, 1);
     }, 1);
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
  const seqs = new Set<number>();
  for (const name of readdirSync(join(directory, 'rows')))
    await readSegment(join(directory, 'rows', name), (octets, view, at, thread) => {
      seqs.add(seqOfRow(octets, view, at, thread));
    });
  for (let seq = 1; seq <= synced; seq += 1) expect(seqs).toContain(seq);
});

it('begins a new segment for a node of another name, and says when one is finished', async () => {
  let node = 'ns1';
  let closed = 0;
  const { append, flush, close } = open({ node: () => node, onClosed: () => closed++ });
  append(1);
  await flush();
  node = 'ns2';
  append(2);
  await flush();
  expect(closed).toBe(1);
  await close();
  expect(await onDisk()).toEqual({ 'observations-ns1-77-1.rows': [1], 'observations-ns2-77-2.rows': [2] });
});

it('writes notices with the rows that come, as neither written nor lost, and again until they are on disk', async () => {
  let pending = 1;
  const notice = new Uint8Array(SLOT).fill(0xff);
  notice.set([4, 1]);
  const { append, flush, close, counters } = open({
    noticeThread: 9,
    notices: () => Array<Uint8Array>(pending).fill(notice),
    onWritten: () => {
      pending = 0;
    },
  });
  await flush();
  expect(readdirSync(directory)).toEqual([]);
  rmSync(directory, { recursive: true });
  writeFileSync(directory, 'not a directory');
  append(1);
  await flush();
  rmSync(directory);
  append(2);
  await flush();
  append(3);
  await close();
  expect(Object.values(await onDisk())).toEqual([[2, 9 * 2 ** 40 + 2 ** 40 - 1, 3]]);
  expect(counters()).toEqual({ written: 2, lost: 1, dropped: 0 });
});
