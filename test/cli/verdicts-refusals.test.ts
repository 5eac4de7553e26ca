/** `padzone verdicts` refuses what it cannot make verdicts of, in one line, with exit status 2. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { RULE_VERSION } from '../../src/observe/verdict.ts';
import { withDuckdb } from '../../src/store/duckdb.ts';
import { fleetRows } from '../observe/fleet.ts';
import { type ExportedDay, exportDay } from './exported-day.ts';

let day: ExportedDay;
beforeAll(async () => {
  day = await exportDay();
});
afterAll(() => day.remove());

const at = (name: string) => day.at(name);
const run = (argv: readonly string[]) => day.run(argv);

const refusal = async (...argv: string[]) => {
  const { status, out, err } = await run(['verdicts', ...argv]);
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err.split('\n')).toHaveLength(2);
  return err.replaceAll(day.folder, '…').trimEnd();
};
const written = (name: string, text: string | Uint8Array) => {
  writeFileSync(at(name), text);
  return refusal('--from', at(name));
};

it('refuses no path', async () => {
  expect(await refusal()).toBe(
    'padzone: --from: no path; name files of `padzone export`, segments or data directories',
  );
});

it('refuses what is not there', async () => {
  expect(await refusal('--from', at('nowhere.csv'))).toBe(
    'padzone: --from: cannot read …/nowhere.csv (ENOENT)',
  );
});

it('refuses a folder without observations', async () => {
  mkdirSync(at('bare'), { recursive: true });
  expect(await refusal('--from', at('bare'))).toBe(
    'padzone: --from: …/bare holds no observations; allowed are a data directory, a folder of segments, and files one by one',
  );
});

it.each(['rows.parquet', 'rows.csv'])('refuses an empty file %s, which no export writes', async (name) => {
  expect(await written(`empty-${name}`, '')).toBe(
    `padzone: --from: cannot read …/empty-${name}: it is empty, and no export of the format ${name.slice(5)} is, even without a row: it was cut off, or never written`,
  );
});

it('takes an empty file for an export of no rows in NDJSON', async () => {
  writeFileSync(at('none.ndjson'), '');
  expect(await run(['verdicts', '--from', at('none.ndjson')])).toMatchObject({ status: 0, out: '' });
});

it('refuses a file of something else', async () => {
  expect(await written('notes.txt', 'hello, world\n')).toMatch(
    /^padzone: --from: cannot read …\/notes\.txt: it is no segment, and no CSV, NDJSON or Parquet with observations/,
  );
});

it('refuses missing columns, by name, in every format', async () => {
  const [row] = fleetRows();
  const { src: _, zone: __, ...rest } = row!;
  expect(await written('short.ndjson', JSON.stringify(rest))).toBe(
    'padzone: --from: cannot read …/short.ndjson: it lacks the columns src, zone',
  );
  expect(await written('short.csv', 'time,node,boot,seq\r\n')).toMatch(
    /it lacks the columns src, src_port, /,
  );
  await withDuckdb((connection) =>
    connection.run(
      `COPY (SELECT * EXCLUDE (proto) FROM '${at('rows.parquet')}') TO '${at('short.parquet')}' (FORMAT parquet)`,
    ),
  );
  expect(await refusal('--from', at('short.parquet'))).toBe(
    'padzone: --from: cannot read …/short.parquet: it lacks the column proto',
  );
});

it('refuses a file that is cut off where its index should be', async () => {
  expect(await written('cut.parquet', 'PAR1xxxxxxxxxxxxxxxxxxxx')).toMatch(
    /^padzone: --from: cannot read …\/cut\.parquet: .*arquet/,
  );
  expect(await written('cut.rows', 'padzone\0')).toBe(
    'padzone: --from: cannot read …/cut.rows: the head of the segment is torn, or of another version',
  );
});

it('refuses verdicts in place of rows, and says by which rules they were made', async () => {
  const { out } = await run(['verdicts', '--from', at('rows.csv')]);
  expect(await written('verdicts.ndjson', out.replaceAll(/"rule_version":\d+/g, '"rule_version":1'))).toBe(
    'padzone: --from: cannot read …/verdicts.ndjson: it holds verdicts of rule version 1, and verdicts are made from observations only; give the rows they were made from',
  );
});

it('refuses a report', async () => {
  const { out } = await run(['report', '--json', '--data-dir', at('both')]);
  expect(await written('report.json', out)).toBe(
    'padzone: --from: cannot read …/report.json: its first line is no JSON object; NDJSON has one row a line',
  );
});

it('refuses rules of another version', async () => {
  expect(await refusal('--from', at('rows.csv'), '--rule-version', '1')).toBe(
    `padzone: --rule-version: this padzone applies version ${RULE_VERSION} of the rules, not '1'; verdicts of two versions cannot be compared`,
  );
  const { status } = await run([
    ...['verdicts', '--from', at('rows.csv')],
    ...['--rule-version', String(RULE_VERSION)],
  ]);
  expect(status).toBe(0);
});

it('refuses an unknown format', async () => {
  expect(await refusal('--from', at('rows.csv'), '--format', 'xml')).toBe(
    "padzone: --format: 'xml' is unknown; allowed are ndjson, csv",
  );
});
