/** Losses that something else than the size explains: they count neither towards CANNOT nor towards FLAKY. */
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import { SOURCE, START, story } from './rows.ts';
import { controls, losses, receivers, rowsOf } from './visits.ts';

const LATER = START + 72 * 3_600_000;
/** The source cannot receive 4096 octets, as far as these rows tell. */
const BROKEN = rowsOf([...losses(4096, 5), ...controls(5), ...receivers(4096, 5)]);
/** It received them three times of eight. */
const LOSSY = rowsOf([
  ...losses(4096, 5),
  ...losses(4096, 3, { end: 'arrived' }).map((each) => ({ ...each, at: each.at + 2 })),
]);

const isOwn = ({ src }: Observation) => src === SOURCE;
const isLost = (row: Observation) => isOwn(row) && row.step === 'measured' && row.size === 4096;

function report(rows: readonly Observation[]) {
  return buildReport(
    rows.map((row, seq) => ({ ...row, seq })),
    LATER,
  ).sources.find(({ source }) => source === SOURCE);
}

function rowOf(rows: readonly Observation[]): SummaryRow | undefined {
  return report(rows)?.rows.find(({ size }) => size === 4096);
}

/** The rows with an ICMP error four seconds after every large answer to the source. */
function answered(rows: readonly Observation[], error: Partial<Observation>): Observation[] {
  return rows.flatMap((row) =>
    isLost(row) ? [row, story().error(0, row, { time: row.time + 4000, ...error })] : [row],
  );
}

it('has none, as a rule', () => {
  expect(rowOf(BROKEN)).toMatchObject({ ability: 'CANNOT', tried: 5, left_out: {}, mtu: null });
  expect(rowOf(LOSSY)).toMatchObject({ ability: 'FLAKY', tried: 8, arrived: 3, left_out: {} });
});

describe('a closed port', () => {
  const closed = { icmp_type: 3, icmp_code: 3, icmp_from: SOURCE };

  it('is no sign of CANNOT: somebody may have asked in its name', () => {
    expect(rowOf(answered(BROKEN, closed))).toMatchObject({
      ability: 'UNKNOWN',
      tried: 0,
      counted: 0,
      lost_in_fragments: 0,
      left_out: { port: 5 },
      reason: '5 left out: nobody listened at the port',
    });
  });

  it('is no alarm, and said', () => {
    const found = report(answered(BROKEN, closed));
    expect(found?.advice.filter(({ isUrgent }) => isUrgent)).toEqual([]);
    expect(found?.advice[0]?.text).toMatch(/^5 answers of 4096 octets left out: nobody listened at the port/);
    expect(found?.limits).toMatchObject([
      { fragments: 'unknown', fragments_tried: 0, reassembled_lost: null },
    ]);
  });

  it('is no sign of FLAKY', () => {
    expect(rowOf(answered(LOSSY, closed))).toMatchObject({
      ability: 'CAN',
      tried: 3,
      arrived: 3,
      left_out: { port: 5 },
    });
  });

  it('keeps its reason beside what is missing', () => {
    const [first, ...others] = answered(BROKEN, closed).filter(({ event }) => event === 'path');
    expect(others).toHaveLength(4);
    expect(rowOf([...BROKEN, first!])).toMatchObject({
      ability: 'UNKNOWN',
      counted: 4,
      reason:
        'no sign of arrival, and "cannot" is not decided yet: 4 of the 5 failures that it takes count so far; 1 left out: nobody listened at the port',
    });
  });
});

describe('another distance', () => {
  const withTtl = (lost: number, others: number) =>
    BROKEN.map((row) => ({ ...row, ttl: isLost(row) ? lost : others }));

  it('is no sign of CANNOT', () => {
    for (const [lost, others] of [
      [243, 57],
      [57, 60],
      [60, 57],
    ] as const)
      expect(rowOf(withTtl(lost, others))).toMatchObject({
        ability: 'UNKNOWN',
        left_out: { distance: 5 },
        reason: expect.stringContaining('5 left out: the query came over another number of hops'),
      });
  });

  it('is no other one within two hops, or where no TTL is known', () => {
    for (const [lost, others] of [
      [57, 57],
      [57, 59],
      [59, 57],
    ] as const)
      expect(rowOf(withTtl(lost, others))).toMatchObject({ ability: 'CANNOT', left_out: {} });
    expect(rowOf(BROKEN.map((row) => ({ ...row, ttl: isLost(row) ? 57 : null })))).toMatchObject({
      ability: 'CANNOT',
    });
    expect(rowOf(BROKEN.map((row) => ({ ...row, ttl: isLost(row) ? null : 57 })))).toMatchObject({
      ability: 'CANNOT',
    });
  });

  it('is measured by rows that nobody else can have sent, at the same node', () => {
    const opening = (row: Observation) => isOwn(row) && row.step === 'gate';
    // Opening queries may be forged as well.
    const forged = withTtl(243, 57).map((row) => (opening(row) ? { ...row, ttl: 243 } : row));
    expect(rowOf(forged)).toMatchObject({ ability: 'UNKNOWN', left_out: { distance: 5 } });
    const elsewhere = story({ run: 'ffffffffffff', size: 512 }).other(0, {
      node: 'ns2',
      cookie: 'valid',
      ttl: 243,
    });
    expect(rowOf([...forged, elsewhere])).toMatchObject({ left_out: { distance: 5 } });
    expect(rowOf([...forged, { ...elsewhere, node: 'ns1' }])).toMatchObject({ ability: 'CANNOT' });
  });
});

describe('packet too big', () => {
  const tooBig = { icmp_type: 3, icmp_code: 4, icmp_mtu: 1400 };

  it('is a lesson for this server, and no filter of fragments', () => {
    const rows = answered(BROKEN, tooBig);
    expect(rowOf(rows)).toMatchObject({
      ability: 'UNKNOWN',
      tried: 0,
      left_out: { mtu: 5 },
      mtu: 1400,
      reason: '5 left out: ICMP "packet too big" taught the path MTU',
    });
    const [first, ...others] = report(rows)?.advice ?? [];
    expect(first).toEqual({
      isUrgent: false,
      text: expect.stringMatching(
        /^ICMP "packet too big" came back for answers of 4096 octets and names an MTU of 1400 octets: .* docs\/operating\.md, Path MTU\.$/,
      ),
    });
    expect(others.map(({ text }) => text).join()).not.toMatch(/let UDP fragments pass/);
  });

  it('is named as the remedy of what was lost without it', () => {
    const [first] = answered(BROKEN, tooBig).filter(({ event }) => event === 'path');
    const more = rowsOf([...losses(4096, 6), ...controls(6), ...receivers(4096, 5)]);
    const texts = report([...more, first!])?.advice.map(({ text }) => text);
    expect(texts?.[0]).toMatch(
      /^Answers of 4096 octets cannot reach it .* packets above 1400 octets do not fit/,
    );
  });

  it('has an MTU only where the error names one', () => {
    expect(rowOf(answered(BROKEN, { ...tooBig, icmp_mtu: null }))).toMatchObject({
      left_out: { mtu: 5 },
      mtu: null,
    });
  });
});
