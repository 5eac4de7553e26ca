import { expect, it } from 'vitest';
import { BROKEN, fleetRows, RECOVERING, WELL } from '../observe/fleet.ts';
import { OTHER, SOURCE, START, story } from '../observe/rows.ts';
import { padzoneOn } from './run-on-rows.ts';
import { padzone } from './run-program.ts';

const LATER = START + 7_200_000;
const report = (rows: Parameters<typeof padzoneOn>[0], ...argv: string[]) =>
  padzoneOn(rows, ['report', ...argv], LATER);

it('shows problems first, one block a source, and what to do', async () => {
  const { status, out, err } = await report([...fleetRows(), '{"torn']);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatchSnapshot();
});

it('fits a terminal of 80 columns', async () => {
  const { out } = await report(fleetRows());
  expect(Math.max(...out.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
});

it('says in one document what the table says, with verdicts and counters', async () => {
  const { out } = await report([...fleetRows(), '{"torn'], '--json');
  const document = JSON.parse(out);
  expect(document).toMatchObject({
    generated_at: '2026-11-23T17:00:00.000Z',
    since: null,
    until: null,
    source: null,
    counters: { rows: fleetRows().length, duplicates: 0, torn: 1 },
  });
  const rows = document.rows.map((row: Record<string, unknown>) => [
    row['source'],
    row['size'],
    row['whole'],
    row['tcp'],
    row['failed'],
    row['ability'],
  ]);
  expect(rows).toEqual([
    [BROKEN, 1232, 1, 0, 0, 'CAN'],
    [BROKEN, 4096, 0, 0, 2, 'UNKNOWN'],
    [RECOVERING, 1232, 1, 0, 0, 'CAN'],
    [RECOVERING, 4096, 0, 1, 0, 'UNKNOWN'],
    [WELL, 1232, 1, 0, 0, 'CAN'],
    [WELL, 4096, 0, 1, 0, 'NEVER_OFFERED'],
  ]);
  const classes = document.verdicts.map((verdict: Record<string, unknown>) => verdict['class']);
  expect(classes).toEqual([
    'UDP_OK_WHOLE',
    'TC_TCP_OK',
    'UDP_OK_WHOLE',
    'LOSS_RETRY_FAIL',
    'UDP_OK_WHOLE',
    'LOSS_TCP_OK',
    'LOSS_RETRY_FAIL',
  ]);
  const known = new Set(fleetRows().map(({ node, boot, seq }) => [node, boot, seq].join()));
  for (const { evidence } of document.verdicts) {
    expect(evidence.length).toBeGreaterThan(0);
    for (const { node, boot, seq } of evidence) expect(known).toContain([node, boot, seq].join());
  }
});

it('reports one source only, and still knows what the other addresses of its run did', async () => {
  const { gate, udp, receipt } = story();
  const sent = udp(0.1, 7);
  const rows = [gate(0, { src: OTHER }), sent, receipt(0.2, sent, { src: OTHER, relation: 'relayed' })];
  const { out } = await report(rows, '--source', sent.src, '--json');
  expect(JSON.parse(out).rows).toMatchObject([{ source: sent.src, fragments: 1, ability: 'UNKNOWN' }]);
  const other = JSON.parse((await report(rows, '--source', OTHER, '--json')).out);
  expect(other.rows).toMatchObject([{ source: OTHER, fragments: 0, open: 1 }]);
  expect(other.advice[0].text).toMatch(/^It asked opening names only; other addresses /);
});

it('takes an IPv6 source in any spelling', async () => {
  const { out } = await report(fleetRows(), '--source', '2001:DB8:0::53');
  expect(out).toContain(`! ${BROKEN}  2026-11-23`);
  expect(out).not.toContain(WELL);
});

it('does not call silence a failure before it listened for a minute', async () => {
  const rows = fleetRows().filter(({ src }) => src === BROKEN);
  const { out } = await padzoneOn(rows, ['report', '--json'], START + 930_000);
  expect(JSON.parse(out).verdicts.at(-1)).toMatchObject({ class: 'INDETERMINATE', outcome: 'open' });
});

it('says so when there is nothing', async () => {
  const { status, out } = await report([], '--source', '192.0.2.9');
  expect({ status, out }).toEqual({
    status: 0,
    out: expect.stringMatching(
      /^No trials from 192\.0\.2\.9 in this span\. A trial starts when a resolver is asked for a name such as s4096, or rs\.\n0 rows read from \/\S+\/observations\n$/,
    ),
  });
});

it('says when the folder does not exist', async () => {
  const { out } = await padzone(['report', '--data-dir', '/nowhere']);
  expect(out).toContain('0 rows read from /nowhere/observations, which does not exist\n');
});

it('takes no downtime of the server for silence of the resolver', async () => {
  const { gate, udp } = story();
  const rows = [gate(0), udp(0.1, 7), udp(0.9, 8)];
  const classOf = async (stoppedAt: number) =>
    JSON.parse((await padzoneOn(rows, ['report', '--json'], LATER, stoppedAt)).out).verdicts[0].class;
  expect(await classOf(START + 1600)).toBe('INDETERMINATE');
  expect(await classOf(START + 60_899)).toBe('INDETERMINATE');
  expect(await classOf(START + 60_900)).toBe('LOSS_RETRY_FAIL');
});

it('leaves out a trial that began before --since, instead of cutting it in half', async () => {
  const { gate, udp, receipt } = story();
  const sent = udp(20, 7);
  const rows = [gate(10), sent, receipt(21, sent)];
  const count = async (since: number) =>
    JSON.parse((await report(rows, '--json', '--since', String(START + since))).out).verdicts.length;
  expect([await count(10_000), await count(10_001), await count(20_500)]).toEqual([1, 0, 0]);
});

it('shows how far rs came, as a line of its own', async () => {
  const { other } = story();
  const climb = (at: number, run: string, proven: number) =>
    other(at, { behavior: 'ladder', step: 'ladder', run, proven });
  const rows = [
    ...[0, 512, 1232].map((proven, at) => climb(at, '000000000001', proven)),
    ...[0, 1232, 1232].map((proven, at) => climb(60 + at, '000000000002', proven)),
  ];
  const { out } = await report(rows);
  expect(out).toContain(
    `  ${SOURCE}  2026-11-23 15:00:02 to 15:01:02 UTC\n    rs: up to 1232 octets came through over UDP, 2 times (to its network)\n`,
  );
  expect(JSON.parse((await report(rows, '--json')).out)).toMatchObject({
    rows: [],
    ladder: [{ source: SOURCE, octets: 1232, times: 2 }],
  });
});

it('keeps tests of other options apart, and shows the options', async () => {
  const { udp, receipt, tc, tcp } = story({ size: 1232 });
  const sent = udp(0, 7);
  const forced = tcp(1, 8, { options: 'tc' });
  const rows = [sent, receipt(0.1, sent), tc(0.9, { options: 'tc' }), forced, receipt(1.1, forced)];
  const { out } = await report(rows);
  expect(out).toMatch(/^ {4}options {2}size .*\n {4}- +1232 .*\n {4}tc +1232 /m);
});

it('says to a program that is no resolver what to do instead, at once', async () => {
  const { out } = await padzoneOn([story().gate(0)], ['report'], START + 1000);
  expect(out.replace(/\s+/g, ' ')).toContain('or measure this path with `padzone probe`.');
});

it('refuses a moment it cannot read in one line, with exit status 2', async () => {
  const { status, out, err } = await report([], '--since', 'yesterday');
  expect({ status, out }).toEqual({ status: 2, out: '' });
  expect(err).toMatch(/^padzone: --since: 'yesterday' is no moment; allowed are [^\n]+\n$/);
});
