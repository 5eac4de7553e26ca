import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { judgeReplicas, type ReplicaFinding } from '../../src/observe/replica-trials.ts';
import { arriving, BASE, trialing, withoutTcp } from './replicas.ts';
import { NEIGHBOR, SOURCE, START, STRANGER } from './rows.ts';

const AFTER = START + 600_000;
const RUNS = ['0123456789a1', '0123456789a2', '0123456789a3'] as const;

const judge = (rows: readonly Observation[], until = AFTER): ReplicaFinding => {
  const found = judgeReplicas(rows, until);
  expect(found).toHaveLength(1);
  return found[0]!;
};

const NONE = { udp: 0, tcp: 0, tc: 0, lost: 0, unasked: 0 };

interface Case {
  readonly why: string;
  readonly rows: readonly Observation[];
  readonly finds: Partial<Omit<ReplicaFinding, 'ways'>> & { readonly ways: Partial<ReplicaFinding['ways']> };
}

const told = trialing();

const CASES: readonly Case[] = [
  {
    why: 'over TCP after TC=1, three times',
    rows: RUNS.flatMap((run, at) => arriving(run, at * 120)),
    finds: {
      ...{ class: 'ARRIVES', trials: 3, reached: 3, ways: { tcp: 3 }, is_sure: true, advice: null },
      ...{ source: SOURCE, replica: 'k20270111', zone: BASE, octets: 1425 },
      sentence: 'k20270111, 1425 octets: over TCP after TC=1; 3 of 3 reached a client.',
    },
  },
  {
    why: 'whole over UDP',
    rows: [told.live(0), told.whole(0.1), told.proof(0.2)],
    finds: { class: 'ARRIVES', ways: { udp: 1 }, reached: 1 },
  },
  {
    why: 'TC=1 and no TCP',
    rows: withoutTcp(),
    finds: {
      ...{ class: 'FAILS', ways: { tc: 1 }, reached: 0, is_sure: true },
      sentence: 'k20270111, 1425 octets: TC=1 and no query over TCP; 0 of 1 known to have reached a client.',
      advice: expect.stringContaining('after TC=1 it did not ask over TCP: let it'),
    },
  },
  {
    why: 'the same in a zone that was made for another network: anybody may have sent that',
    rows: withoutTcp(undefined, 0, { proof: 'none' }),
    finds: { class: 'FAILS', ways: { tc: 1 }, is_sure: false },
  },
  {
    why: 'the same with a cookie',
    rows: withoutTcp(undefined, 0, { proof: 'none', cookie: 'valid' }),
    finds: { class: 'FAILS', ways: { tc: 1 }, is_sure: true },
  },
  {
    why: 'whole over UDP, again and again',
    rows: [told.live(0), told.whole(0.1), told.whole(1), told.whole(3)],
    finds: {
      class: 'FAILS',
      ways: { lost: 1 },
      advice: expect.stringContaining('offer an EDNS size of 1232'),
    },
  },
  {
    why: 'whole over UDP, again and again, and TCP at last',
    rows: [told.whole(0.1), told.whole(1), told.whole(3), told.tcp(4)],
    finds: { class: 'OPEN', ways: { tcp: 1 }, advice: null },
  },
  {
    why: 'whole over UDP, and renewed when its TTL is over: a client such as dig leaves no sign of arrival',
    rows: [0, 70, 140, 210].flatMap((at) => [told.live(at), told.whole(at + 0.1)]),
    finds: { class: 'OPEN', ways: { udp: 1 }, reached: 0, advice: null },
  },
  {
    why: 'the same, and three times within ten seconds at last',
    rows: [told.whole(0), told.whole(70), told.whole(140), told.whole(145), told.whole(150)],
    finds: { class: 'FAILS', ways: { lost: 1 } },
  },
  {
    why: 'TC=1 and no TCP, and a client got the text all the same, without the keys',
    rows: [...withoutTcp(), told.proof(1.5)],
    finds: {
      ...{ class: 'OPEN', ways: { tc: 1 }, reached: 1, is_sure: true, advice: null },
      sentence: 'k20270111, 1425 octets: TC=1 and no query over TCP; 1 of 1 reached a client.',
    },
  },
  {
    why: 'the same after a trial that failed, which it does not contradict',
    rows: [...withoutTcp(RUNS[0]), ...withoutTcp(RUNS[1], 300), trialing(RUNS[1]).proof(302)],
    finds: { class: 'FAILS', ways: { tc: 2 }, trials: 2, reached: 1 },
  },
  {
    why: 'a client that did not ask for the name in the text',
    rows: [told.live(0), told.tc(0.1), told.tcp(0.2)],
    finds: { class: 'OPEN', ways: { tcp: 1 }, reached: 0 },
  },
  {
    why: 'a resolver that does not validate',
    rows: [told.live(0), told.proof(0.1)],
    finds: {
      ...{ class: 'UNASKED', ways: { unasked: 1 }, octets: 1425, reached: 1, advice: null },
      sentence: 'k20270111, 1425 octets: DNSKEY not asked for; 1 of 1 reached a client.',
    },
  },
  {
    why: 'mended: the last trial decides',
    rows: [...withoutTcp(RUNS[0]), ...arriving(RUNS[1], 300)],
    finds: { class: 'ARRIVES', ways: { tcp: 1, tc: 1 }, trials: 2, reached: 1, advice: null },
  },
  {
    why: 'broken since',
    rows: [...arriving(RUNS[0]), ...withoutTcp(RUNS[1], 300)],
    finds: {
      ...{ class: 'FAILS', ways: { tcp: 1, tc: 1 }, reached: 1 },
      sentence: expect.stringContaining(
        'over TCP after TC=1 (1), TC=1 and no query over TCP (1); 1 of 2 known to have reached',
      ),
    },
  },
];

