/** Laws of CANNOT, checked against an oracle that looks at the rows in the most plain way. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { networkOf } from '../../src/observe/network.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import type { SummaryRow } from '../../src/observe/summary.ts';
import { SOURCE, START, story } from './rows.ts';
import { controls, losses, receivers, rowsOf, type Visit } from './visits.ts';

const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const LATER = START + 10 * DAY_MS;
const SIZE = 4096;

const minutes = fc.integer({ min: 0, max: 240 });

/** A history near the border: mostly enough losses, controls and networks, each spoiled now and then. */
const histories = fc
  .record({
    losses: fc.array(
      fc.record({
        at: fc.oneof(
          minutes,
          fc.integer({ min: 0, max: 60 }).map((fives) => 100 + fives / 2),
        ),
        isOpened: fc.boolean(),
        dst: fc.constantFrom('192.0.2.1', '192.0.2.1', '192.0.2.1', '192.0.2.2'),
        end: fc.constantFrom<Visit['end']>('lost', 'lost', 'lost', 'lost', 'lost twice'),
      }),
      { minLength: 6, maxLength: 24 },
    ),
    small: fc.array(
      fc.record({
        at: fc.integer({ min: -10, max: 300 }),
        size: fc.constantFrom(512, 512, 512, 1232, 1232, SIZE, 4500),
        end: fc.constantFrom<Visit['end']>('arrived', 'arrived', 'arrived', 'arrived', 'arrived', 'lost'),
        isOpened: fc.boolean(),
      }),
      { minLength: 10, maxLength: 40 },
    ),
    // An arrival of the very size, after which all begins anew.
    arrivals: fc.array(fc.integer({ min: -60, max: 120 }), { maxLength: 1 }),
    networks: fc.integer({ min: 3, max: 8 }),
    others: fc.array(
      fc.record({
        at: fc.integer({ min: -1600, max: 1700 }),
        src: fc.constantFrom('203.0.113.9', '10.0.0.1', '10.0.0.2', '10.9.0.1', '2001:db8::1'),
        end: fc.constantFrom<Visit['end']>('arrived', 'lost', 'joined'),
      }),
      { maxLength: 6 },
    ),
    last: fc.constantFrom<Visit['end']>('arrived', 'arrived', 'arrived', 'arrived', 'arrived', 'lost'),
  })
  .map(({ losses: lost, small, arrivals, networks, others, last }): Visit[] => [
    ...lost.map((each) => ({ ...each, size: SIZE })),
    ...arrivals.map((at) => ({
      at,
      size: SIZE,
      end: 'arrived' as const,
    })),
    ...small.filter(({ size, end }) => size !== SIZE || end === 'lost'),
    { at: 290, size: 512, end: last },
    ...receivers(SIZE, networks, { at: 120 }),
    ...others.map((each) => ({ ...each, size: SIZE })),
  ]);

function rowOf(rows: readonly Observation[]): SummaryRow | undefined {
  return buildReport(rows, LATER)
    .sources.find(({ source }) => source === SOURCE)
    ?.rows.find(({ size }) => size === SIZE);
}

const isAnswer = (row: Observation) => row.step === 'measured' && row.proto === 'udp' && !row.tc;

/** Losses that count, and whether anything arrived: every loss is compared with every row. */
function oracle(rows: readonly Observation[]): { counted: number; arrived: number } {
  const receiptOf = (answer: Observation) =>
    rows.find(({ receipt, src }) => receipt?.instance === answer.instance && src === answer.src);
  const arrivedRows = rows.filter((row) => isAnswer(row) && receiptOf(row));
  const lost = rows.filter(
    (row) =>
      row.src === SOURCE &&
      row.size === SIZE &&
      isAnswer(row) &&
      !rows.some(({ receipt }) => receipt?.instance === row.instance),
  );
  const own = arrivedRows.filter(({ src, size }) => src === SOURCE && size === SIZE);
  const recent = lost.filter((loss) => own.every(({ time }) => time < loss.time));
  const controls = arrivedRows.filter(({ src, res_len }) => src === SOURCE && res_len < SIZE);
  const counting = recent.filter((loss) => {
    const here = controls.filter(
      ({ dst, time }) => dst === loss.dst && Math.abs(time - loss.time) <= HOUR_MS,
    );
    const networks = new Set(
      arrivedRows
        .filter(({ size, dst, ip_version }) => size === SIZE && dst === loss.dst && ip_version === 4)
        .filter(({ time }) => Math.abs(time - loss.time) <= DAY_MS)
        .map(({ src }) => networkOf(src))
        .filter((network) => network !== networkOf(SOURCE)),
    );
    return (
      here.some(({ time }) => time <= loss.time) &&
      here.some(({ time }) => time > loss.time) &&
      networks.size >= 5
    );
  });
  const isTold = (a: Observation, b: Observation) =>
    b.time - a.time >= 600_000 &&
    (a.dst !== b.dst || controls.some(({ time, dst }) => dst === a.dst && time > a.time && time <= b.time));
  const independent: Observation[] = [];
  for (const loss of counting.sort((a, b) => a.time - b.time))
    if (independent.every((earlier) => isTold(earlier, loss))) independent.push(loss);
  return { counted: independent.length, arrived: own.length };
}

