import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { classify, RULE_VERSION, type Verdict } from '../../src/observe/verdict.ts';
import { VERDICT_CLASSES } from '../../src/observe/verdict-class.ts';
import { RULES } from '../../src/observe/verdict-rules.ts';
import { RUN, START, story } from './rows.ts';
import { STORIES } from './stories.ts';

const MUCH_LATER = START + 3_600_000;

function verdictsOf(rows: readonly Observation[], observedUntil = MUCH_LATER): Verdict[] {
  return groupTrials(rows).map((trial) => classify(trial, observedUntil));
}

describe.each(STORIES)(
  '$title',
  ({
    expect: name,
    rule,
    via,
    sources,
    about,
    lostBy,
    firstLost,
    evidence,
    observedUntil,
    tell,
    ...more
  }) => {
    it(`is ${name} by ${rule}`, () => {
      const [verdict, ...others] = verdictsOf(tell(), observedUntil);
      expect(others).toEqual([]);
      expect(verdict).toMatchObject({
        class: name,
        rule,
        outcome: VERDICT_CLASSES[name].outcome,
        confidence: more.confidence ?? RULES.find((each) => each.name === rule)?.confidence,
        rule_version: RULE_VERSION,
        ...(via !== undefined && { via }),
        ...(sources && { sources }),
        ...(about && { about }),
        ...(lostBy !== undefined && { lost_by: lostBy }),
        ...(firstLost !== undefined && { first_lost: firstLost }),
      });
      if (more.overlays) expect(verdict?.overlays.map(({ kind }) => kind)).toEqual(more.overlays);
      expect(verdict?.evidence.map(({ seq }) => seq).sort()).toEqual(evidence);
    });
  },
);

it('tells every class and every rule', () => {
  const told = (names: readonly string[]) => [...new Set(names)].sort();
  expect(told(STORIES.map((each) => each.expect))).toEqual(Object.keys(VERDICT_CLASSES).sort());
  expect(told(STORIES.map(({ rule }) => rule))).toEqual(told(RULES.map(({ name }) => name)));
});

it.each([
  { size: 1472, says: '1472 octets left in one packet over UDP, and arrived.' },
  { size: 4096, says: '4096 octets left in 3 fragments over UDP, and arrived.' },
])('says how $size octets left, not how they came: a router may have cut them', ({ size, says }) => {
  const { udp, receipt } = story({ size });
  const sent = udp(0, 7);
  expect(verdictsOf([sent, receipt(0.1, sent)])).toMatchObject([{ sentence: says, confidence: 'high' }]);
});

it('says each verdict in one plain sentence', () => {
  for (const { tell, observedUntil } of STORIES) {
    for (const { sentence } of verdictsOf(tell(), observedUntil)) {
      expect(sentence).toMatch(/^[A-Z\d][\x20-\x7e]{20,180}\.$/);
    }
  }
});

it('keeps the run of the trial in the verdict', () => {
  expect(verdictsOf([story().tc(0)])[0]).toMatchObject({
    run: RUN,
    size: 4096,
    zone: 'probe.example.',
    arm: 'default',
  });
});

it('does not say that TCP came at once where the rows of another server of the zone are not read', () => {
  const { gate, tcp, receipt } = story();
  const sent = tcp(0.1, 7);
  const rows = [gate(0), sent, receipt(0.2, sent)];
  const other = story({ run: 'dddddddddddd' });
  const known = other.receipt(300, other.udp(299, 77));
  const strange = { ...known, seq: 900, receipt: known.receipt && { ...known.receipt, node: 2 } };
  expect(verdictsOf(rows)).toMatchObject([{ rule: 'tcp-direct' }]);
  expect(verdictsOf([...rows, strange])[0]).toMatchObject({
    rule: 'tcp-before-unread',
    confidence: 'low',
    via: 'tcp',
  });
  // That TCP alone says that it arrived makes it no surer.
  const acked = { ...sent, tcp_acked: true };
  expect(verdictsOf([gate(0), acked, strange])[0]).toMatchObject({
    rule: 'tcp-before-unread',
    confidence: 'low',
  });
  // Whether it arrived is open as well where no receipt says so.
  expect(verdictsOf([gate(0), sent, strange])[0]).toMatchObject({ rule: 'node-unread', via: null });
});

it('does not say so either where the row of the answer is missing, of a server whose other rows are here', () => {
  const { gate, tcp, receipt } = story();
  const other = story({ run: 'dddddddddddd' });
  const [known, missing] = [other.udp(299, 77), tcp(0.1, 7)];
  const rows = [gate(0), receipt(0.2, missing), known, other.receipt(300, known)];
  const verdicts = verdictsOf(rows.map((row, seq) => ({ ...row, seq })));
  expect(verdicts.map(({ rule }) => rule)).toEqual(['tcp-before-unread', 'udp-fragments']);
});

it('does not deny that a spoiled answer was sent, where its receipt came back', () => {
  const { gate, udp, receipt } = story();
  const spoiled = udp(0.1, 7, { excluded: 'fault' });
  const sentenceOf = (...rows: Observation[]) => verdictsOf([gate(0), ...rows])[0]?.sentence;
  expect(sentenceOf(spoiled, receipt(0.2, spoiled))).toContain('so much arrived');
  expect(sentenceOf(spoiled)).toContain('never sent the plain answer');
});
