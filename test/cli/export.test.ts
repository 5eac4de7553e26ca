import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fleetRows, WELL } from '../observe/fleet.ts';
import { START } from '../observe/rows.ts';
import { padzoneOn } from './run-on-rows.ts';
import { padzone } from './run-program.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-export-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

const exported = (...argv: string[]) => padzoneOn(fleetRows(), ['export', ...argv], START + 7_200_000);
const inOrder = fleetRows().sort((a, b) => a.time - b.time);

it('writes CSV to standard output, and the number of rows to standard error', async () => {
  const { status, out, err } = await exported();
  expect({ status, err }).toEqual({ status: 0, err: `${inOrder.length} rows read\n` });
  const lines = out.trimEnd().split('\r\n');
  expect(lines[0]).toMatch(/^time,node,boot,seq,src,.*,receipt_instance,/);
  expect(lines).toHaveLength(1 + inOrder.length);
});

it('writes NDJSON in order of time', async () => {
  const { out } = await exported('--format', 'ndjson');
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(inOrder);
});

it('filters by source and time', async () => {
  const { out } = await exported(
    '--format',
    'ndjson',
    '--source',
    WELL,
    '--since',
    new Date(START + 60_000).toISOString(),
  );
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  expect(rows).toEqual(inOrder.filter(({ src, time }) => src === WELL && time >= START + 60_000));
  expect(rows).toHaveLength(4);
});

it.each(['csv', 'ndjson', 'parquet'])(
  'writes %s to a file and nothing to standard output',
  async (format) => {
    const output = join(directory, `rows.${format}`);
    const { status, out } = await exported('--format', format, '--output', output);
    expect({ status, out }).toEqual({ status: 0, out: '' });
    const octets = readFileSync(output);
    if (format === 'parquet') expect(octets.subarray(-4).toString()).toBe('PAR1');
    else expect(octets.toString()).toBe((await exported('--format', format)).out);
  },
);

it('keeps the old file when it cannot finish, and leaves nothing beside it', async () => {
  const output = join(directory, 'rows.csv');
  writeFileSync(output, 'old');
  const { status, err } = await padzone(['export', '--output', output, '--data-dir', '/dev/null']);
  expect({ status, err }).toEqual({
    status: 2,
    err: 'padzone: data_dir: cannot read /dev/null/observations (ENOTDIR)\n',
  });
  expect(readFileSync(output, 'utf8')).toBe('old');
  expect(readdirSync(directory)).toEqual(['rows.csv']);
});

it.each([
  [['--format', 'xml'], "padzone: --format: 'xml' is unknown; allowed are csv, ndjson, parquet\n"],
  [
    ['--format', 'parquet'],
    'padzone: --format parquet needs --output FILE: it cannot be written to a pipe\n',
  ],
  [
    ['--source', 'ns1'],
    "padzone: --source: 'ns1' is no address; allowed is one IPv4 or IPv6 address such as 192.0.2.7\n",
  ],
  [['--output', '/nowhere/x'], "padzone: --output: cannot write '/nowhere/x' (ENOENT)\n"],
])('refuses %j in one line, with exit status 2', async (argv, message) => {
  expect(await exported(...argv)).toEqual({ status: 2, out: '', err: message });
});
