/** One outage is one loss, however often it was asked again; and what arrived before a change says nothing of what came after. */
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { OTHER, SOURCE } from './rows.ts';
import { arrived, LATER, silent, type Tell, trial } from './told.ts';
import { controls, losses, receivers, rowsOf, type Visit } from './visits.ts';

const DAY_MS = 86_400_000;

function reportOf(rows: readonly Observation[]) {
  const found = buildReport(rows, LATER + 40 * DAY_MS).sources.find(({ source }) => source === SOURCE)!;
  return {
    advice: found.advice.map(({ text }) => text),
    urgent: found.advice.filter(({ isUrgent }) => isUrgent).map(({ text }) => text),
    row: (size: number) => found.rows.find((row) => row.size === size),
  };
}

/** Rows apart from others that begin at the same place, so many days later. */
function shifted(rows: readonly Observation[], boot: number, days = 0): Observation[] {
  const ms = days * DAY_MS;
  return rows.map((row) => ({
    ...row,
    boot: row.boot + boot,
    run: row.run.replace(/^0/, (10 + boot).toString(16)),
    time: row.time + ms,
    receipt: row.receipt && { ...row.receipt, at: row.receipt.at + ms },
  }));
}

/** So many trials an hour apart. */
const hourly = (count: number, tell: Tell, size = 1232) =>
  Array.from({ length: count }, (_, n) => trial({ size, at: n, id: n + 1 }, tell)).flat();

/** The ten tries of Unbound, A and then TXT, in one trial. */
const outage: Tell = ({ gate, udp }) => [
  gate(-0.1),
  ...[0, 0.29, 0.57, 1.14, 1.71, 2.85].map((at, n) => udp(at, n + 1, { qtype: 1 })),
  ...[3.99, 6.26, 8.54, 13.1].map((at, n) => udp(at, n + 7)),
];

describe('one outage', () => {
  const good = hourly(20, arrived);
  const once = trial({ size: 1232, at: 19.5, id: 50 }, outage);
  const others = shifted(rowsOf(receivers(1232, 8)), 1);

  it('is one loss beside twenty arrivals, with all its tries: CAN, and no advice', () => {
    const { row, advice } = reportOf([...good, ...once, ...others]);
    expect(row(1232)).toMatchObject({ ability: 'CAN', tried: 30, lost_in_a_row: 10, losses_apart: 1 });
    expect(advice.filter((text) => text.startsWith('Over UDP'))).toEqual([]);
  });

  it('of a smaller size keeps none of a larger one, weeks later, from CANNOT', () => {
    const large: Visit[] = [...losses(4096, 12), ...controls(12), ...receivers(4096, 8)];
    const after = trial({ size: 1232, at: 24 * 20 + 1, id: 60 }, arrived);
    const { row, urgent } = reportOf([...good, ...once, ...after, ...shifted(rowsOf(large), 2, 20)]);
    expect(row(4096)).toMatchObject({ ability: 'CANNOT', smaller_lost: false });
    expect(urgent).toEqual([expect.stringContaining('They leave in fragments')]);
  });
});

it('losses of a smaller size that is FLAKY speak against the size only near those of the larger', () => {
  const flaky = [0, 1, 2].flatMap((n): Visit[] => [
    { at: 20 * n, size: 1232, end: 'lost' },
    { at: 20 * n + 5, size: 1232, end: 'arrived' },
  ]);
  const large: Visit[] = [...losses(4096, 6), ...controls(7), ...receivers(4096, 6)];
  const near = reportOf([...rowsOf(large), ...shifted(rowsOf(flaky), 1)]);
  expect(near.row(1232)).toMatchObject({ ability: 'FLAKY', losses_apart: 3 });
  expect(near.row(4096)).toMatchObject({ ability: 'UNKNOWN', smaller_lost: true });
  expect(near.advice.join()).toContain('Smaller answers get lost as well, so size is not the cause');
  const far = reportOf([...rowsOf(large), ...shifted(rowsOf(flaky), 1, 3)]);
  expect(far.row(4096)).toMatchObject({ ability: 'CANNOT', smaller_lost: false });
  expect(far.advice.join()).not.toContain('size is not the cause');
});

