import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { fleetRows, WELL } from '../observe/fleet.ts';
import * as rolls from '../observe/key-roll/rolls.ts';
import { AFTER, MANNERS, rolling } from '../observe/key-roll/rolls.ts';
import { withoutTcp } from '../observe/replicas.ts';
import { observation, SOURCE, START } from '../observe/rows.ts';
import { padzoneOn } from './run-on-rows.ts';

const STATIC = '198.51.100.12';

const rows = () =>
  [
    ...rolls.unboundFollows(true),
    ...rolls.bindStatic().map((row) => ({ ...row, src: STATIC })),
    observation({
      ...{ src: STATIC, behavior: 'error-report', zone: 'er.probe.example.', proto: 'tcp' },
      qname: '_er.48.probe.example.9._er.er.probe.example.',
    }),
  ].map((row, at) => ({ ...row, seq: 10_000 + at }));

const report = (...argv: string[]) => padzoneOn(rows(), ['report', ...argv], AFTER);

it('has a section on key rolls where there are rows of them, trials or none', async () => {
  const { out, err } = await report();
  expect(err).toBe('');
  expect(out).toMatch(
    /^No trials in this span\..*\nOf keys: 1 urgent \(marked !\): 198\.51\.100\.12\n\nKey roll, by zone\./,
  );
  expect(out).toMatch(/\n {2}! 198\.51\.100\.12 +static anchor +medium +12345 /);
  expect(out).toMatch(/\n {4}203\.0\.113\.7 +follows +high +12345 +new +unbound\n/);
  expect(out).toContain('  198.51.100.12: Your resolver says: DNSKEY missing (EDE 9), for probe.example.');
  const both = await padzoneOn([...rows(), ...fleetRows()], ['report'], START + 7_200_000);
  expect(both.out).toMatch(/^\d sources, .*[\s\S]*\n\nKey roll, by zone\./);
});

it('counts in its first line what the parts on keys mark, and says what to do about them once', async () => {
  const all = [
    // Its first answer went over TCP, which nobody can forge.
    ...rolls.powerdns().map((row, at) => ({ ...row, src: WELL, ...(at === 0 && { proto: 'tcp' as const }) })),
    ...withoutTcp(undefined, 0, { src: STATIC }),
    ...fleetRows(),
  ].map((row, at) => ({ ...row, seq: 10_000 + at }));
  const until = START + 7_200_000;
  const { out } = await padzoneOn(all, ['report'], until);
  const [first] = out.split('\n\n');
  expect(first!.replaceAll('\n', ' ')).toMatch(new RegExp(`urgent \\(marked !\\): .*${WELL}, ${STATIC}`));
  expect(out).toMatch(new RegExp(`\n! ${WELL} [^!]*\n  ! What to do about its keys stands with the keys\\.`));
  expect(out.match(/PowerDNS Recursor does not follow by itself: update/g)).toHaveLength(1);
  expect(out).toContain(`\n! ${STATIC}: k20270111, 1425 octets: TC=1 and no query over TCP`);
  const { replicas, advice } = JSON.parse((await padzoneOn(all, ['report', '--json'], until)).out);
  expect(replicas).toMatchObject([{ source: STATIC, class: 'FAILS', octets: 1425, ways: { tc: 1 } }]);
  expect(advice).toContainEqual({ source: WELL, urgent: true, text: expect.stringMatching(/^PowerDNS/) });

  const told = await padzoneOn(all, ['report', '--source', WELL, '--explain'], until);
  const [, toDo] = told.out.split('\nWhat to do:\n');
  expect(toDo).toMatch(/^ {2}! PowerDNS Recursor does not follow by itself/);
  expect(told.out).not.toContain('Nothing to change');
  expect(told.out.match(/does not follow by itself: update/g)).toHaveLength(1);
});

it('calls nothing urgent that came over UDP without a cookie alone: two forged queries would do', async () => {
  const { out } = await padzoneOn(rolls.cutAtRevocation(), ['report'], AFTER);
  expect(out).toContain('transport failure');
  expect(out).not.toContain('!');
});

