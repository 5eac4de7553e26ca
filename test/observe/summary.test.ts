import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';
import { dig, hourly, overTcp } from './tcp-told.ts';
import { adviceOn, tcOnce } from './told.ts';
import { rowsOf } from './visits.ts';

const LATER = START + 7_200_000;

function rowAt(size: number, rows: Parameters<typeof buildReport>[0], until = LATER): SummaryRow | undefined {
  return buildReport(rows, until)
    .sources.find(({ source }) => source === SOURCE)
    ?.rows.find((row) => row.size === size);
}

it('tells failures at first from failures in the end', () => {
  const recovered = story({ run: '0000000000b1' });
  const sent = recovered.tcp(3, 900);
  const rows = [
    ...rowsOf([
      { at: 0, size: 4096, end: 'arrived' },
      { at: 10, size: 4096, end: 'lost twice' },
      { at: 20, size: 4096, end: 'lost' },
    ]),
    ...[recovered.udp(0, 899), sent, recovered.receipt(4, sent)].map((row, at) => ({
      ...row,
      seq: 9000 + at,
    })),
  ];
  expect(rowAt(4096, rows)).toMatchObject({
    fragments: 1,
    tcp: 1,
    failed: 1,
    open: 1,
    first_tried: 4,
    first_lost: 3,
    recovered: 1,
    first_failure_rate: 0.75,
    end_failed: 1,
    end_tried: 3,
    end_failure_rate: 0.3333,
  });
});

it('has no rates where nothing was tried or decided', () => {
  expect(rowAt(4096, [story().gate(0)])).toMatchObject({
    first_tried: 0,
    first_failure_rate: null,
    end_failure_rate: null,
  });
  const [, lost] = rowsOf([{ at: 0, size: 4096, end: 'lost' }]);
  // Silence counts once a minute has passed.
  expect(rowAt(4096, [lost!], lost!.time + 59_999)).toMatchObject({ first_tried: 0, first_lost: 0 });
  expect(rowAt(4096, [lost!], lost!.time + 60_000)).toMatchObject({
    first_tried: 1,
    first_lost: 1,
    first_failure_rate: 1,
    end_failure_rate: null,
  });
});

it('counts each trial once, for every source that took part', () => {
  const { gate, udp, receipt } = story();
  const sent = udp(0.1, 7);
  const rows = [gate(0, { src: OTHER }), sent, receipt(0.2, sent, { src: OTHER, relation: 'relayed' })];
  const { sources } = buildReport(rows, LATER);
  const ends = sources.map(({ source, rows: [row] }) => [
    source,
    row?.fragments,
    row?.open,
    row?.first_tried,
  ]);
  expect(ends).toEqual([
    [OTHER, 0, 1, 0],
    [SOURCE, 1, 0, 1],
  ]);
});

describe('of failures at first', () => {
  const arrived = rowsOf([{ at: 0, size: 4096, end: 'arrived' }]);
  const arrivedAt = arrived.at(-1)?.time ?? 0;

  it.each([
    { what: 'an arrival is no try while a loss would be none', until: arrivedAt + 59_999, tried: 0 },
    { what: 'it is one as soon as a loss would be one', until: arrivedAt + 60_000, tried: 1 },
  ])('$what', ({ until, tried }) => {
    expect(rowAt(4096, arrived, until)).toMatchObject({
      ...{ fragments: 1, first_tried: tried, first_lost: 0 },
      ...{ end_failed: 0, end_tried: tried, end_failure_rate: tried === 0 ? null : 0 },
    });
    const { verdicts } = buildReport(arrived, until);
    expect(verdicts).toMatchObject([{ class: 'UDP_OK_FRAG', first_tried: tried === 1, first_lost: false }]);
    expect(verdicts).toMatchObject([{ failure_known: tried === 1 }]);
  });

  it('an answer whose row is not here is no try: of those that got lost there nobody knows', () => {
    const { udp, receipt } = story();
    const missing = { ...receipt(600, udp(599, 7)), seq: 900 };
    expect(rowAt(4096, [missing])).toMatchObject({ fragments: 1, first_tried: 0, first_failure_rate: null });
    // The same of a server whose other rows are here.
    const elsewhere = rowsOf([{ at: 0, size: 4096, end: 'arrived', src: '192.0.2.99' }]);
    expect(rowAt(4096, [...elsewhere, missing])).toMatchObject({
      fragments: 1,
      first_tried: 0,
      first_failure_rate: null,
    });
  });

  it('neither is an arrival where the rows of another server of the zone are not read', () => {
    const other = story({ run: 'dddddddddddd' });
    const known = other.receipt(1, other.udp(0, 77, { src: OTHER }), { src: OTHER });
    const strange = { ...known, seq: 900, receipt: known.receipt && { ...known.receipt, node: 2 } };
    expect(rowAt(4096, [...arrived, strange])).toMatchObject({
      ...{ fragments: 1, first_tried: 0, end_tried: 0, end_failure_rate: null },
    });
  });
});

describe('of silence after TC=1', () => {
  const rowOf = (...rows: Observation[][]) => rowAt(4096, rows.flat(), MUCH_LATER);
  const MUCH_LATER = START + 100 * 3_600_000;
  const silent = hourly(6, tcOnce);

  it('what repeats itself failed in the end, as the advice says', () => {
    expect(rowOf(silent)).toMatchObject({
      ...{ failed: 6, open: 0, end_failed: 6, end_tried: 6, end_failure_rate: 1, no_tcp_since: START },
      rules: { 'silent-after-tc': 6 },
    });
    expect(adviceOn(silent)[0]?.text).toMatch(/^TCP fails: .* in 6 trials and never asked over TCP\./);
  });

  it('one is open', () => {
    expect(rowOf(hourly(1, tcOnce))).toMatchObject({
      ...{ failed: 0, open: 1, end_failed: 0, end_tried: 0, end_failure_rate: null, no_tcp_since: null },
    });
  });

  it('what came before its last TCP is open, and that was no dig', () => {
    const back = hourly(1, overTcp, { from: 9, id: 50 });
    expect(rowOf(silent, back)).toMatchObject({
      failed: 0,
      open: 6,
      tcp: 1,
      end_tried: 1,
      no_tcp_since: null,
    });
    const asked = hourly(1, dig, { from: 9, id: 50 });
    expect(rowOf(silent, asked)).toMatchObject({ failed: 6, open: 0, end_failed: 6, no_tcp_since: START });
    const again = hourly(3, tcOnce, { from: 20, id: 60 });
    expect(rowOf(silent, back, again)).toMatchObject({
      ...{ failed: 3, open: 6, end_failed: 3, end_tried: 4, no_tcp_since: START + 20 * 3_600_000 },
    });
  });

  it('that another address of the run saw says nothing of this one', () => {
    const beside = silent.map((row) => ({ ...row, seq: row.seq + 50, src: OTHER, ip_version: 6 as const }));
    const [own] = hourly(1, tcOnce);
    expect(rowOf(beside, [own!])).toMatchObject({ failed: 0, open: 1, no_tcp_since: null });
  });
});
