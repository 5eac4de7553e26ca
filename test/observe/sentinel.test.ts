import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { classifySentinel, SENTINEL_CLASSES } from '../../src/observe/sentinel.ts';
import { judgeSentinels, latestSentinels } from '../../src/observe/sentinel-runs.ts';
import { NEIGHBOR, observation, RUN, SOURCE, START, STRANGER } from './rows.ts';

const [A, S, O] = ['answer', 'servfail', 'other'] as const;

// RFC 8509 §3, the table of one resolver.
it.each([
  { results: [A, S, S], name: 'Vnew', word: 'READY' },
  { results: [S, A, S], name: 'Vold', word: 'NOT_READY' },
  { results: [A, A, S], name: 'Vind', word: 'UNKNOWN' },
  { results: [A, A, A], name: 'nonV', word: 'NOT_VALIDATING' },
  { results: [S, S, S], name: 'other', word: 'MIXED' },
  { results: [A, S, A], name: 'other', word: 'MIXED' },
  { results: [A, S, O], name: 'other', word: 'MIXED' },
] as const)('$results: $name, $word', ({ results: [isNew, notNew, bogus], name, word }) => {
  const found = classifySentinel({ isNew, notNew, bogus });
  expect(found).toBe(name);
  expect(SENTINEL_CLASSES[found].word).toBe(word);
});

it('knows four patterns and no other', () => {
  const results = [A, S, O].flatMap((isNew) =>
    [A, S, O].flatMap((notNew) => [A, S, O].map((bogus) => ({ isNew, notNew, bogus }))),
  );
  expect(results.filter((each) => classifySentinel(each) !== 'other')).toHaveLength(4);
});

/** A client asks for A of each name in turn; where it gets one, for TXT and the name in it; at last `live`. */
function run(answers: {
  is: boolean;
  not: boolean;
  bogus: boolean;
  live?: boolean;
  old?: boolean;
}): Observation[] {
  let seq = 0;
  const row = (changes: Partial<Observation>) => {
    seq += 1;
    return observation({ time: START + seq * 100, seq, run: RUN, edns_do: true, ...changes });
  };
  const name = (qname: string, isAnswered: boolean, kind: Partial<Observation>) => [
    row({ ...kind, qname, qtype: 1 }),
    ...(isAnswered
      ? [
          row({ ...kind, qname, qtype: 16 }),
          row({ ...kind, qname: `v0.${qname}`, qtype: 16, step: 'proof', signal: 'own' }),
        ]
      : []),
  ];
  const sentinel = { behavior: 'sentinel' } as const;
  const { is, not, bogus, live = true, old } = answers;
  return [
    ...name('rOOt-key-sentinel-is-ta-38696.n0.probe.example.', is, sentinel),
    ...name('root-key-sentinel-not-ta-38696.n0.probe.example.', not, sentinel),
    ...(old === undefined ? [] : name('root-key-sentinel-is-ta-20326.n0.probe.example.', old, sentinel)),
    ...name('live-n0.bogus.probe.example.', bogus, {
      ...{ behavior: 'live', excluded: 'fault', zone: 'bogus.probe.example.' },
    }),
    ...name('live-n0.probe.example.', live, { behavior: 'live' }),
  ];
}

describe('what the server sees of a run', () => {
  it.each([
    { answers: { is: true, not: false, bogus: false }, name: 'Vnew' },
    { answers: { is: false, not: true, bogus: false }, name: 'Vold' },
    { answers: { is: true, not: true, bogus: false }, name: 'Vind' },
    { answers: { is: true, not: true, bogus: true }, name: 'nonV' },
    { answers: { is: false, not: false, bogus: false }, name: 'other' },
  ] as const)('$answers: $name', ({ answers, name }) => {
    const [found, ...more] = judgeSentinels(run(answers));
    expect(more).toEqual([]);
    expect(found).toMatchObject({
      ...{ run: RUN, sources: [SOURCE], tag: 38696, class: name, word: SENTINEL_CLASSES[name].word },
      ...{ is_ta: answers.is ? A : S, not_ta: answers.not ? A : S, bogus: answers.bogus ? A : S },
    });
    expect(found!.sentence.includes('inferred')).toBe(name !== 'nonV');
  });

  it('infers no refusal before the last name of the run has come back', () => {
    const [found] = judgeSentinels(run({ is: true, not: false, bogus: false, live: false }));
    expect(found).toMatchObject({ is_ta: A, not_ta: null, bogus: null, class: null, word: 'UNKNOWN' });
    expect(found!.sentence).toMatch(/no proof of the last name of the run, live, came/);
  });

  it('infers none of a name that was asked for after it', () => {
    const rows = run({ is: true, not: false, bogus: false });
    const [found] = judgeSentinels(
      rows.map((row) => (row.qname.includes('not-ta') ? { ...row, time: START + 60_000 } : row)),
    );
    expect(found).toMatchObject({ not_ta: null, class: null });
  });

  it('says which name nobody asked for', () => {
    const rows = run({ is: true, not: false, bogus: false }).filter(({ excluded }) => excluded === '');
    expect(judgeSentinels(rows)[0]!.sentence).toMatch(/nobody asked for the address of the bogus name\./);
  });

  it('does not take a question for TXT alone for one that resolvers act on', () => {
    const rows = run({ is: true, not: true, bogus: false }).filter(
      ({ qname, qtype }) => !(qname.includes('not-ta') && qtype === 1),
    );
    expect(judgeSentinels(rows)[0]).toMatchObject({ not_ta: null, class: null });
  });

  it('takes a proof that came too late for neither, and names all addresses of a run', () => {
    const late = run({ is: true, not: false, bogus: false }).map((row) =>
      row.step === 'proof' && row.behavior === 'sentinel' ? { ...row, signal: 'replay' as const } : row,
    );
    expect(judgeSentinels(late)[0]).toMatchObject({ is_ta: null, class: null });
    const farm = run({ is: true, not: false, bogus: false }).map((row, at) =>
      at % 2 === 0 ? row : { ...row, src: NEIGHBOR },
    );
    expect(judgeSentinels(farm)[0]).toMatchObject({ sources: [SOURCE, NEIGHBOR], class: 'Vnew' });
  });

  it('is the same in any order of rows', () => {
    const rows = run({ is: true, not: false, bogus: false });
    fc.assert(
      fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (mixed) => {
        expect(judgeSentinels(mixed)).toEqual(judgeSentinels(rows));
      }),
    );
  });
});