it.each(CASES)('$why', ({ rows, finds }) => {
  expect(judge(rows)).toMatchObject({ ...finds, ways: { ...NONE, ...finds.ways } });
});

it('waits ten seconds for a query over TCP', () => {
  const rows = [told.live(0), told.tc(0.1)];
  expect(judge(rows, START + 5000)).toMatchObject({ class: 'OPEN', advice: null });
  expect(judge(rows, START + 11_000)).toMatchObject({ class: 'FAILS' });
});

describe('several addresses', () => {
  it('does not blame one whose neighbor of the same trial asked over TCP, or got the answer to a client', () => {
    const beside = [told.tcp(0.2, { src: NEIGHBOR }), told.proof(0.3, { src: STRANGER })];
    const [found] = judgeReplicas([told.tc(0.1), ...beside], AFTER).filter(({ source }) => source === SOURCE);
    expect(found).toMatchObject({ class: 'OPEN', ways: { tcp: 1 }, reached: 0 });
    const [known] = judgeReplicas([told.tc(0.1), beside[1]!], AFTER).filter(
      ({ source }) => source === SOURCE,
    );
    expect(known).toMatchObject({ class: 'OPEN', ways: { tc: 1 }, advice: null });
  });

  it('counts a proof for the address that was sent the text alone', () => {
    const relayed = told.proof(0.3, { src: STRANGER, signal: 'relayed' });
    const found = judgeReplicas([told.tc(0.1), told.tcp(0.2), relayed], AFTER);
    expect(found.map(({ source, reached }) => [source, reached])).toEqual([[SOURCE, 0]]);
  });
});

it('does not let queries that anybody may have sent speak against what is sure', () => {
  const forged = withoutTcp(RUNS[1], 300, { proof: 'none' });
  expect(judge([...arriving(RUNS[0]), ...forged])).toMatchObject({
    class: 'ARRIVES',
    is_sure: true,
    advice: null,
  });
});

it('counts neither dig, nor what this server withheld, nor zones that are made for no trial', () => {
  const rows = withoutTcp();
  expect(
    judgeReplicas(
      rows.map((row) => ({ ...row, rd: true })),
      AFTER,
    ),
  ).toEqual([]);
  expect(
    judgeReplicas(
      rows.map((row) => ({ ...row, excluded: 'budget' as const })),
      AFTER,
    ),
  ).toEqual([]);
  const others = [{ zone: 'kept.probe.example.' }, { zone: 'k20270230.probe.example.' }, { zone: '.' }];
  expect(
    judgeReplicas(
      others.map((changes) => told.tc(0, changes)),
      AFTER,
    ),
  ).toEqual([]);
  expect(judgeReplicas([told.tc(0, { run: '', zone: BASE })], AFTER)).toEqual([]);
});

it('is the same in any order of rows', () => {
  const rows = [
    ...arriving(RUNS[0]),
    ...withoutTcp(RUNS[1], 300),
    ...arriving(RUNS[2], 500, { src: STRANGER }),
  ];
  const found = judgeReplicas(rows, AFTER);
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (mixed) => {
      expect(judgeReplicas(mixed, AFTER)).toEqual(found);
    }),
  );
});
