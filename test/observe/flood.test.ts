/** A source that asks for everything is reported like any other: no step of the report grows with the square of the rows. */
import { expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { START, story } from './rows.ts';

const LATER = START + 30 * 86_400_000;
const runOf = (number: number) => number.toString(16).padStart(12, '0');
const addressOf = (number: number) => `10.${number >> 16}.${(number >> 8) & 255}.${number & 255}`;

function reportOn(rows: readonly Observation[]) {
  return buildReport(
    rows.map((row, seq) => ({ ...row, seq })),
    LATER,
  );
}

it('sees 20,000 addresses open one trial', () => {
  const { gate } = story();
  const rows = Array.from({ length: 20_000 }, (_, n) => gate(n / 1000, { src: addressOf(n) }));
  expect(reportOn(rows).sources).toHaveLength(20_000);
});

it('looks for a smaller answer among 10,000 larger ones that arrived', () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => {
    const [large, small] = [story({ run: runOf(n) }), story({ run: runOf(n + 100_000), size: 512 })];
    const at = n / 10;
    const sent = large.udp(at, 2 * n);
    return [sent, large.receipt(at + 0.01, sent), small.udp(at + 0.02, 2 * n + 1)];
  }).flat();
  const [source] = reportOn(rows).sources;
  expect(source?.rows).toMatchObject([
    { size: 512, arrived: 0, lost_in_a_row: 10_000, counted: 0 },
    { size: 4096, arrived: 10_000 },
  ]);
});

it('advises on 10,000 sizes and options that got lost', () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => {
    const { udp } = story({ run: runOf(n), size: 512 + (n % 700) });
    const options = `ttl${Math.floor(n / 700)}`;
    return [udp(n / 10, 2 * n, { options }), udp(n / 10 + 1, 2 * n + 1, { options })];
  }).flat();
  const [source] = reportOn(rows).sources;
  expect(source?.rows).toHaveLength(10_000);
  expect(source?.advice.map(({ text }) => text.length).every((length) => length < 600)).toBe(true);
});

it('counts the networks beside 10,000 losses of a source that received as much days before', () => {
  const rows = Array.from({ length: 10_000 }, (_, n) => {
    const [old, late] = [story({ run: runOf(n) }), story({ run: runOf(n + 100_000) })];
    const sent = old.udp(n / 10, n);
    return [sent, old.receipt(n / 10 + 0.01, sent), late.udp(3 * 86_400 + n / 10, 100_000 + n)];
  }).flat();
  expect(reportOn(rows).sources[0]?.rows).toMatchObject([{ arrived: 10_000, networks_beside: 0 }]);
});
