import { describe, expect, it } from 'vitest';
import { judgeAbility } from '../../src/observe/ability.ts';
import { indexBaseline } from '../../src/observe/baseline.ts';
import { indexControls } from '../../src/observe/controls.ts';
import { indexFarms } from '../../src/observe/farm.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import { groupTrials, type Trial } from '../../src/observe/trial.ts';
import { SOURCE, START, story } from './rows.ts';
import { losses, receivers, rowsOf, type Visit } from './visits.ts';

function abilityOf(
  size: number,
  trials: readonly Trial[],
  isOf: (src: string) => boolean = (src) => src === SOURCE,
) {
  const attempts = trials.flatMap((trial) => trial.attempts).filter(({ src }) => isOf(src));
  const networksBeside = indexBaseline(trials, indexFarms(trials));
  return judgeAbility(size, attempts, { bracketOf: indexControls(trials), networksBeside });
}

const abilityAt = (size: number, rows: readonly Observation[]) => abilityOf(size, groupTrials(rows));

it('is CAN after one own receipt', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  expect(abilityAt(4096, [sent, receipt(0.1, sent)])).toEqual({
    ability: 'CAN',
    tried: 1,
    arrived: 1,
    counted: 0,
    nats: -2.25,
    reason: 'arrived 1 of 1 times',
  });
});

it('is CAN after a cookie that came back', () => {
  const { udp, other } = story();
  const rows = [udp(0, 1), other(1, { cookie: 'valid', cookie_instance: 1 })];
  expect(abilityAt(4096, rows)).toMatchObject({ ability: 'CAN', tried: 1, arrived: 1 });
});

it('stays CAN after one loss, which may teach the path MTU, and is FLAKY after two', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const rows = [sent, receipt(0.1, sent), udp(10, 2)];
  expect(abilityAt(4096, rows).ability).toBe('CAN');
  expect(abilityAt(4096, [...rows, udp(20, 3)])).toMatchObject({ ability: 'FLAKY', tried: 3, arrived: 1 });
});

it('stays CAN after two losses of fourteen: so few tell nothing of the share', () => {
  const { udp, receipt } = story();
  const rows = Array.from({ length: 12 }, (_, at) => udp(at * 10, at + 1)).flatMap((sent) => [
    sent,
    receipt((sent.time - START) / 1000 + 0.1, sent),
  ]);
  const lost = [udp(200, 90), udp(210, 91)];
  expect(abilityAt(4096, [...rows, ...lost])).toMatchObject({ ability: 'CAN', tried: 14, arrived: 12 });
});

it('is NEVER_OFFERED where every EDNS size was smaller', () => {
  const { tc, tcp, receipt } = story();
  const sent = tcp(0.1, 1);
  expect(abilityAt(4096, [tc(0), tc(5, { edns_udp: 0 }), sent, receipt(0.2, sent)])).toMatchObject({
    ability: 'NEVER_OFFERED',
    tried: 0,
    arrived: 0,
    reason: 'never offered more than 1232 octets over UDP',
  });
});

it('is UNKNOWN where TC=1 was sent although the size was offered', () => {
  const { tc } = story();
  expect(abilityAt(4096, [tc(0, { edns_udp: 4096 })]).ability).toBe('UNKNOWN');
});

it('gives the relayer nothing, and the one that was sent the answer no CAN', () => {
  const { gate, udp, receipt } = story();
  const sent = udp(0.1, 1, { src: '198.51.100.9' });
  const rows = [gate(0), sent, receipt(0.2, sent, { src: SOURCE, relation: 'relayed' })];
  expect(abilityAt(4096, rows)).toMatchObject({
    ability: 'UNKNOWN',
    reason: 'no UDP answer of this size was sent',
  });
  expect(abilityOf(4096, groupTrials(rows), () => true)).toMatchObject({
    ability: 'UNKNOWN',
    tried: 0,
    arrived: 0,
    reason: 'its receipts were asked by other addresses',
  });
});

