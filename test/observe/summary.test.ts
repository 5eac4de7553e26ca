import { expect, it } from 'vitest';
import { buildReport } from '../../src/observe/report.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';
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
