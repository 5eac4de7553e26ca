/** `padzone verdicts`: made again from what was exported, the verdicts are those of the report, row for row. */
import { copyFileSync, mkdirSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { VERDICT_COLUMNS } from '../../src/export/verdicts.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { RULE_VERSION } from '../../src/observe/verdict.ts';
import { withDuckdb } from '../../src/store/duckdb.ts';
import { segmentStem } from '../../src/store/segment-file.ts';
import { fleetRows } from '../observe/fleet.ts';
import { START } from '../observe/rows.ts';
import { BOOT } from '../support/served-day.ts';
import { type ExportedDay, exportDay, NODES } from './exported-day.ts';

let day: ExportedDay;
beforeAll(async () => {
  day = await exportDay();
});
afterAll(() => day.remove());

const at = (name: string) => day.at(name);
const run = (argv: readonly string[]) => day.run(argv);

/** What `report --json` says of both servers. */
async function reported(...argv: string[]): Promise<Record<string, unknown>[]> {
  return JSON.parse((await run(['report', '--json', '--data-dir', at('both'), ...argv])).out).verdicts;
}

async function recomputed(from: readonly string[], ...argv: string[]): Promise<Record<string, unknown>[]> {
  const { status, out, err } = await run(['verdicts', ...argv, '--from', ...from.map(at)]);
  expect({ status, err }).toEqual({ status: 0, err: expect.stringMatching(/^\d+ verdicts?; of trials /) });
  return out
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
}

describe('agrees with report --json, row for row', () => {
  it.each([
    ['CSV', ['rows.csv']],
    ['NDJSON', ['rows.ndjson']],
    ['Parquet', ['rows.parquet']],
    ['CSV of each of two servers', ['ns1.csv', 'ns2.csv']],
    ['the same rows in every format at once', ['rows.csv', 'rows.parquet', 'rows.ndjson', 'ns2.csv']],
    ['a data directory and a file', ['ns1', 'ns2.csv']],
  ])('from %s, when told until when the servers listened', async (_what, from) => {
    const verdicts = await reported();
    expect(verdicts.length).toBeGreaterThan(20);
    expect(new Set(verdicts.map((each) => each['class'])).size).toBeGreaterThanOrEqual(6);
    expect(await recomputed(from, '--until', String(day.stoppedAt))).toEqual(verdicts);
  });

  it.each([
    ['a data directory', ['both']],
    ['the folder of its segments', ['both/observations']],
    ['the data directories of two servers', ['ns1', 'ns2']],
  ])('from %s, which says itself until when', async (_what, from) => {
    expect(await recomputed(from)).toEqual(await reported());
  });

  it('from segments one by one', async () => {
    const paths = NODES.map((node) => `${node}/observations/${segmentStem(node, BOOT)}1.rows`);
    expect(await recomputed(paths, '--until', String(day.stoppedAt))).toEqual(await reported());
  });

  it('of one source, and of a part of the time', async () => {
    for (const argv of [
      ['--source', '203.0.113.77'],
      ['--since', String(day.rows[40]!.time)],
      ['--until', String(day.rows[60]!.time)],
    ]) {
      const verdicts = await reported(...argv);
      expect(verdicts.length).toBeGreaterThan(0);
      const until = argv.includes('--until') ? [] : ['--until', String(day.stoppedAt)];
      expect(await recomputed(['rows.parquet'], ...argv, ...until)).toEqual(verdicts);
    }
  });
});

describe('how far a file reaches', () => {
  it('is its last row: silence after it is no evidence', async () => {
    const [before, after] = [await reported(), await recomputed(['rows.csv'])];
    const changed = after.filter((each, index) => JSON.stringify(each) !== JSON.stringify(before[index]));
    expect(before.at(-1)).toMatchObject({ rule: 'silent' });
    expect(new Set(changed.map(({ rule }) => rule))).toEqual(new Set(['too-early']));
    expect(changed.at(-1)).toMatchObject({
      about: ['192.0.2.250'],
      last_at: new Date(day.lastAt).toISOString(),
    });
  });

  it('is beyond --until where the file has later rows', async () => {
    const until = ['--until', String(day.rows.at(-2)!.time)];
    expect(await recomputed(['rows.ndjson'], ...until)).toEqual(await reported(...until));
  });

  it('stays the last row of a process that another one followed, whatever --until says', async () => {
    const rows = day.rows.filter(({ src }) => src === '192.0.2.250');
    const next = {
      ...rows[0]!,
      boot: BOOT + 7_200_000,
      seq: 1,
      time: BOOT + 7_200_000,
      step: 'other' as const,
    };
    const rulesOf = async (...more: readonly Observation[]) => {
      const lines = [...rows, ...more].map((row) => JSON.stringify(row));
      writeFileSync(at('restart.ndjson'), lines.join('\n'));
      return (await recomputed(['restart.ndjson'], '--until', String(day.now))).map(({ rule }) => rule);
    };
    expect(await rulesOf()).toEqual(['silent']);
    expect(await rulesOf(next)).toEqual(['too-early']);
  });

  it('is never beyond the time of its segment in a data directory', async () => {
    const argv = ['--until', String(day.now)];
    utimesSync(
      join(at('ns2'), 'observations', `${segmentStem('ns2', BOOT)}1.rows`),
      day.lastAt / 1000,
      day.lastAt / 1000,
    );
    const verdicts = await recomputed(['ns1', 'ns2', 'ns2.csv'], ...argv);
    day.writeDataDir('ns2', ['ns2']);
    expect(verdicts.at(-1)).toMatchObject({ rule: 'too-early' });
  });
});

describe('writes', () => {
  it('one document with --json, and what was read', async () => {
    const { out } = await run([
      'verdicts',
      '--json',
      '--until',
      String(day.stoppedAt),
      '--from',
      at('rows.csv'),
    ]);
    const document = JSON.parse(out);
    expect(document).toMatchObject({
      generated_at: new Date(day.now).toISOString(),
      since: null,
      until: new Date(day.stoppedAt).toISOString(),
      source: null,
      rule_version: RULE_VERSION,
      counters: { duplicates: 0, torn: 0 },
    });
    expect(document.verdicts).toEqual(await reported());
  });

  it('CSV with every member of a verdict', async () => {
    const from = ['--from', at('rows.csv'), '--until', String(day.stoppedAt)];
    const { out } = await run(['verdicts', '--format', 'csv', ...from]);
    const verdicts = await reported();
    expect([...VERDICT_COLUMNS].sort()).toEqual(Object.keys(verdicts[0]!).sort());
    writeFileSync(at('verdicts.csv'), out);
    const read = await withDuckdb(async (connection) =>
      (
        await connection.runAndReadAll(
          `SELECT * FROM read_csv('${at('verdicts.csv')}', header = true, all_varchar = true, nullstr = '', allow_quoted_nulls = false)`,
        )
      ).getRowObjectsJS(),
    );
    const texts = verdicts.map((verdict) =>
      Object.fromEntries(
        VERDICT_COLUMNS.map((name) => [name, verdict[name]]).map(([name, value]) => [
          name,
          typeof value === 'string' || value === null ? value : JSON.stringify(value),
        ]),
      ),
    );
    expect(read).toEqual(texts);
  });

  it('counts doubles and torn lines on standard error', async () => {
    const ndjson = at('torn.ndjson');
    copyFileSync(at('rows.ndjson'), ndjson);
    writeFileSync(ndjson, '{"time":17', { flag: 'a' });
    const { err } = await run(['verdicts', '--from', ndjson, at('rows.csv')]);
    const rows = day.rows.length;
    expect(err).toMatch(
      new RegExp(
        `^\\d+ verdicts; of trials ${rows} rows read, 1 torn piece skipped, ${rows} duplicates skipped\\n$`,
      ),
    );
  });

  it('nothing of an export without a row', async () => {
    writeFileSync(at('empty.ndjson'), '');
    expect(await run(['verdicts', '--from', at('empty.ndjson')])).toEqual({
      status: 0,
      out: '',
      err: `0 verdicts; of trials 0 rows read from ${at('empty.ndjson')}\n`,
    });
  });
});

it('skips what is no row inside a CSV, and keeps the others', async () => {
  const rows = fleetRows().map((row) => JSON.stringify(row));
  writeFileSync(at('fleet.ndjson'), rows.join('\n'));
  const whole = await recomputed(['fleet.ndjson'], '--until', String(START + 86_400_000));
  mkdirSync(join(at('fleet'), 'observations'), { recursive: true });
  copyFileSync(at('fleet.ndjson'), join(at('fleet'), 'observations', 'observations-x-1-1.ndjson'));
  const csv = (await run(['export', '--data-dir', at('fleet')])).out.split('\r\n');
  const torn = [...csv.slice(0, 3), '17,"ns1"', csv[3]!.replace(/^\d+/, 'x'), ...csv.slice(3)];
  writeFileSync(at('torn.csv'), `${torn.join('\r\n')}1795,"n`);
  const { out, err } = await run([
    ...['verdicts', '--until', String(START + 86_400_000)],
    ...['--from', at('torn.csv')],
  ]);
  expect(err).toContain('3 torn pieces skipped');
  expect(
    out
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line)),
  ).toEqual(whole);
});
