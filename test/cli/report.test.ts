import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { BROKEN, fleetAmongOthers, fleetRows, RECOVERING, WELL } from '../observe/fleet.ts';
import { OTHER, SOURCE, START, story } from '../observe/rows.ts';
import { crowdOverTcp, hourly, tcTwice } from '../observe/tcp-told.ts';
import { tcOnce } from '../observe/told.ts';
import { controls, losses, MATE, receivers, rowsOf, type Visit } from '../observe/visits.ts';
import { padzoneOn } from './run-on-rows.ts';
import { padzone } from './run-program.ts';

const LATER = START + 7_200_000;
const report = (rows: Parameters<typeof padzoneOn>[0], ...argv: string[]) =>
  padzoneOn(rows, ['report', ...argv], LATER);

it('shows problems first, one block a source, and what to do', async () => {
  const { status, out, err } = await report([...fleetAmongOthers(), '{"torn']);
  expect({ status, err }).toEqual({ status: 0, err: '' });
  expect(out).toMatchSnapshot();
});

it('fits a terminal of 80 columns', async () => {
  const { out } = await report(fleetAmongOthers());
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
    [RECOVERING, 1232, 1, 0, 0, 'CAN'],
    [RECOVERING, 4096, 0, 1, 0, 'UNKNOWN'],
    [BROKEN, 1232, 1, 0, 0, 'CAN'],
    [BROKEN, 4096, 0, 0, 2, 'UNKNOWN'],
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

it('says of one source alone what it says of it among all, CANNOT included', async () => {
  const farm: Visit = { at: 56, size: 512, end: 'arrived', src: MATE, run: '000000000001' };
  const rows = rowsOf([...losses(4096, 6), ...controls(6), farm, ...receivers(4096, 70)]);
  const of = async (...argv: string[]) => {
    const document = JSON.parse((await report(rows, '--json', ...argv)).out);
    const own = (list: string) =>
      document[list].filter(({ source }: { source: string }) => source === SOURCE);
    return { rows: own('rows'), limits: own('limits'), farms: own('farms'), advice: own('advice') };
  };
  const alone = await of('--source', SOURCE);
  expect(alone).toEqual(await of());
  expect(alone.rows).toMatchObject([
    { size: 512, ability: 'CAN' },
    { size: 4096, ability: 'CANNOT', tried: 6, counted: 6, failed: 0, end_failed: 6 },
  ]);
  expect(alone.farms).toEqual([{ source: SOURCE, network: '198.51.100.0/24', addresses: 1, runs: 1 }]);
  const { out } = await report(rows, '--source', SOURCE);
  expect(out).toMatch(/^! 203\.0\.113\.7 /m);
  expect(out).toMatch(/^ {4}4096 .* no, 0 of 6$/m);
  expect(out).not.toContain('10.0.0.1');
  // Silence counts by repetition.
  expect(out).toContain('Failed in the end:\n6 of 13 (46%; 95% interval 23 to 71).\n');
});

it('says of the TCP of one source alone what it says among all: others that get through make it urgent', async () => {
  const broken = hourly(2, tcTwice);
  const of = async (others: readonly Observation[], ...argv: string[]) => {
    const { advice } = JSON.parse((await report([...broken, ...others], '--json', ...argv)).out);
    return advice.filter(({ source }: { source: string }) => source === SOURCE);
  };
  const others = crowdOverTcp({ hours: [1.5] });
  const alone = await of(others, '--source', SOURCE);
  expect(alone).toEqual(await of(others));
  expect(alone).toMatchObject([{ urgent: true, text: expect.stringMatching(/^TCP fails: /) }]);
  expect(await of([], '--source', SOURCE)).toMatchObject([{ urgent: false }]);
});

it('counts silence after TC=1 that goes on as failed, in the head, the rows and the shares', async () => {
  const { out } = await report(hourly(2, tcOnce));
  expect(out).toMatch(/^1 source, 2 trials \(2 failed\), none marked urgent \(!\)$/m);
  expect(out).toContain('Failed in the end: 2 of 2 ');
  expect(out).toMatch(/^ {4}4096 +1232 +- +- +- +- +2 +- +never offered$/m);
  expect(JSON.parse((await report(hourly(2, tcOnce), '--json')).out).rows).toMatchObject([
    { failed: 2, no_tcp_since: '2026-11-23T15:00:00.000Z' },
  ]);
});

it('takes an IPv6 source in any spelling', async () => {
  const { out } = await report(fleetAmongOthers(), '--source', '2001:DB8:0::53');
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

describe('shows beside the sources', () => {
  const { other } = story();
  const tooBig = (at: number, changes: Partial<Observation>) =>
    other(at, {
      event: 'path',
      icmp_type: 3,
      icmp_code: 4,
      icmp_mtu: 1400,
      icmp_from: '198.51.100.9',
      ...changes,
    });
  const EVENTS = [
    tooBig(1, {}),
    tooBig(2, { icmp_mtu: 1280, icmp_from: '198.51.100.1' }),
    tooBig(3, { icmp_code: 3, icmp_mtu: null, icmp_from: SOURCE }),
    tooBig(4, { src: OTHER, ip_version: 6, icmp_type: 3, icmp_code: 1, icmp_mtu: null, icmp_from: null }),
    other(5, { event: 'flood', src: '203.0.113.0', action: 'refuse', count: 7000 }),
    other(6, { event: 'flood', src: '203.0.113.0', action: 'refuse', count: 500 }),
    other(7, { event: 'flood', src: '2001:db8::', ip_version: 6, step: 'gate', count: 40 }),
    other(8, { event: 'flood', src: '192.0.2.0', action: 'tc', excluded: 'budget', count: 1 }),
    other(8, { event: 'flood', src: '192.0.2.0', behavior: 'live', count: 9 }),
    other(9, { event: 'lost', src: '0.0.0.0', reason: 'disk', count: 12 }),
  ].map((row, at) => ({ ...row, seq: 900 + at }));

  it('path errors with the smallest MTU, floods that were only counted, and lost rows by reason', async () => {
    const { out } = await report([...fleetRows(), ...EVENTS]);
    const shown = out.slice(out.indexOf('\nPath') + 1, out.lastIndexOf('\n\n'));
    expect(shown).toMatchInlineSnapshot(`
      "Path errors (ICMP, which anybody can forge):
        203.0.113.7: 2 packet too big, smallest MTU 1280, from 198.51.100.1
        203.0.113.7: 1 port unreachable
        2001:db8::53 gave up waiting for fragments once: dropped on the way

      Floods:
        7500 queries of 203.0.113.0/24 refused, counted only
        40 queries of 2001:db8::/48 asked for opening names only, counted only
        9 queries of 192.0.2.0/24 asked for tests of keys only, counted only
        1 query of 192.0.2.0/24 cut short by our limits, counted only

      Rows that could not be kept; what they would have shown is missing above:
        ns1: 12 refused by the disk"
    `);
  });

  it('the same without a source, and in the document of a program', async () => {
    const { out } = await report(EVENTS);
    expect(out).toMatch(/^No trials.*\n\nPath errors.*\n\nFloods:.*\n\n10 rows read\n$/s);
    const document = JSON.parse((await report(EVENTS, '--json')).out);
    expect(document.path_events[0]).toEqual({
      source: SOURCE,
      kind: 'packet too big',
      count: 2,
      mtu: 1280,
      from: '198.51.100.1',
      first_at: '2026-11-23T15:00:01.000Z',
      last_at: '2026-11-23T15:00:02.000Z',
    });
    expect(document.floods[0]).toMatchObject({ network: '203.0.113.0/24', action: 'refuse', count: 7500 });
    expect(document.losses).toMatchObject([{ node: 'ns1', reason: 'disk', count: 12 }]);
  });

  it('only what concerns the one source that is asked for, and the span', async () => {
    const of = async (...argv: string[]) => {
      const { path_events, floods, losses } = JSON.parse((await report(EVENTS, '--json', ...argv)).out);
      return [path_events, floods, losses].map((list) => list.map(({ count }: { count: number }) => count));
    };
    expect(await of('--source', OTHER)).toEqual([[1], [40], [12]]);
    expect(await of('--since', String(START + 6000))).toEqual([[], [500, 40, 9, 1], [12]]);
  });

  it('no more of each than a person reads', async () => {
    const many = Array.from({ length: 25 }, (_, at) =>
      other(at, { event: 'flood', src: `10.0.${at}.0`, action: 'refuse', count: 100 - at }),
    );
    const { out } = await report(many);
    expect(out.match(/refused, counted only/g)).toHaveLength(10);
    expect(out).toContain('\n  and 1245 in 15 more, all of them with --json\n');
  });
});

describe('the data directories of several servers', () => {
  it('decide together what the rows of one leave open', async () => {
    const { gate, udp, receipt } = story();
    const sent = udp(1, 7);
    const elsewhere = { ...receipt(2, sent), node: 'ns2', boot: 5, seq: 1 };
    const folder = mkdtempSync(join(tmpdir(), 'padzone-report-'));
    const directories = ['ns1', 'ns2'].map((name) => join(folder, name));
    for (const [at, rows] of [[gate(0), sent], [elsewhere]].entries()) {
      const segments = join(directories[at]!, 'observations');
      mkdirSync(segments, { recursive: true });
      const { node, boot } = rows[0]!;
      writeFileSync(
        join(segments, `observations-${node}-${boot}-1.ndjson`),
        rows.map((row) => JSON.stringify(row)).join('\n'),
      );
    }
    const classesOf = async (...from: string[]) =>
      JSON.parse((await report([], '--json', '--from', ...from)).out).verdicts.map(
        (verdict: { class: string }) => verdict.class,
      );
    // The sample leaves in 3 fragments.
    expect(await classesOf(...directories)).toEqual(['UDP_OK_FRAG']);
    expect(await classesOf(directories[0]!)).toEqual(['SILENT']);
    rmSync(folder, { recursive: true });
  });

  it('are directories, and hold observations', async () => {
    const refusal = async (path: string) => (await report([], '--from', path)).err;
    expect(await refusal('package.json')).toMatch(
      /^padzone: --from: .*package\.json is a file; allowed are data directories/,
    );
    expect(await refusal('nowhere-here')).toMatch(
      /^padzone: --from: cannot read .*nowhere-here \(ENOENT\)\n$/,
    );
  });
});
