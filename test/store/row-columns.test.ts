/** Row columns: what a column says it hangs on is all that it hangs on, so that rows that are alike there may share one value. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { recordPathEvent } from '../../src/record/path-event.ts';
import { FLAT_COLUMNS } from '../../src/store/columns.ts';
import { momentOf, rowColumns } from '../../src/store/row-columns.ts';
import { COPIED_OCTETS, RowGroup } from '../../src/store/row-group.ts';
import { observation, START } from '../observe/rows.ts';
import { facts } from '../record/facts.ts';
import { encodeQuestion } from '../support/responder.ts';
import { runOf, runOfRows } from '../support/rows.ts';

const columns = Object.entries(rowColumns({ node: 'ns1', boot: START, openedAt: START }));
const group = new RowGroup();

function add(octets: Uint8Array, thread: number): void {
  group.add(octets, new DataView(octets.buffer, octets.byteOffset), 0, thread);
}

/** Columns that call two rows alike and have two values of them. */
function wrong(one: Uint8Array, other: Uint8Array, thread = 0): string[] {
  group.clear();
  add(one, 0);
  add(other, thread);
  return columns.flatMap(([name, { parts, read }]) => {
    const isSame = JSON.stringify(read(group, 0)) === JSON.stringify(read(group, COPIED_OCTETS));
    return group.isAlike(parts) && !isSame ? [name] : [];
  });
}

const path = runOf((sink) =>
  recordPathEvent(
    {
      time: START,
      local: { octets: new Uint8Array(16).fill(7) },
      family: 6,
      source: new Uint8Array(16).fill(8),
      sourcePort: 40_000,
      icmpType: 2,
      icmpCode: 0,
      icmpMtu: 1280,
      offender: new Uint8Array(16).fill(9),
      offenderFamily: 6,
      quoted: encodeQuestion({ name: 's4096.probe.test', id: 4711 }),
    },
    sink,
  ),
);
const rows = [
  runOfRows([observation()]),
  path,
  ...fc.sample(facts, 20).map((each) => runOfRows([observation(each)])),
].map(({ octets, from, slots }) => octets.slice(from, from + slots * 256));

it('has every column of the table', () => {
  expect(columns.map(([name]) => name).sort()).toEqual(FLAT_COLUMNS.map(({ name }) => name).sort());
});

it('changes with no bit that it does not name', () => {
  for (const row of rows)
    for (let bit = 0; bit < 8 * row.length; bit++) {
      const other = row.slice();
      other[bit >> 3]! ^= 1 << (bit & 7);
      expect(wrong(row, other), `bit ${bit & 7} of octet ${bit >> 3}`).toEqual([]);
    }
});

it('changes with the thread only where it says so', () => {
  for (const row of rows) expect(wrong(row, row, 3)).toEqual([]);
});

it('takes for alike what is: a load has one value in most columns, whatever another row left behind its address', () => {
  const [row] = rows as [Uint8Array];
  const other = row.slice();
  other.fill(0xff, 28, 40);
  other.fill(0xff, 44, 56);
  other.fill(0xff, 200, 256);
  new DataView(other.buffer).setUint16(12, 1, true);
  group.clear();
  add(row, 0);
  add(other, 0);
  expect(columns.filter(([, { parts }]) => !group.isAlike(parts)).map(([name]) => name)).toEqual(['id']);
});

it.each([
  [START, START],
  [START + 0.4, START],
  [-1, -1],
  [8.64e15, 8.64e15],
  [8.64e15 + 2, 0],
  [Number.NEGATIVE_INFINITY, 0],
  [Number.NaN, 0],
])('has for the moment %s the number %s', (number, moment) => {
  expect(momentOf(number)).toBe(moment);
});