it('what arrived before the losses began does not acquit the size; what arrived since does', () => {
  const before: Visit[] = [
    { at: -2000, size: 2048, end: 'arrived' },
    { at: -1990, size: 4096, end: 'arrived' },
  ];
  const lost = [...losses(2048, 6), ...losses(4096, 6).map((each) => ({ ...each, at: each.at + 1 }))];
  const rest: Visit[] = [...controls(7), ...receivers(4096, 6), ...receivers(2048, 6)];
  const { row, urgent } = reportOf(rowsOf([...before, ...lost, ...rest]));
  expect([row(2048)?.ability, row(4096)?.ability]).toEqual(['CANNOT', 'CANNOT']);
  expect(urgent).toEqual([expect.stringMatching(/2048 and 4096 octets cannot .* They leave in fragments: /)]);
  const since: Visit = { at: 40, size: 8192, end: 'arrived' };
  expect(reportOf(rowsOf([...before, ...lost, ...rest, since])).urgent.join()).toContain(
    'size alone is not the cause',
  );
});

it('what another address of the run says arrived counts among the tries', () => {
  const joined: Tell = ({ gate, udp, receipt }) => {
    const six = { src: OTHER, ip_version: 6 } as const;
    const sent = udp(0.1, 1);
    return [gate(0), gate(0.01, six), sent, receipt(0.2, sent, { ...six, relation: 'relayed' })];
  };
  const rows = [
    ...Array.from({ length: 26 }, (_, n) => trial({ size: 4096, at: n, id: n + 1 }, joined)),
    ...Array.from({ length: 2 }, (_, n) => trial({ size: 4096, at: 27 + n, id: n + 40 }, silent)),
    ...Array.from({ length: 2 }, (_, n) => trial({ size: 4096, at: 30 + n, id: n + 50 }, arrived)),
  ].flat();
  expect(reportOf(rows).row(4096)).toMatchObject({
    ability: 'CAN',
    tried: 30,
    arrived: 2,
    joined: 26,
    reason: 'arrived 28 of 30 times',
  });
});

it('networks that received the size count beside losses that are over as well', () => {
  const visits: Visit[] = [
    ...losses(4096, 4),
    { at: 45, size: 4096, end: 'arrived' },
    ...controls(5),
    ...receivers(4096, 20),
  ];
  const { row, advice } = reportOf(rowsOf(visits));
  expect(row(4096)).toMatchObject({ ability: 'FLAKY', lost_in_a_row: 0, networks_beside: 20 });
  expect(advice.join()).not.toContain('fault may be ours');
});

describe('an outage that goes on', () => {
  /** A hundred arrivals half an hour apart, and then losses, a few minutes apart. */
  const since = (losses: number, minutes: number) => [
    ...Array.from({ length: 100 }, (_, n) => trial({ size: 4096, at: n / 2, id: n + 1 }, arrived)).flat(),
    ...Array.from({ length: losses }, (_, n) =>
      trial({ size: 4096, at: 50 + (n * minutes) / 60, id: n + 200 }, silent),
    ).flat(),
  ];

  it('is said to, once it lasts an hour', () => {
    const { row, advice } = reportOf(since(20, 5));
    expect(row(4096)).toMatchObject({ ability: 'CAN', losses_apart_in_a_row: 10 });
    expect(advice[0]).toMatch(/^Over UDP no longer: of 4096 octets none of the last 20 arrived, since /);
  });

  it('is no accident before that, and no finding', () => {
    const lost: Tell = ({ gate, udp }) => [gate(0), udp(0.1, 1), udp(1, 2)];
    const rows = [
      ...since(0, 1),
      ...trial({ size: 4096, at: 50, id: 300 }, lost),
      ...trial({ size: 4096, at: 50.05, id: 301 }, lost),
    ];
    expect(reportOf(rows).advice.join()).toMatch(
      /of 4096 octets none of the last 4 arrived, since .*: ask again in ten minutes, and see whether it goes on\./,
    );
  });
});

it('what is small enough for every link is lost for another reason than its size', () => {
  const visits: Visit[] = [...losses(1232, 6), ...controls(7), ...receivers(1232, 6)];
  const large: Visit = { at: 61, size: 4096, end: 'arrived' };
  expect(reportOf(rowsOf([...visits, large])).urgent.join()).toMatch(
    /so size is not the cause: look for a path/,
  );
});