it('is said only with five independent losses, controls around each, and five networks beside it', () => {
  const seen = { cannot: 0, other: 0 };
  fc.assert(
    fc.property(histories, (visits) => {
      const rows = rowsOf(visits);
      const { ability, counted, arrived } = rowOf(rows) ?? { ability: 'UNKNOWN', counted: 0, arrived: 0 };
      const plain = oracle(rows);
      expect({ counted, arrived }).toEqual(plain);
      if (ability === 'CANNOT') expect(plain.counted).toBeGreaterThanOrEqual(5);
      seen[ability === 'CANNOT' ? 'cannot' : 'other'] += 1;
    }),
    { numRuns: 500, seed: 7 },
  );
  // Both sides of the border are met.
  expect(seen.cannot).toBeGreaterThan(20);
  expect(seen.other).toBeGreaterThan(20);
});

it('is never left standing by an own receipt that came after the fifth last loss', () => {
  const broken = fc.record({
    often: fc.integer({ min: 5, max: 15 }),
    networks: fc.integer({ min: 5, max: 9 }),
    after: fc.integer({ min: 0, max: 200 }),
  });
  fc.assert(
    fc.property(broken, ({ often, networks, after }) => {
      const at = (often - 5) * 10 + 1 + after;
      const visits: Visit[] = [...losses(SIZE, often), ...controls(often), ...receivers(SIZE, networks)];
      expect(rowOf(rowsOf(visits))?.ability).toBe('CANNOT');
      const [gate, sent, receipt] = rowsOf([{ at, size: SIZE, end: 'arrived', run: 'ffffffffffff' }]);
      const more = [gate, sent, receipt].map((row, n) => ({ ...row!, seq: 9000 + n }));
      // Also where the very answer is another node's, or its row was lost.
      for (const added of [more, more.slice(2)])
        expect(['CAN', 'FLAKY']).toContain(rowOf([...rowsOf(visits), ...added])?.ability);
    }),
    { numRuns: 60 },
  );
});

it('depends on no order of the rows', () => {
  const shuffled = histories.chain((visits) => {
    const rows = rowsOf(visits);
    return fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length }));
  });
  fc.assert(
    fc.property(shuffled, ([rows, others]) => {
      expect(buildReport(others, LATER)).toEqual(buildReport(rows, LATER));
    }),
    { numRuns: 60 },
  );
});

it('is not said of one source for what another one lost', () => {
  const rows = rowsOf([...losses(SIZE, 6), ...controls(6), ...receivers(SIZE, 6)]);
  const { sources } = buildReport(rows, LATER);
  const abilities = sources.flatMap((each) => each.rows.map(({ ability }) => ability));
  expect(abilities.filter((ability) => ability === 'CANNOT')).toHaveLength(1);
  expect(abilities.filter((ability) => ability === 'CAN')).toHaveLength(7);
});

it('is not said while the last trial may still bring a receipt', () => {
  const rows = rowsOf([...losses(SIZE, 5), ...controls(5), ...receivers(SIZE, 6)]).filter(
    ({ time }) => time < START + 40 * 60_000,
  );
  const { gate, udp } = story({ size: SIZE, run: 'ffffffffffff' });
  const small = story({ size: 512, run: 'fffffffffffe' });
  const control = small.udp(2405, 998);
  const last = [gate(2400), udp(2401, 999), control, small.receipt(2406, control)];
  const all = [...rows, ...last.map((row, at) => ({ ...row, seq: 9000 + at }))];
  const at = (seconds: number) =>
    buildReport(all, START + seconds * 1000)
      .sources.find(({ source }) => source === SOURCE)
      ?.rows.find(({ size }) => size === SIZE)?.ability;
  expect([at(2410), at(2500)]).toEqual(['UNKNOWN', 'CANNOT']);
});