describe('CANNOT', () => {
  const LATER = START + 72 * 3_600_000;
  const SMALL: Visit = { at: 50, size: 512, end: 'arrived' };
  const HERE = receivers(4096, 5);

  /** The row of 4096 octets of the source. */
  function rowOf(...visits: readonly Visit[]): SummaryRow {
    const { sources } = buildReport(rowsOf(visits), LATER);
    const row = sources.find(({ source }) => source === SOURCE)?.rows.find(({ size }) => size === 4096);
    if (row === undefined) throw new Error('no such row');
    return row;
  }

  it('takes five losses between smaller answers that arrived, and five other networks', () => {
    expect(rowOf(...losses(4096, 5), SMALL, ...HERE)).toMatchObject({
      ability: 'CANNOT',
      tried: 5,
      arrived: 0,
      counted: 5,
      nats: 14.45,
      reason:
        'no sign of arrival; 5 times a smaller answer arrived before and after, and 5 or more other networks received this size',
    });
  });

  const cases: readonly (readonly [string, readonly Visit[], string])[] = [
    ['four losses', [...losses(4096, 4), SMALL, ...HERE], 'needs 1 more failure that counts'],
    [
      'nothing after the last loss',
      [...losses(4096, 5), ...HERE],
      'needs 1 more failure that counts; no control after 1',
    ],
    [
      'losses before the first control',
      [...losses(4096, 5, { isOpened: false }), SMALL, ...HERE],
      'needs 5 more failures that count; no control before 5',
    ],
    [
      'a control that came more than an hour later',
      [...losses(4096, 1), { ...SMALL, at: 61 }, ...HERE],
      'needs 5 more failures that count; no control after 1',
    ],
    [
      'five losses in one outage',
      [{ at: -1, size: 512, end: 'arrived' }, ...losses(4096, 5, { isOpened: false }), ...[SMALL, ...HERE]],
      'needs 4 more failures that count; 5 count as 1: no control between them, or less than 10 seconds',
    ],
    [
      'five losses in one burst, with opening answers between them',
      [...losses(4096, 5).map((each, n) => ({ ...each, at: n / 30 })), SMALL, ...HERE],
      'needs 4 more failures that count; 5 count as 1: no control between them, or less than 10 seconds',
    ],
    [
      'controls of the same size or larger only',
      [{ ...SMALL, at: -1, size: 4500 }, ...losses(4096, 5, { isOpened: false }), { ...SMALL, size: 4500 }]
        .map((visit) => ({ ...visit, isOpened: false }))
        .concat(HERE.map((visit) => ({ ...visit, isOpened: true }))),
      'needs 5 more failures that count; no control before 5; no control after 5',
    ],
    [
      'an answer of the same size with another filler that arrived',
      [
        ...losses(4096, 5, { isOpened: false }),
        ...losses(4096, 6, { end: 'arrived', options: 'ftxt', isOpened: false }).map((visit) => ({
          ...visit,
          at: visit.at - 5,
        })),
        ...HERE,
      ],
      'needs 5 more failures that count; no control before 5; no control after 5',
    ],
    [
      'controls from another node',
      [
        ...losses(4096, 5, { isOpened: false }),
        ...losses(512, 6, { end: 'arrived', node: 'ns2' }).map((visit) => ({ ...visit, at: visit.at - 5 })),
        ...HERE,
      ],
      'needs 5 more failures that count; no control before 5; no control after 5',
    ],
    [
      'controls from another address of ours',
      [
        ...losses(4096, 5, { isOpened: false }),
        ...losses(512, 6, { end: 'arrived', dst: '192.0.2.2' }).map((visit) => ({
          ...visit,
          at: visit.at - 5,
        })),
        ...HERE,
      ],
      'needs 5 more failures that count; no control before 5; no control after 5',
    ],
    [
      'four other networks',
      [...losses(4096, 5), SMALL, ...receivers(4096, 4)],
      'needs 5 more failures that count; only 4 unrelated networks received this size',
    ],
    [
      'many addresses of one other network',
      [...losses(4096, 5), SMALL, ...receivers(4096, 9).map((each, n) => ({ ...each, src: `10.0.0.${n}` }))],
      'needs 5 more failures that count; only 1 unrelated network received this size',
    ],
    [
      'its own network',
      [...losses(4096, 5), SMALL, ...receivers(4096, 4), ...receivers(4096, 1, { src: '203.0.113.99' })],
      'needs 5 more failures that count; only 4 unrelated networks received this size',
    ],
    [
      'networks that share a run with it',
      [
        ...losses(4096, 5, { run: 'aaaaaaaaaaaa' }),
        ...receivers(512, 1, { src: '10.0.0.1', run: 'aaaaaaaaaaaa' }),
        ...[SMALL, ...HERE],
      ],
      'needs 5 more failures that count; only 4 unrelated networks received this size',
    ],
    [
      'a baseline of another day',
      [...losses(4096, 5), SMALL, ...receivers(4096, 5, { at: 60 * 26 })],
      'needs 5 more failures that count; only 0 unrelated networks received this size',
    ],
    [
      'a baseline of another address of ours',
      [...losses(4096, 5), SMALL, ...receivers(4096, 5, { dst: '192.0.2.2' })],
      'needs 5 more failures that count; only 0 unrelated networks received this size',
    ],
    [
      'a baseline of another node',
      [...losses(4096, 5), SMALL, ...receivers(4096, 5, { node: 'ns2' })],
      'needs 5 more failures that count; only 0 unrelated networks received this size',
    ],
    [
      'a baseline over IPv6',
      [
        ...losses(4096, 5),
        SMALL,
        ...receivers(4096, 5).map((each, n) => ({ ...each, src: `2001:db8:${n}::1` })),
      ],
      'needs 5 more failures that count; only 0 unrelated networks received this size',
    ],
    [
      'an arrival that another address of its run reports',
      [...losses(4096, 5), SMALL, { at: 45, size: 4096, end: 'joined' }, ...HERE],
      'one arrived, says another address of its run',
    ],
    [
      'a receipt that came late',
      [...losses(4096, 5), SMALL, { at: 45, size: 4096, end: 'late' }, ...HERE],
      'a receipt came late or from a stranger',
    ],
    [
      'smaller answers that get lost as well',
      [...losses(4096, 5), ...losses(1232, 4), { at: 45, size: 1232, end: 'arrived' }, ...[SMALL, ...HERE]],
      'smaller answers get lost as well',
    ],
  ];

  it.each(cases)('is not said after %s, and what is missing is', (_name, visits, missing) => {
    expect(rowOf(...visits)).toMatchObject({
      ability: 'UNKNOWN',
      arrived: 0,
      reason: `no sign of arrival, not yet "cannot": ${missing}`,
    });
  });

  it('is not said after an own receipt, however many losses there are', () => {
    const row = rowOf(
      ...losses(4096, 7),
      { at: 71, size: 4096, end: 'arrived' },
      { ...SMALL, at: 75 },
      ...HERE,
    );
    expect(row).toMatchObject({ ability: 'FLAKY', tried: 8, arrived: 1, counted: 7 });
  });

  it('takes a TC=1 answer whose cookie came back for a control, and no receipt of another size', () => {
    const { udp, tc, other } = story();
    const rows = [0, 1, 2, 3, 4, 5].flatMap((n) => [
      tc(n * 600, { edns_udp: 1232, instance: 100 + n }),
      other(n * 600 + 1, { cookie: 'valid', cookie_instance: 100 + n }),
      ...(n < 5 ? [udp(n * 600 + 2, n)] : []),
    ]);
    const others = rowsOf(HERE).map((row) => ({ ...row, boot: row.boot + 1 }));
    expect(abilityAt(4096, [...rows, ...others])).toMatchObject({ ability: 'CANNOT', counted: 5 });
  });
});
