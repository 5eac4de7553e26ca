import { expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { buildReport } from '../../src/observe/report.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';
import { losses, receivers, rowsOf, type Visit } from './visits.ts';

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

/** What is advised where the source cannot receive 4096 octets over UDP. */
function adviseBroken(...more: readonly Visit[]) {
  const small: Visit = { at: 50, size: 512, end: 'arrived' };
  const rows = rowsOf([...losses(4096, 5), small, ...receivers(4096, 5), ...more]);
  return (changes: Partial<Observation>, extra: readonly Observation[] = []) => {
    const own = rows.map((row) => (row.src === SOURCE ? { ...row, ...changes } : row));
    const { sources } = buildReport([...own, ...extra], LATER);
    return sources.find(({ source }) => source === SOURCE)?.advice ?? [];
  };
}

it('says once what cannot arrive, on what ground, and that it is broken for users', () => {
  const [first, ...others] = adviseBroken()({});
  expect(others).toEqual([]);
  expect(first?.isUrgent).toBe(true);
  expect(first?.text).toMatch(
    /^Answers of 4096 octets cannot reach it over UDP: none of 5 arrived, while smaller ones did before and after, and other networks received that size\. Nothing shows that it gets them in another way\. They leave in fragments: /,
  );
});

it('is no alarm where the resolver recovers', () => {
  const { tcp, receipt } = story({ run: '000000000001' });
  const sent = tcp(3, 900);
  const extra = [sent, receipt(4, sent)].map((row, at) => ({ ...row, seq: 9000 + at }));
  expect(adviseBroken()({}, extra)).toMatchObject([
    { isUrgent: false, text: expect.stringMatching(/^Answers of 4096 octets cannot .* but users wait\. /) },
  ]);
});

it('names the settings of four programs, or of the one that it seems to be', () => {
  const texts = (changes: Partial<Observation>) =>
    adviseBroken()(changes)
      .map(({ text }) => text)
      .join();
  expect(texts({})).toMatch(
    /EDNS size 1232 \(BIND edns-udp-size, Unbound edns-buffer-size, Knot Resolver net\.bufsize, PowerDNS Recursor edns-outgoing-bufsize\), with TCP/,
  );
  expect(texts({ cookie: 'valid' })).toMatch(
    /EDNS size 1232 \(edns-udp-size 1232; of BIND, which it seems to be\), with TCP/,
  );
});

it('tells TCP that is cut before a query from TCP that never began and TCP whose answer stalls', () => {
  const broken: Tell = ({ gate, tc, wordless }) => [gate(0), tc(0.1), wordless(0.5)];
  const unacked: Tell = ({ gate, tc, tcp }) => [gate(0), tc(0.1), tcp(0.2, 1, { tcp_acked: false })];
  const first = (tell: Tell) => advise([4096, tell, 1])[0];
  expect(first(broken)).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^TCP breaks: it was sent TC=1 for 4096 octets in 1 trial and opened TCP/),
  });
  expect(first(unacked)).toMatchObject({
    isUrgent: true,
    text: expect.stringMatching(/^Asked over TCP for 4096 octets in 1 trial, .* not acknowledged\. .* MSS/),
  });
});
