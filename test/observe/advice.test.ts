import { expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';

const HOUR = 3600;
const LATER = START + 100 * HOUR * 1000;

interface Run {
  readonly size: number;
  readonly at: number;
  readonly id: number;
}

/** One trial of a run of its own, so many hours after the start, told by `tell`. */
function trial({ size, at, id }: Run, tell: (told: ReturnType<typeof story>) => readonly Observation[]) {
  const run = id.toString(16).padStart(12, '0');
  const rows = tell(story({ size, run }));
  const later = (moment: number) => moment + at * HOUR * 1000;
  // A receipt says when its answer left.
  return rows.map((row, seq) => ({
    ...row,
    seq: id * 100 + seq,
    time: later(row.time),
    instance: row.instance === null ? null : id * 100 + row.instance,
    receipt: row.receipt && {
      ...row.receipt,
      at: later(row.receipt.at),
      instance: id * 100 + row.receipt.instance,
    },
  }));
}

type Tell = (told: ReturnType<typeof story>) => Observation[];

const silent: Tell = ({ gate, udp }) => [gate(0), udp(0.1, 1)];
const lostTwice: Tell = ({ gate, udp }) => [gate(0), udp(0.1, 1), udp(0.9, 2)];
const arrived: Tell = ({ gate, udp, receipt }) => {
  const sent = udp(0.1, 1);
  return [gate(0), sent, receipt(0.2, sent)];
};
const tcOnce: Tell = ({ gate, tc }) => [gate(0), tc(0.1)];
const stalled: Tell = ({ gate, tc, tcp }) => [gate(0), tc(0.1), tcp(0.2, 1), tcp(3, 2)];

/** `[size, what happened, how often]`, an hour apart. */
function advise(...told: readonly (readonly [number, Tell, number])[]) {
  const trials = told.flatMap(([size, tell, often]) =>
    Array.from({ length: often }, (_, at) => ({ size, tell, at })),
  );
  const rows = trials.flatMap(({ size, tell, at }, id) => trial({ size, at, id: id + 1 }, tell));
  const { sources } = buildReport(rows, LATER);
  return sources.find(({ source }) => source === SOURCE)?.advice ?? [];
}

it('says after three silences, while a smaller size arrived, what is silent and what to change', () => {
  const [first, ...others] = advise([2048, silent, 6], [512, arrived, 6]);
  expect(others).toEqual([]);
  expect(first?.isUrgent).toBe(true);
  expect(first?.text).toMatch(
    /^Silent 6 of 6 times at 2048 octets, while 512 octets arrived 6 times\. It asks over UDP only once\. They leave in fragments: /,
  );
});

it('asks for more after one or two silences', () => {
  expect(advise([2048, silent, 2], [512, arrived, 2])).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(/^Silent 2 of 2 times at 2048 octets: .* at least three/),
    },
  ]);
});

it('asks for a small size where nothing else arrived', () => {
  const [{ isUrgent, text } = { isUrgent: true, text: '' }] = advise([2048, silent, 4]);
  expect({ isUrgent, text }).toMatchObject({
    isUrgent: false,
    text: expect.stringContaining('Ask for s512 as well'),
  });
});

it('takes one silence after TC=1 for nothing, two for TCP that fails', () => {
  expect(advise([4096, tcOnce, 1]).some(({ isUrgent }) => isUrgent)).toBe(false);
  expect(advise([4096, tcOnce, 1], [2048, tcOnce, 1], [512, arrived, 1])[0]).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^TCP fails: it was sent TC=1 for 2048 and 4096 octets in 2 trials /),
  });
});

it('sees a black hole of TCP: asked over TCP time and again, answered, no receipt', () => {
  expect(advise([4096, stalled, 5])).toEqual([
    {
      isUrgent: true,
      text: expect.stringMatching(/^Asked over TCP for 4096 octets in 5 trials, it was answered, .* MSS/),
    },
  ]);
});

it('does not blame fragments where larger answers arrive over UDP', () => {
  const texts = advise([1472, lostTwice, 1], [1232, arrived, 1], [2048, arrived, 1], [4096, arrived, 1]);
  expect(texts.map(({ text }) => text).join()).toMatch(
    /^Answers of 1472 octets .*docs\/operating\.md, Path MTU\.$/,
  );
  expect(texts.map(({ text }) => text).join()).not.toMatch(/fragment/i);
});

it('speaks of fragments only where fragments were lost', () => {
  const [whole] = advise([1472, lostTwice, 1], [1232, arrived, 1]);
  expect(whole?.text).toMatch(/They leave in one packet/);
  expect(whole?.text).not.toMatch(/fragment/i);
  const [pieces] = advise([2048, lostTwice, 1], [1232, arrived, 1]);
  expect(pieces?.text).toMatch(/They leave in fragments: either let UDP fragments pass/);
});

it('does not say that nothing arrives where something did', () => {
  const texts = advise([2048, arrived, 1], [2048, lostTwice, 9]);
  expect(texts).toEqual([
    {
      isUrgent: false,
      text: expect.stringMatching(/^Over UDP only sometimes: 1 of 19 answers of 2048 octets /),
    },
  ]);
});

it('does not blame size where smaller answers get lost as often', () => {
  const lossy = ([1232, 4096] as const).flatMap((size) => [
    [size, arrived, 3] as const,
    [size, lostTwice, 3] as const,
  ]);
  expect(advise(...lossy).at(-1)?.text).toMatch(/4096 octets .* size is not the cause/);
});

it('tells the loser of a trial that its answers get lost, not the winner', () => {
  const rows = trial({ size: 4096, at: 0, id: 1 }, ({ udp, tcp, receipt }) => {
    const sent = tcp(2, 4, { src: OTHER });
    return [udp(0, 1), udp(0.8, 2), sent, receipt(2.1, sent)];
  });
  const { sources } = buildReport(rows, LATER);
  expect(sources.map(({ source, advice }) => [source, advice[0]?.text.slice(0, 30)])).toEqual([
    [OTHER, 'Nothing to change: all that wa'],
    [SOURCE, 'Answers of 4096 octets over UD'],
  ]);
});

it('says that this server closed TCP connections where it did', () => {
  const refused = { action: 'drop', excluded: 'budget', proto: 'tcp', qname: '' } as const;
  const [{ isUrgent, text } = { isUrgent: true, text: '' }] = advise([
    4096,
    ({ tc, other }) => [tc(0), other(0.1, refused), tc(3)],
    1,
  ]);
  expect(isUrgent).toBe(false);
  expect(text).toContain('this server itself closed TCP connections');
});
