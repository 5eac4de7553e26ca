import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { NEIGHBOR, OTHER, SOURCE, STRANGER, story } from './rows.ts';

describe('askers', () => {
  function askersOf(...rows: readonly Observation[]): readonly string[] | undefined {
    const [trial, ...others] = groupTrials(rows.map((row, seq) => ({ ...row, seq })));
    expect(others).toEqual([]);
    return trial?.attempts.map(({ asker }) => asker);
  }
  const { gate, udp, receipt } = story();
  const from = { src: NEIGHBOR };

  it('are one where one address came with the proof of an opening that only the other had asked for', () => {
    expect(askersOf(gate(0), udp(0.1, 1), udp(1, 2, from))).toEqual([SOURCE, SOURCE]);
  });

  it('are one where one returned the receipt of what the other was sent', () => {
    const sent = udp(0.1, 1);
    const rows = [gate(0), gate(0, { src: OTHER }), sent, udp(1, 2, { src: OTHER })];
    expect(askersOf(...rows)).toEqual([SOURCE, OTHER]);
    expect(askersOf(...rows, receipt(0.2, sent, { src: OTHER, relation: 'relayed' }))).toEqual([
      OTHER,
      OTHER,
    ]);
  });

  it.each([
    { what: 'each asked for an opening', rows: [gate(0), gate(0.5, from), udp(0.1, 1), udp(1, 2, from)] },
    { what: 'nobody did', rows: [udp(0.1, 1), udp(1, 2, from)] },
    {
      what: 'the other came with a proof of its own',
      rows: [gate(0), udp(0.1, 1), udp(1, 2, { ...from, proof: 'recent' as const })],
    },
    {
      what: 'either of two may have passed it on',
      rows: [gate(0), gate(0, { src: '203.0.113.8' }), udp(0.1, 1), udp(1, 2, from)],
    },
  ])('are two where $what', ({ rows }) => {
    expect(askersOf(...rows)).toEqual([SOURCE, NEIGHBOR]);
  });

  it('are two in two networks, although one opened', () => {
    expect(askersOf(gate(0), udp(0.1, 1), udp(1, 2, { src: STRANGER }))).toEqual([SOURCE, STRANGER]);
  });
});
