/** Laws of verdicts, over random rows: they depend on no order, deliver nothing without proof, and heed no ICMP error alone. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { classify, type Verdict } from '../../src/observe/verdict.ts';
import { randomRows } from './random-rows.ts';
import { START } from './rows.ts';
import { STORIES } from './stories.ts';

const MUCH_LATER = START + 3_600_000;

function verdictsOf(rows: readonly Observation[]): Verdict[] {
  return groupTrials(rows).map((trial) => classify(trial, MUCH_LATER));
}

it('random rows reach all outcomes and most rules, so that the laws below say something', () => {
  const verdicts = fc.sample(randomRows, { numRuns: 2000, seed: 4 }).flatMap(verdictsOf);
  expect(new Set(verdicts.map(({ outcome }) => outcome)).size).toBe(3);
  expect(new Set(verdicts.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(20);
});

it('gives the same verdicts in any order of arrival', () => {
  const shuffled = randomRows.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  );
  fc.assert(
    fc.property(shuffled, ([rows, mixed]) => {
      expect(verdictsOf(mixed)).toEqual(verdictsOf(rows));
    }),
    { numRuns: 500 },
  );
});

it('gives the same verdicts in any order of arrival, with many other trials among the rows', () => {
  const rows = STORIES.flatMap(({ tell }, at) =>
    tell().map((row) => ({
      ...row,
      node: `ns${at}`,
      qname: row.qname === '' ? '' : `trial-${at}.example.`,
      run: row.run === '' ? '' : at.toString(16).padStart(12, '0'),
    })),
  );
  const inOrder = verdictsOf(rows);
  expect(inOrder.length).toBeGreaterThan(STORIES.length / 2);
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
      expect(verdictsOf(shuffled)).toEqual(inOrder);
    }),
    { numRuns: 50 },
  );
});

it('cites, for all that arrived, a receipt, a cookie, or over TCP an acknowledgement', () => {
  fc.assert(
    fc.property(randomRows, (rows) => {
      for (const { outcome, via, evidence } of verdictsOf(rows)) {
        if (outcome !== 'delivered' && via === null) continue;
        const cited = rows.filter(({ seq }) => evidence.some((each) => each.seq === seq));
        const isProof = ({ receipt, cookie_instance, tcp_acked }: Observation) =>
          receipt !== null || cookie_instance !== null || (via === 'tcp' && tcp_acked === true);
        expect(cited.some(isProof)).toBe(true);
      }
    }),
    { numRuns: 1000 },
  );
});

it('calls nothing failed while an arrival may still show itself', () => {
  fc.assert(
    fc.property(randomRows, fc.integer({ min: 0, max: 200_000 }), (rows, afterMs) => {
      const seen = rows.filter(({ time }) => time <= START + afterMs);
      for (const trial of groupTrials(seen)) {
        const { outcome, failure_known } = classify(trial, START + afterMs);
        if (outcome === 'failed') expect(failure_known).toBe(true);
      }
    }),
    { numRuns: 2000 },
  );
});

it('delivers nothing where no receipt, cookie or acknowledgement came back', () => {
  fc.assert(
    fc.property(randomRows, (rows) => {
      const mute = rows
        .filter(({ receipt }) => receipt === null)
        .map((row) => ({
          ...row,
          cookie_instance: null,
          tcp_acked: row.tcp_acked === true ? null : row.tcp_acked,
        }));
      for (const { outcome, via } of verdictsOf(mute)) {
        expect(outcome).not.toBe('delivered');
        expect(via).toBeNull();
      }
    }),
    { numRuns: 1000 },
  );
});

it('takes an acknowledgement over TCP for nothing that left over UDP', () => {
  fc.assert(
    fc.property(randomRows, (rows) => {
      const acked = rows
        .filter(({ receipt, proto }) => receipt === null && proto === 'udp')
        .map((row) => ({ ...row, cookie_instance: null, tcp_acked: true }));
      for (const { via } of verdictsOf(acked)) expect(via).toBeNull();
    }),
    { numRuns: 500 },
  );
});

it('says the same with and without ICMP errors, but for overlays, confidence and wording', () => {
  const without = ({ overlays: _, confidence: __, sentence: ___, ...verdict }: Verdict) => verdict;
  fc.assert(
    fc.property(randomRows, (rows) => {
      const quiet = rows.filter(({ event }) => event !== 'path');
      expect(verdictsOf(rows).map(without)).toEqual(verdictsOf(quiet).map(without));
    }),
    { numRuns: 1000 },
  );
});
