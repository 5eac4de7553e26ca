/** `padzone report` and `padzone verdicts` say whose rows they are made of, where the origin has several name servers. */
import { mkdirSync, mkdtempSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { segmentStem } from '../../src/store/segment-file.ts';
import { SOURCE, START, story } from '../observe/rows.ts';
import { padzone } from './run-program.ts';

const LATER = START + 7_200_000;
let folder: string;
beforeAll(() => {
  folder = mkdtempSync(join(tmpdir(), 'padzone-fleet-'));
  write('ns1', [...failure, ...arrival('bbbbbbbbbbbb', {})]);
  write('ns2', arrival('cccccccccccc', { node: 'ns2', dst: '192.0.2.2' }));
  write('idle', []);
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const told = story();
const failure = [told.gate(0), told.udp(0.1, 1), told.udp(0.9, 2)];

function arrival(run: string, changes: Partial<Observation>): Observation[] {
  const other = story({ run, size: 1232 });
  const sent = other.udp(5, Number.parseInt(run.slice(0, 2), 16));
  return [sent, other.receipt(5.1, sent)].map((row, at) => ({ ...row, ...changes, seq: 10 + at }));
}

const SERVERS = 'ns1.probe.example/parent/192.0.2.1,ns2.probe.example/parent/192.0.2.2';
const HEAD = `Rows of 1 of 2 name servers (ns1): what resolvers asked the other one is not
known here. Read both: padzone report --from DIRECTORY DIRECTORY`;

function write(name: string, rows: readonly Observation[]): void {
  const place = join(folder, name, 'observations');
  mkdirSync(place, { recursive: true });
  const path = join(place, `${segmentStem(name, rows[0]?.boot ?? 1)}1.ndjson`);
  writeFileSync(path, rows.map((row) => `${JSON.stringify(row)}\n`).join(''));
  utimesSync(path, LATER / 1000, LATER / 1000);
}

async function run(command: string, names: readonly string[], ...argv: readonly string[]): Promise<string> {
  const from = names.map((name) => join(folder, name));
  const { status, out } = await padzone(
    [command, '--from', ...from, '--origin', 'probe.example', '--nameservers', SERVERS, ...argv],
    undefined,
    {},
    LATER,
  );
  expect(status).toBe(0);
  return out;
}

it('says so in its head, in the story and beside the shares', async () => {
  expect(await run('report', ['ns1'])).toContain(HEAD);
  expect(await run('report', ['ns1'], '--source', SOURCE, '--explain')).toContain(HEAD);
  expect(await run('report', ['ns1'], '--population')).toContain(HEAD);
  expect(await run('report', ['ns1', 'ns2'])).toContain('Rows of all 2 name servers (ns1, ns2).');
});

it('says no share of failures that the rows of others may make good', async () => {
  expect(await run('report', ['ns1'])).not.toContain('Failed in the end');
  expect(await run('report', ['ns1', 'ns2'])).toMatch(/Failed in the end: 1\sof 3 /);
});

it.each([
  { names: ['ns1'], unread: 1, nodes: ['ns1'], rule: 'node-unread' },
  { names: ['ns1', 'ns2'], unread: 0, nodes: ['ns1', 'ns2'], rule: 'loss-retries' },
  { names: ['ns1', 'idle'], unread: 0, nodes: ['ns1'], rule: 'loss-retries' },
])('decides nothing by silence but by the rows of all: of $names', async ({ names, unread, nodes, rule }) => {
  const document = JSON.parse(await run('report', names, '--json'));
  expect(document.name_servers).toEqual({ configured: 2, unread, nodes });
  expect(document.verdicts[0].rule).toBe(rule);
  const [first = ''] = (await run('verdicts', names)).split('\n');
  expect(JSON.parse(first)).toEqual(document.verdicts[0]);
});
