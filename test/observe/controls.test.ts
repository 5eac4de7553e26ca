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

it('are opening answers that were followed at once, by the same address', () => {
  const { gate, udp } = story({ size: 2048, run: RUNS[0] });
  expect(around([gate(59.5, { res_len: 260 })])).toEqual([59.5, undefined]);
  expect(around([gate(57, { res_len: 260 })])).toEqual([undefined, undefined]);
  expect(around([gate(59.5, { res_len: 260, src: OTHER })])).toEqual([undefined, undefined]);
  // Asked twice: the first answer may be the one that got lost.
  expect(around([gate(59, { res_len: 260 }), gate(59.8, { res_len: 260 })])).toEqual([59.8, undefined]);
  expect(around([gate(80, { res_len: 260 }), udp(80.1, 5)])).toEqual([undefined, 80]);
  expect(around([gate(80, { res_len: 260 })])).toEqual([undefined, undefined]);
});

it('are no opening answers with TC=1 or over TCP', () => {
  const { gate } = story({ size: 2048, run: RUNS[0] });
  expect(around([gate(59.5, { tc: true, action: 'tc' })])).toEqual([undefined, undefined]);
  expect(around([gate(59.5, { proto: 'tcp' })])).toEqual([undefined, undefined]);
});

it('are no answers of the same size, over TCP, or without a sign of arrival', () => {
  const same = story({ size: 2048, run: RUNS[1] });
  const sent = same.udp(50, 1);
  const overTcp = small.tcp(50, 3);
  expect(around([sent, same.receipt(51, sent)])).toEqual([undefined, undefined]);
  expect(around([overTcp, small.receipt(51, overTcp)])).toEqual([undefined, undefined]);
  expect(around([small.udp(50, 1, { res_len: 512 })])).toEqual([undefined, undefined]);
});

it('are no answers whose receipt another address asked for, or that nobody knows where they left from', () => {
  const sent = small.udp(50, 1, { res_len: 512 });
  const relayed = small.receipt(51, sent, { src: OTHER, relation: 'relayed' });
  expect(around([small.gate(49, { src: OTHER }), sent, relayed])).toEqual([undefined, undefined]);
  expect(around([small.receipt(51, sent)])).toEqual([undefined, undefined]);
});
