/** Very many rows, as who wants to keep a report busy makes them: each shape would take minutes if work grew with the square. */
import { expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { tellStory } from '../../src/observe/story.ts';
import { KEY_SHAPES } from './key-shapes.ts';
import { SOURCE, START, story } from './rows.ts';

const ROWS = 20_000;
const MUCH_LATER = START + 864_000_000;

const told = story();
const runOf = (n: number) => n.toString(16).padStart(12, '0');
const addressOf = (n: number) => `10.${n >> 16}.${(n >> 8) & 255}.${n & 255}`;
const replayed = told.udp(0, 0);

const SHAPES: readonly { what: string; make(at: number, n: number): readonly Observation[] }[] = [
  { what: 'other TYPEs', make: (at, n) => [told.udp(at, n, { qtype: 300 + n })] },
  { what: 'retries', make: (at, n) => [told.udp(at, n)] },
  { what: 'TC=1 for other TYPEs', make: (at, n) => [told.tc(at, { qtype: 300 + n })] },
  {
    what: 'losses, and TCP that is not acknowledged',
    make: (at, n) => [n % 2 === 0 ? told.udp(at, n) : told.tcp(at, n, { tcp_acked: false })],
  },
  {
    what: 'arrivals beside losses',
    make(at, n) {
      const sent = told.udp(at, n, { qtype: 300 + n });
      return n % 2 === 0 ? [sent, told.receipt(at + 0.001, sent)] : [sent];
    },
  },
  { what: 'one receipt again and again', make: (at, n) => [told.udp(at, n + 1), told.receipt(at, replayed)] },
  {
    what: 'TC=1 beside TCP connections without a word',
    make: (at, n) => [told.tc(at), told.wordless(at + n / 10)],
  },
  { what: 'openings of other addresses', make: (at, n) => [told.gate(at, { src: addressOf(n) })] },
  { what: 'losses of other addresses', make: (at, n) => [told.udp(at, n, { src: addressOf(n) })] },
  { what: 'other runs', make: (at, n) => [story({ run: runOf(n) }).udp(at, n)] },
  { what: 'the run of another minute', make: (_, n) => [told.gate(n * 61), told.udp(n * 61 + 1, n)] },
];

it.each(SHAPES)('$what', { timeout: 60_000 }, ({ make }) => {
  const rows = Array.from({ length: ROWS }, (_, n) => make(n / 1000, n))
    .flat()
    .map((row, seq) => ({ ...row, seq }));
  const report = buildReport(rows, MUCH_LATER);
  expect(report.verdicts.length).toBeGreaterThan(0);
  tellStory(SOURCE, rows, report);
});

it.each(KEY_SHAPES)('$what', { timeout: 60_000 }, ({ finds, rows, make }) => {
  const keyRows: Observation[] = [];
  for (let n = 0; keyRows.length < rows; n++) keyRows.push(...make(n));
  const { keys } = buildReport([], MUCH_LATER, { keyRows });
  expect(keys[finds].length).toBeGreaterThan(0);
});
