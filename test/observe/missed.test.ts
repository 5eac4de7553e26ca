/** What an answer that was asked for again says: a loss that counts, and one that somebody else's clock cannot make. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { indexClocks } from '../../src/observe/clocks.ts';
import type { Return } from '../../src/observe/draft.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { receiptOf as factsOf, observation, SOURCE, START, story } from './rows.ts';

const HOUR = 3_600_000;

/** A receipt that was asked at `there` so many milliseconds later, by the clocks of both. */
function returned(from: string, there: string, ms: number, at = START): Return {
  const of = observation({ node: from, time: at, step: 'measured', instance: 7 });
  return { of, row: observation({ node: there, time: at + ms, step: 'receipt' }), facts: factsOf(of) };
}

describe('between two nodes', () => {
  const [earlier, later] = [
    { at: START + 100, node: 'ns1' },
    { at: START + 150, node: 'ns2' },
  ];

  it('nothing is known without a receipt of one that the other was asked for', () => {
    for (const returns of [[], [returned('ns1', 'ns1', 2)], [returned('ns1', 'ns2', 2, START - HOUR)]]) {
      const clocks = indexClocks(returns);
      expect([clocks.atLeast(earlier, later), clocks.atMost(earlier, later)]).toEqual([undefined, undefined]);
    }
  });

  it('the shortest way there bounds the time from below, the shortest way back from above', () => {
    const clocks = indexClocks([
      ...[returned('ns1', 'ns2', 30), returned('ns1', 'ns2', 12), returned('ns1', 'ns2', 90)],
      ...[returned('ns2', 'ns1', -4), returned('ns2', 'ns1', 20)],
    ]);
    expect([clocks.atLeast(earlier, later), clocks.atMost(earlier, later)]).toEqual([38, 46]);
  });

  it('the true time lies between both, wherever the clocks stand', () => {
    const ways = fc.array(fc.nat(500), { minLength: 1, maxLength: 5 });
    fc.assert(
      fc.property(
        ways,
        ways,
        fc.integer({ min: -5000, max: 5000 }),
        fc.nat(300),
        (there, back, ahead, ms) => {
          const clocks = indexClocks([
            ...there.map((each) => returned('ns1', 'ns2', each + ahead)),
            ...back.map((each) => returned('ns2', 'ns1', each - ahead)),
          ]);
          const [from, to] = [
            { at: START, node: 'ns1' },
            { at: START + ms + ahead, node: 'ns2' },
          ];
          expect(clocks.atLeast(from, to)).toBeLessThanOrEqual(ms);
          expect(clocks.atMost(from, to)).toBeGreaterThanOrEqual(ms);
        },
      ),
    );
  });
});

it('of one node its clock tells', () => {
  const clocks = indexClocks([]);
  const [earlier, later] = [
    { at: START, node: 'ns1' },
    { at: START + 7, node: 'ns1' },
  ];
  expect([clocks.atLeast(earlier, later), clocks.atMost(earlier, later)]).toEqual([7, 7]);
});

/** Runs an hour apart, each lost at first and asked again after 25 ms on a path of 1. */
function hastyRuns(count: number) {
  const runs = Array.from({ length: count }, (_, n) => {
    const { gate, udp, receipt } = story({ run: (n + 1).toString(16).padStart(12, '0') });
    const at = n * 3600;
    const [opening, lost, sent] = [gate(at), udp(at + 0.001, 2 * n + 1), udp(at + 0.026, 2 * n + 2)];
    return [opening, lost, sent, receipt(at + 0.028, sent)];
  });
  return runs.flat().map((row, seq) => ({ ...row, seq }));
}

it('counts as a loss of its source, which may be flaky', () => {
  const rows = hastyRuns(10);
  const [row] =
    buildReport(rows, START + 11 * HOUR).sources.find(({ source }) => source === SOURCE)?.rows ?? [];
  expect(row).toMatchObject({ first_tried: 10, first_lost: 10, tried: 20, arrived: 10, ability: 'FLAKY' });
});

it('marks the tries that were asked for again, and no others', () => {
  const marks = groupTrials(hastyRuns(1)).flatMap(({ attempts }) =>
    attempts.map(({ isMissed, canProve, proof }) => [isMissed, canProve, proof]),
  );
  expect(marks).toEqual([
    [true, true, 'none'],
    [false, true, 'own'],
  ]);
});

it('misses nothing after the first arrival: the asker goes on with the receipt that it knows', () => {
  const { gate, udp, receipt } = story();
  const [opening, a] = [gate(0), udp(0.001, 1, { qtype: 1 })];
  const rows = [opening, a, receipt(0.003, a), udp(5, 2), udp(5.05, 3), udp(9, 4)];
  const marks = groupTrials(rows)[0]?.attempts.map(({ isMissed, canProve }) => [isMissed, canProve]);
  expect(marks).toEqual([[false, true], ...Array.from({ length: 3 }, () => [false, false])]);
});

/** Tries of one asker on a path of 20 ms, the last of them arrives. */
function triesAt(...milliseconds: readonly number[]): Observation[] {
  const { gate, udp, receipt } = story();
  const tries = milliseconds.map((ms, n) => udp(0.02 + ms / 1000, n + 1));
  return [gate(0), ...tries, receipt(0.042 + milliseconds.at(-1)! / 1000, tries.at(-1)!)];
}

it.each([
  { at: [0, 21, 63], missed: [true, true, false], why: 'a later try than the next shows it of the first' },
  { at: [0, 21, 39], missed: [false, false, false], why: 'all are too close' },
  { at: [0, 50, 60], missed: [true, false, false], why: 'the last but one may still have been on its way' },
])('of tries at $at ms those are missed: $why', ({ at, missed }) => {
  const [trial] = groupTrials(triesAt(...at));
  expect(trial?.attempts.map(({ isMissed }) => isMissed)).toEqual(missed);
});

it('another TYPE between two tries may be what came of the first', () => {
  const { gate, udp, receipt } = story();
  const tries = [udp(0.02, 1), udp(0.041, 2, { qtype: 1 }), udp(0.083, 3)];
  const [trial] = groupTrials([gate(0), ...tries, receipt(0.105, tries[2]!)]);
  expect(trial?.attempts.map(({ isMissed }) => isMissed)).toEqual([false, false, false]);
});
