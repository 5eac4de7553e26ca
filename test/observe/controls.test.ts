import { expect, it } from 'vitest';
import type { Attempt } from '../../src/observe/attempt.ts';
import { indexControls } from '../../src/observe/controls.ts';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { OTHER, START, story } from './rows.ts';

const RUNS = ['0000000000a1', '0000000000a2', '0000000000a3'] as const;

/** Seconds at which the controls around the loss left, 60 seconds after the start. */
function around(rows: readonly Observation[]) {
  const loss = story({ size: 2048, run: RUNS[0] }).udp(60, 77);
  const numbered = [...rows, loss].map((row, seq) => ({ ...row, seq }));
  const trials = groupTrials(numbered);
  const lost = trials.flatMap(({ attempts }) => attempts).find(({ at }) => at === loss.time) as Attempt;
  const { before, after } = indexControls(trials)(lost);
  const seconds = (at: number | undefined) => (at === undefined ? undefined : (at - START) / 1000);
  return [seconds(before?.at), seconds(after?.at)];
}

const small = story({ size: 512, run: RUNS[1] });
const later = story({ size: 512, run: RUNS[2] });
const received = (told: typeof small, at: number, instance: number) => {
  const sent = told.udp(at, instance, { res_len: 512 });
  return [sent, told.receipt(at + 0.1, sent)];
};

it('are the nearest smaller answers that arrived, before and after', () => {
  const rows = [...received(small, 10, 1), ...received(small, 50, 2), ...received(later, 70, 3)];
  expect(around(rows)).toEqual([50, 70]);
  expect(around([...rows, ...received(later, 200, 4)])).toEqual([50, 70]);
  expect(around([])).toEqual([undefined, undefined]);
});

it('are no opening answers, whoever follows them: anybody may ask both in its name', () => {
  const { gate, udp } = story({ size: 2048, run: RUNS[0] });
  expect(around([gate(59.5, { res_len: 260 })])).toEqual([undefined, undefined]);
  expect(around([gate(80, { res_len: 260 }), udp(80.1, 5)])).toEqual([undefined, undefined]);
});

it('are TC=1 answers whose cookie came back', () => {
  const { tc, other } = story({ size: 4096, run: RUNS[1] });
  const returned = other(51, { cookie: 'valid', cookie_instance: 3 });
  expect(around([tc(50, { instance: 3, res_len: 129 }), returned])).toEqual([50, undefined]);
});

it('are answers over TCP of any size that it acknowledged, or whose receipt it asked for', () => {
  const { tcp, receipt } = story({ size: 4096, run: RUNS[1] });
  const sent = tcp(50, 3);
  expect(around([sent, receipt(51, sent)])).toEqual([50, undefined]);
  expect(around([tcp(70, 3, { tcp_acked: true })])).toEqual([undefined, 70]);
  expect(around([tcp(70, 3, { tcp_acked: false })])).toEqual([undefined, undefined]);
  expect(around([sent])).toEqual([undefined, undefined]);
});

it('are no answers of the same size over UDP, or without a sign of arrival', () => {
  const same = story({ size: 2048, run: RUNS[1] });
  const sent = same.udp(50, 1);
  expect(around([sent, same.receipt(51, sent)])).toEqual([undefined, undefined]);
  expect(around([small.udp(50, 1, { res_len: 512 })])).toEqual([undefined, undefined]);
});

it('are no answers whose receipt another address asked for, or that nobody knows where they left from', () => {
  const sent = small.udp(50, 1, { res_len: 512 });
  const relayed = small.receipt(51, sent, { src: OTHER, relation: 'relayed' });
  expect(around([small.gate(49, { src: OTHER }), sent, relayed])).toEqual([undefined, undefined]);
  expect(around([small.receipt(51, sent)])).toEqual([undefined, undefined]);
});
