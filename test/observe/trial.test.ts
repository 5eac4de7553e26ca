import { expect, it } from 'vitest';
import { groupTrials } from '../../src/observe/trial.ts';
import { OTHER, observation, RUN, receiptOf, SOURCE, START, story } from './rows.ts';

it('leaves out the receipt of an answer that no size was asked of', () => {
  const measured = observation({ step: 'measured', size: 0, res_len: 285, instance: 7 });
  const receipt = { ...receiptOf(measured), asked: 0, sent: 285 };
  expect(groupTrials([measured, observation({ seq: 2, step: 'receipt', receipt })])).toEqual([]);
});

it('leaves out rows that belong to no trial', () => {
  expect(groupTrials([observation(), observation({ seq: 2, qtype: 6 })])).toEqual([]);
});

it('leaves out the negative answers that stand at the name of a measured answer', () => {
  const { gate, udp } = story();
  const [trial] = groupTrials([gate(0), udp(0.1, 1, { qtype: 47, res_len: 300, filler: 'none' })]);
  expect(trial?.attempts).toEqual([]);
});

it('keeps sizes and arms of one run apart', () => {
  const small = story({ size: 1232 });
  const large = story({ size: 4096 });
  const trials = groupTrials([
    small.udp(0, 1),
    { ...large.udp(1, 2), seq: 2 },
    { ...large.udp(2, 3, { arm: 'df' }), seq: 3 },
  ]);
  expect(trials.map(({ size, arm }) => [size, arm])).toEqual([
    [1232, 'default'],
    [4096, 'default'],
    [4096, 'df'],
  ]);
});

it('ties the addresses of one run together', () => {
  const { gate, udp } = story();
  const [trial, ...others] = groupTrials([gate(0), udp(0.1, 1, { src: OTHER }), udp(1, 2)]);
  expect(others).toEqual([]);
  expect(trial?.sources).toEqual([OTHER, SOURCE]);
});

it('without a run id keeps two addresses apart', () => {
  const { udp } = story({ run: '' });
  expect(groupTrials([udp(0, 1), udp(1, 2, { src: OTHER })])).toHaveLength(2);
});

it('without a run id begins a new trial after a silent minute', () => {
  const { udp } = story({ run: '' });
  expect(groupTrials([udp(0, 1), udp(60, 2)])).toHaveLength(1);
  expect(groupTrials([udp(0, 1), udp(60.001, 2)])).toHaveLength(2);
});

it('counts a second return of one instance as a replay', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const [trial] = groupTrials([sent, receipt(0.1, sent), receipt(0.2, sent)]);
  expect(trial).toMatchObject({ replays: 1, strangers: [] });
  expect(trial?.attempts.map(({ proof, rows }) => [proof, rows.length])).toEqual([['own', 2]]);
});

it('joins a receipt to a measured row of another node', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  const [trial, ...others] = groupTrials([sent, { ...receipt(0.1, sent), node: 'ns2', boot: 5, seq: 900 }]);
  expect(others).toEqual([]);
  expect(trial?.attempts[0]).toMatchObject({ proof: 'own' });
});

it('does not join a receipt whose time, size or instance differs from the measured row', () => {
  const { udp, receipt } = story();
  const sent = udp(0, 1);
  for (const other of [
    { ...sent, time: sent.time + 1 },
    { ...sent, res_len: sent.res_len - 1 },
    { ...sent, instance: 2 },
  ]) {
    const [trial] = groupTrials([sent, receipt(0.5, other)]);
    // The receipt still counts, as an attempt of its own.
    expect(trial?.attempts.map(({ proof }) => proof).sort()).toEqual(['none', 'own']);
  }
});

it('keeps the time of the first and of the last row', () => {
  const { gate, udp, receipt } = story();
  const sent = udp(1, 1);
  const [trial] = groupTrials([receipt(2, sent), sent, gate(0)]);
  expect(trial).toMatchObject({ firstAt: START, lastAt: START + 2000 });
});

it('is made of queries only: neither of floods, nor of ICMP errors or lost rows', () => {
  const { gate, other } = story();
  const events = (['flood', 'path', 'lost'] as const).map((event, at) =>
    other(at, { event, step: 'gate', size: 4096, run: 'ba9876543210' }),
  );
  expect(groupTrials([gate(0), ...events]).map(({ run, gates }) => [run, gates.length])).toEqual([[RUN, 1]]);
});
