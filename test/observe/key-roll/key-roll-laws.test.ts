/** Laws of key-roll verdicts, over random rows: no order matters, and nothing that anybody can send makes them sure. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { judgeKeyRolls } from '../../../src/observe/key-roll/key-roll.ts';
import type { Observation } from '../../../src/observe/observation.ts';
import * as rolls from './rolls.ts';
import { AFTER, rolling } from './rolls.ts';

const STORIES: readonly (() => Observation[])[] = [
  () => [],
  rolls.bindFollows,
  () => rolls.unboundStatic(true),
  rolls.bindStaticThatTells,
  rolls.bindEntersLate,
  rolls.unboundStaticBoth,
  rolls.cutAtRevocation,
  () => rolls.knotFollows([2], true),
  () => rolls.powerdns(true),
];

const happening = fc.record({
  kind: fc.constantFrom(
    'fetch',
    'fetch',
    'signal',
    'signal',
    'live',
    'proof',
    'bogus',
    'bogusProof' as const,
  ),
  at: fc.integer({ min: 0, max: 600 }).map((tenths) => tenths / 10),
  src: fc.constantFrom('203.0.113.7', '203.0.113.7', '203.0.113.99', '2001:db8::53'),
  signal: fc.constantFrom('old', 'old', 'old+new', 'new', 'other' as const),
  proto: fc.constantFrom('udp', 'udp', 'udp', 'tcp' as const),
  tc: fc.constantFrom(false, false, false, true),
  cd: fc.boolean(),
  edns_do: fc.constantFrom(true, true, true, false),
  // Less than the keys of the revocation have.
  edns_udp: fc.constantFrom(1232, 512),
  rd: fc.constantFrom(false, false, false, true),
  cookie: fc.constantFrom('none', 'none', 'client', 'valid' as const),
  relation: fc.constantFrom('own', 'own', 'relayed', 'replay' as const),
  node: fc.constantFrom('ns1', 'ns2'),
});

type Happening = typeof happening extends fc.Arbitrary<infer T> ? T : never;

/** Parts of what resolvers really send, and anything else among it. */
const randomRolls: fc.Arbitrary<Observation[]> = fc
  .tuple(
    fc.constantFrom(...STORIES).chain((tell) => fc.subarray(tell())),
    fc.array(happening, { minLength: 1, maxLength: 12 }),
  )
  .map(([told, happenings]) => [...told, ...happenings.map(rowOf)].map((row, seq) => ({ ...row, seq })));

function rowOf({ kind, at, signal, relation, tc, ...each }: Happening): Observation {
  const told = rolling();
  const cut = tc && each.proto === 'udp' ? ({ tc, action: 'tc' } as const) : {};
  if (kind === 'signal') return told.signal(at, signal, each);
  if (kind === 'fetch') return told.fetch(at, { ...each, ...cut });
  if (kind === 'proof' || kind === 'bogusProof') return told[kind](at, { ...each, signal: relation });
  return told[kind](at, each);
}

const judge = (rows: readonly Observation[]) => judgeKeyRolls(rows, AFTER);

it('random rows reach every class but the one that ends before they do, and most rules', () => {
  const found = fc.sample(randomRolls, { numRuns: 4000, seed: 5 }).flatMap(judge);
  expect(new Set(found.map(({ class: name }) => name)).size).toBe(7);
  expect(new Set(found.map(({ rule }) => rule)).size).toBeGreaterThanOrEqual(18);
});

it('gives the same verdicts in any order of arrival', () => {
  const shuffled = randomRolls.chain((rows) =>
    fc.tuple(fc.constant(rows), fc.shuffledSubarray(rows, { minLength: rows.length })),
  );
  fc.assert(
    fc.property(shuffled, ([rows, mixed]) => {
      expect(judge(mixed)).toEqual(judge(rows));
    }),
    { numRuns: 500 },
  );
});

it('says nothing of trust anchors by signals alone', () => {
  fc.assert(
    fc.property(randomRolls, (rows) => {
      const forged = rows.filter(({ signal, qtype }) => signal !== '' && qtype === 10);
      for (const { class: name } of judge(forged)) expect(name).toBe('UNKNOWN');
    }),
    { numRuns: 500 },
  );
});

it('is never sure of an anchor where the address may be forged', () => {
  fc.assert(
    fc.property(randomRolls, (rows) => {
      const forged = rows
        .filter(({ step }) => step !== 'proof')
        .map((row) => ({ ...row, proto: 'udp', cookie: 'none' }) as const);
      for (const { confidence } of judge(forged)) expect(confidence).not.toBe('high');
    }),
    { numRuns: 500 },
  );
});

it('calls no anchor static that was seen with the new key, and fetched DNSKEY beside it', () => {
  fc.assert(
    fc.property(randomRolls, (rows) => {
      const told = rolling();
      const more = [told.fetch(59, { seq: 9990 }), told.signal(59.1, 'new', { seq: 9991 })];
      for (const { source, class: name } of judge([...rows, ...more]))
        if (source === more[0]!.src) expect(name).not.toBe('STATIC_ANCHOR');
    }),
    { numRuns: 500 },
  );
});

it.each([
  { what: 'tells', tell: () => rolls.unboundFollows(true) },
  { what: 'tells nothing', tell: () => rolls.knotFollows([], true) },
])('calls a follower that $what static or open by no forged signal', ({ tell }) => {
  const forged = fc.array(
    fc.tuple(fc.integer({ min: 0, max: 590 }), fc.constantFrom('old', 'other' as const)),
  );
  fc.assert(
    fc.property(forged, (signals) => {
      const told = rolling();
      const rows = [...tell(), ...signals.map(([tenths, signal]) => told.signal(tenths / 10, signal))];
      const [found] = judge(rows.map((row, seq) => ({ ...row, seq })));
      expect(['FOLLOWS', 'UNKNOWN']).toContain(found!.class);
    }),
    { numRuns: 300 },
  );
});

it.each([
  { what: 'lists both keys', tell: rolls.unboundStaticBoth },
  { what: 'does not validate, and is asked for keys', tell: rolls.unvalidatingAskedForKeys },
  { what: 'lists the new key alone', tell: rolls.unboundOfNewKey },
])('says of none that it follows that $what, by whatever part of it', ({ tell }) => {
  fc.assert(
    fc.property(fc.subarray(tell(), { minLength: 1 }), (rows) => {
      for (const { class: name } of judge(rows)) expect(name).not.toBe('FOLLOWS');
    }),
    { numRuns: 300 },
  );
});

it('calls a follower static by no part of what it sends', () => {
  const parts = fc
    .constantFrom(rolls.unboundFollows, rolls.bindFollows, () => rolls.knotFollows([2, 17, 28, 50], true))
    .chain((tell) => fc.subarray(tell(), { minLength: 1 }));
  fc.assert(
    fc.property(parts, (rows) => {
      for (const { rule } of judge(rows)) expect(rule).not.toBe('both-after-revocation');
    }),
    { numRuns: 300 },
  );
});

it('cites rows of the source and its control only', () => {
  fc.assert(
    fc.property(randomRolls, (rows) => {
      for (const { source, evidence } of judge(rows)) {
        const cited = rows.filter(({ node, seq }) =>
          evidence.some((each) => each.seq === seq && each.node === node),
        );
        expect(cited).toHaveLength(evidence.length);
        for (const { src } of cited) expect(src).toBe(source);
      }
    }),
    { numRuns: 500 },
  );
});
