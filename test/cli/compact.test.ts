/** `padzone compact`: what it says, and that report and export see the same rows before and after. */
import { mkdirSync, mkdtempSync, readdirSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { fleetRows } from '../observe/fleet.ts';
import { observation, START } from '../observe/rows.ts';
import { segmentOf } from '../support/rows.ts';
import { padzone } from './run-program.ts';

let dataDir: string;
beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'padzone-compact-'));
  mkdirSync(join(dataDir, 'observations'));
});
afterEach(() => rmSync(dataDir, { recursive: true, force: true }));

function write(name: string, octets: Uint8Array): void {
  const path = join(dataDir, 'observations', name);
  writeFileSync(path, octets);
  utimesSync(path, START / 1000, START / 1000);
}

const run = (...argv: string[]) =>
  padzone([...argv, '--data-dir', dataDir], undefined, {}, START + 3_600_000);

it('leaves reports and exports as they are', async () => {
  const { boot } = observation();
  write(`observations-ns1-${boot}-1.rows`, segmentOf(fleetRows().slice(0, 12)));
  write(`observations-ns1-${boot}-2.rows`, segmentOf(fleetRows().slice(12)));
  const look = async () => [await run('report', '--json'), await run('export', '--format', 'csv')];
  const before = await look();
  expect(before[1]!.out.split('\r\n').length).toBeGreaterThan(20);
  expect(await run('compact', '--once')).toEqual({
    status: 0,
    out: '',
    err: `2 segments compacted, ${fleetRows().length} rows\n`,
  });
  expect(readdirSync(join(dataDir, 'observations'))).toEqual(['date=2026-11-23']);
  expect(await look()).toEqual(before);
  expect((await run('compact', '--once')).err).toBe('0 segments compacted, 0 rows\n');
});

it('says what was torn', async () => {
  write('observations-ns1-1-1.rows', Buffer.concat([segmentOf([observation()]), Buffer.alloc(7)]));
  expect((await run('compact', '--once')).err).toBe('1 segment compacted, 1 rows, 1 torn piece skipped\n');
});

it('names what it cannot read in one line, with exit status 2', async () => {
  rmSync(join(dataDir, 'observations'), { recursive: true });
  writeFileSync(join(dataDir, 'observations'), '');
  const { status, err } = await run('compact', '--once');
  expect({ status, err }).toEqual({
    status: 2,
    err: `padzone: data_dir: cannot read ${join(dataDir, 'observations')} (ENOTDIR)\n`,
  });
});
