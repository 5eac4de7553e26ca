/** A report of one source reads a sample of what other networks got; it must tell the same as all rows. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { afterEach, beforeEach, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { baselineRowsOf } from '../../src/store/baseline-rows.ts';
import { readObservations, trialRowsOf } from '../../src/store/read.ts';
import { SOURCE } from '../observe/rows.ts';
import { crowdOverTcp, hourly, overTcp, tcTwice, unacked } from '../observe/tcp-told.ts';
import { LATER, type Tell } from '../observe/told.ts';

let directory: string;
beforeEach(() => {
  directory = mkdtempSync(join(tmpdir(), 'padzone-baseline-'));
});
afterEach(() => rmSync(directory, { recursive: true, force: true }));

/** What a condition picks of the rows. */
async function pick(rows: readonly Observation[], where: string): Promise<Observation[]> {
  const folder = mkdtempSync(join(directory, 'rows-'));
  mkdirSync(folder, { recursive: true });
  writeFileSync(
    join(folder, 'observations-ns1-1-1.ndjson'),
    rows.map((row) => JSON.stringify(row)).join('\n'),
  );
  return readObservations(folder, {}, async ({ batches }) => {
    const found: Observation[] = [];
    for await (const batch of batches(where)) found.push(...batch);
    return found;
  });
}

const idsOf = (rows: readonly Observation[]) => rows.map(({ boot, seq }) => `${boot} ${seq}`).sort();
const isStream = ({ proto, receipt }: Observation) => proto === 'tcp' || receipt !== null;

it('of each network the first and the last answer of an hour over TCP, with their receipts', async () => {
  const own = hourly(2, tcTwice);
  const crowd = [0.1, 0.2, 0.3].map((hour, round) =>
    crowdOverTcp({ hours: [hour] }).map((row) => ({ ...row, boot: row.boot + round })),
  );
  const elsewhere = [{ dst: '192.0.2.99' }, { node: 'ns9' }, { ip_version: 6 as const }].flatMap(
    (changes, n) =>
      crowdOverTcp({ hours: [0.1] }).map((row) => ({
        ...row,
        src: row.src.replace('10.9', '10.8'),
        boot: row.boot + 10 + n,
        ...changes,
      })),
  );
  const found = await pick([...own, ...crowd.flat(), ...elsewhere], baselineRowsOf(SOURCE));
  expect(idsOf(found)).toEqual(idsOf([...crowd[0]!, ...crowd[2]!].filter(isStream)));
});

it('long answers that arrived apart from others, and of 64 networks those that came last', async () => {
  const own = hourly(2, unacked);
  const unheard: Tell = ({ tcp }) => [tcp(0.2, 1)];
  const mixed = [overTcp, unheard, unheard, unheard].flatMap((tell, n) =>
    crowdOverTcp({ networks: 1, hours: [0.1 + n / 10], tell }).map((row) => ({ ...row, boot: row.boot + n })),
  );
  const found = await pick([...own, ...mixed], baselineRowsOf(SOURCE));
  const streams = found.filter(({ src, proto }) => src !== SOURCE && proto === 'tcp');
  expect(streams.map(({ time }) => Math.round((time - own[0]!.time) / 360_000))).toEqual([1, 2, 4]);

  const many = crowdOverTcp({ networks: 80, hours: [0.1] }).map((row) => ({
    ...row,
    time: row.time + Number(row.src.split('.')[2]) * 1000,
    receipt: row.receipt && { ...row.receipt, at: row.receipt.at + Number(row.src.split('.')[2]) * 1000 },
  }));
  const sample = await pick([...own, ...many], baselineRowsOf(SOURCE));
  const networks = new Set(
    sample.filter(({ src }) => src !== SOURCE).map(({ src }) => Number(src.split('.')[2])),
  );
  expect([networks.size, Math.min(...networks), Math.max(...networks)]).toEqual([64, 16, 79]);
});

it('acknowledgements after which its source asked again, with what it asked', async () => {
  // Somebody else acknowledged it.
  const inVain: Tell = ({ gate, tc, tcp }) => [
    gate(0),
    tc(0.1),
    tcp(0.2, 1, { tcp_acked: true }),
    tcp(3, 2, { tcp_acked: true }),
  ];
  const rows = [...hourly(3, unacked), ...crowdOverTcp({ tell: inVain, hours: [0.1, 0.3, 0.6, 5.1, 5.6] })];
  const advice = (found: readonly Observation[]) =>
    buildReport(found, LATER, { source: SOURCE }).sources.map((each) => each.advice);
  const alone = await pick(rows, `(${trialRowsOf(SOURCE)} OR ${baselineRowsOf(SOURCE)})`);
  expect(advice(rows)[0]?.[0]?.text).toContain('Nobody else received a long answer over TCP');
  expect(advice(alone)).toEqual(advice(rows));
});

it('enough to say of one source what all rows say', async () => {
  const hour = fc.integer({ min: -30, max: 60 });
  const others = fc.record({
    networks: fc.integer({ min: 1, max: 6 }),
    hours: fc.array(
      fc.tuple(hour, fc.constantFrom(0.01, 0.3, 0.6)).map(([whole, part]) => whole + part),
      { minLength: 1, maxLength: 6 },
    ),
    tell: fc.constantFrom(overTcp, unacked),
    size: fc.constantFrom(1232, 4096),
  });
  const story = fc.record({
    tell: fc.constantFrom(tcTwice, unacked),
    often: fc.integer({ min: 2, max: 20 }),
    crowds: fc.array(others, { maxLength: 3 }),
  });
  const seen = new Set<boolean>();
  await fc.assert(
    fc.asyncProperty(story, async ({ tell, often, crowds }) => {
      const rows = [
        ...hourly(often, tell),
        ...crowds.flatMap((crowd, n) => crowdOverTcp(crowd).map((row) => ({ ...row, boot: row.boot + n }))),
      ];
      const own = (found: readonly Observation[]) =>
        buildReport(found, LATER, { source: SOURCE }).sources.map(({ advice, rows }) => ({ advice, rows }));
      const alone = await pick(rows, `(${trialRowsOf(SOURCE)} OR ${baselineRowsOf(SOURCE)})`);
      expect(own(alone)).toEqual(own(rows));
      seen.add(own(rows)[0]?.advice.some(({ isUrgent }) => isUrgent) ?? false);
    }),
    { numRuns: 40, seed: 7 },
  );
  expect(seen).toEqual(new Set([true, false]));
});