it('has none where there are no such rows', async () => {
  const { out } = await padzoneOn(fleetRows(), ['report'], START + 7_200_000);
  expect(out).not.toContain('Key roll');
});

it('gives programs the findings, of one source too', async () => {
  const { keyRoll, errorReports } = JSON.parse((await report('--json')).out);
  expect(keyRoll.map(({ source, class: name }: Record<string, string>) => [source, name])).toEqual([
    [STATIC, 'STATIC_ANCHOR'],
    [SOURCE, 'FOLLOWS'],
  ]);
  expect(errorReports).toMatchObject([{ source: STATIC, info_code: 9, taken: 1 }]);
  const one = JSON.parse((await report('--json', '--source', SOURCE)).out);
  expect(one.keyRoll).toEqual([keyRoll[1]]);
  expect(one.errorReports).toEqual([]);
});

it('makes the same again from exported rows, in one document', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'padzone-keys-'));
  try {
    const file = join(folder, 'rows.ndjson');
    writeFileSync(
      file,
      rows()
        .map((row) => JSON.stringify(row))
        .join('\n'),
    );
    const argv = ['verdicts', '--from', file, '--until', String(AFTER), '--json'];
    const { out } = await padzoneOn([], argv, AFTER);
    const made = JSON.parse(out);
    const { keyRoll, sentinels, errorReports } = JSON.parse((await report('--json')).out);
    expect(made).toMatchObject({ verdicts: [], keyRoll, sentinels, errorReports });
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('leaves out what ended before --since', async () => {
  const { keyRoll } = JSON.parse((await report('--json', '--since', '30s')).out);
  expect(keyRoll).toEqual([]);
});

it('tells the story of a source that has no trials, and of one that has', async () => {
  const { out } = await report('--source', STATIC, '--explain');
  expect(out).toContain('\nKey roll of fast-20261123150000-a13-0123abcd.roll.probe.example.\n  init, from ');
  const all = [...rows().map((row) => ({ ...row, src: WELL })), ...fleetRows()];
  const told = await padzoneOn(all, ['report', '--source', WELL, '--explain'], START + 7_200_000);
  expect(told.out).toMatch(/^The story of /);
  expect(told.out).toContain('\n\nKey roll of fast-20261123150000-a13-0123abcd.roll.probe.example.\n');
});

it('reads a bounded number of rows, and says the same of them', async () => {
  const told = rolling(MANNERS.bind);
  const often = Array.from({ length: 580 }, (_, at) => told.fetch(at / 10));
  const signals = [3, 9, 15]
    .map((at) => told.signal(at, 'old'))
    .concat([20, 40, 55].map((at) => told.signal(at, at < 36 ? 'old+new' : 'new')));
  const { out } = await padzoneOn([...often, ...signals], ['report', '--json'], AFTER);
  const [{ class: name, phases }] = JSON.parse(out).keyRoll;
  expect(name).toBe('FOLLOWS');
  expect(phases.map(({ fetches }: { fetches: number }) => fetches)).toEqual([80, 128, 120, 128, 80]);
});

it('says how much it has no room for, with and without --json', async () => {
  const forged = Array.from({ length: 10_100 }, (_, n) =>
    observation({
      ...{ time: START, seq: 20_000 + n, src: `10.0.${n >> 8}.${n & 255}`, behavior: 'sentinel', qtype: 1 },
      ...{ run: n.toString(16).padStart(12, '0'), qname: 'root-key-sentinel-is-ta-38696.n0.probe.example.' },
    }),
  );
  const { out } = await padzoneOn([...rows(), ...forged], ['report'], AFTER);
  expect(out).toMatch(/ rows read, 100 rows of 100 sources on keys left out\n$/);
  expect(out).toMatch(/\n {4}203\.0\.113\.7 +follows +high /);
  const { counters } = JSON.parse((await padzoneOn([...rows(), ...forged], ['report', '--json'], AFTER)).out);
  expect(counters.left_out).toEqual({ rows: 100, sources: 100 });
});