const NOT_READY = { is: false, not: true, bogus: false };
const READY = { is: true, not: false, bogus: false };

describe('what to do, and whom it is said of', () => {
  it.each([
    { why: 'lacks the key that signs', answers: NOT_READY, advises: true },
    { why: 'and trusts the one before', answers: { ...NOT_READY, old: true }, advises: true },
    { why: 'has a root of its own', answers: { ...NOT_READY, old: false }, advises: false },
    { why: 'is ready', answers: READY, advises: false },
  ])('$why: $advises', ({ answers, advises }) => {
    const found = judgeSentinels(run(answers)).find(({ tag }) => tag === 38696)!;
    expect(found.advice !== null).toBe(advises);
    if (advises)
      expect(found.advice).toMatch(
        /^Since 2026-10-11 38696 \(KSK-2024\) alone signs the root\. .* add the key now, in Unbound by /,
      );
  });

  it('judges 16 key tags of a run, those of the root before others, and names so many addresses', () => {
    const rows = run({ ...NOT_READY, old: true });
    const [asked] = rows;
    const others = Array.from({ length: 100 }, (_, n) => ({
      ...asked!,
      ...{ time: START - 100 + n, src: `198.51.100.${n}`, seq: 100 + n },
      qname: `root-key-sentinel-is-ta-${String(n).padStart(5, '0')}.n0.probe.example.`,
    }));
    const proofs = others.map(
      (row) => ({ ...row, time: row.time + 1000, step: 'proof', signal: 'own' }) as const,
    );
    const crowd = others.map((row) => ({ ...row, qname: asked!.qname }));
    const found = judgeSentinels([...others, ...rows, ...crowd, ...proofs]);
    expect(new Set(found.map(({ tag }) => tag))).toEqual(new Set([...Array(14).keys(), 20326, 38696]));
    const { class: name, sources, proven } = found.find(({ tag }) => tag === 38696)!;
    expect([name, sources.length, proven.length]).toEqual(['Vold', 64, 16]);
    expect(proven).toContain(SOURCE);
    expect(sources).toContain(SOURCE);
    expect(latestSentinels(found).length).toBeLessThanOrEqual(16 * 16);
  });

  it('advises nothing of other keys', () => {
    const rows = run(NOT_READY).map((row) => ({ ...row, qname: row.qname.replace('38696', '20326') }));
    expect(judgeSentinels(rows)).toMatchObject([{ tag: 20326, class: 'Vold', advice: null }]);
  });

  it('names nobody whose address a stranger put into a run of his own', () => {
    const forged = run(NOT_READY)
      .filter(({ step }) => step !== 'proof')
      .map((row) => ({ ...row, src: STRANGER, seq: row.seq + 100 }));
    const found = judgeSentinels([...run(NOT_READY), ...forged]);
    expect(found[0]!.sources).toContain(STRANGER);
    expect(latestSentinels(found).map(({ source }) => source)).toEqual([SOURCE]);
  });

  it('says of a resolver that was mended what it is, and what it was', () => {
    const later = run(READY).map((row) => ({ ...row, run: '000000000002', time: row.time + 60_000 }));
    const states = latestSentinels(judgeSentinels([...run(NOT_READY), ...later]));
    expect(states).toMatchObject([{ latest: { class: 'Vnew' }, runs: 1, before: ['NOT_READY'] }]);
  });
});
