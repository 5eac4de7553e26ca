import { expect, it } from 'vitest';
import { keyBlocks, keyMembers, rollStoryBlocks } from '../../src/export/key-roll.ts';
import { findKeys } from '../../src/observe/key-findings.ts';
import type { Observation } from '../../src/observe/observation.ts';
import * as rolls from '../observe/key-roll/rolls.ts';
import { AFTER, rolling } from '../observe/key-roll/rolls.ts';
import { observation, SOURCE, START } from '../observe/rows.ts';

const LONG = '2001:db8:1234:5678:1234:5678:1234:5678';

const from = (rows: readonly Observation[], src: string) => rows.map((row) => ({ ...row, src }));

function of(...rows: readonly (readonly Observation[])[]) {
  return findKeys(
    rows.flat().map((row, seq) => ({ ...row, seq })),
    AFTER,
  );
}

it('is nothing where the rows say nothing of keys', () => {
  expect(keyBlocks(of([observation()]))).toEqual([]);
});

it('shows a block for each roll, with a row, a sentence and advice for each source', () => {
  const [head, block, ...more] = keyBlocks(
    of(rolls.unboundFollows(), from(rolls.powerdns(true), '192.0.2.5')),
  );
  expect(head).toMatch(/^Key roll, by zone\./);
  expect(more).toEqual([]);
  expect(block).toBe(`  fast-20261123150000-a13-0123abcd.roll.probe.example. (fast, from 2026-11-23
    15:00:00 UTC)
    source       verdict                   sure    phases  last signal  seems
  ! 192.0.2.5    validating, no telemetry  high    12345   -            -
      It fetched DNSKEY with DO=1 and CD=0 before and since the roll and sent no
      key-tag query, as PowerDNS Recursor does, which cannot follow by itself;
      clients got answers before the roll, asked 23 times since, and got none:
      it fails.
      > PowerDNS Recursor does not follow by itself: update its package, or its
        file of trust anchors, before each roll.
    203.0.113.7  follows                   medium  12345   new          unbound
      Its key-tag queries listed the old key alone until 2026-11-23 15:00:16
      UTC, and both keys from 2026-11-23 15:00:17 UTC, 9 s after it was first
      sent both. It dropped the old key by 2026-11-23 15:00:37 UTC.`);
});

it('fits 80 columns with the longest addresses, and without guesses then', () => {
  const found = of(from(rolls.unvalidating(), LONG), rolls.bindStatic(), rolls.unboundFollows(true));
  const lines = [...keyBlocks(found), ...rollStoryBlocks(found)].flatMap((block) => block.split('\n'));
  expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
  expect(lines.some((line) => line.startsWith(`    ${LONG}  not validating  high`))).toBe(true);
});

it('only counts sources that were not seen at work: anybody can make them up', () => {
  const strangers = Array.from({ length: 100 }, (_, at) =>
    from([rolling().signal(3, 'old')], `192.0.2.${at}`),
  );
  const [, block] = keyBlocks(of(...strangers, rolls.unboundFollows()));
  expect(block).not.toContain('192.0.2.');
  expect(block).toMatch(/\n {4}100 more sources: not seen at work/);
});

it('counts reports alike, and says where an address may be forged', () => {
  const report = (seq: number) =>
    observation({
      ...{ seq, behavior: 'error-report', zone: 'er.probe.example.', tc: true, action: 'tc' },
      qname: '_er.1.www.sig.broken.probe.example.7._er.er.probe.example.',
    });
  expect(keyBlocks(of([report(1), report(2)]))).toEqual([
    [
      'Error reports of resolvers (RFC 9567):',
      '  203.0.113.7: Your resolver says: signature expired (EDE 7), for',
      '    www.sig.broken.probe.example. TYPE A. Reported 2 times. Its address may be',
      '    forged: it did not come back over TCP.',
    ].join('\n'),
  ]);
});

it('tells by phase what a source did', () => {
  const [story] = rollStoryBlocks(of(rolls.bindStaticThatTells()));
  expect(story!.split('\n').slice(0, 3)).toEqual([
    'Key roll of fast-20261123150000-a13-0123abcd.roll.probe.example.',
    '  init, from 2026-11-23 15:00:00 UTC: It fetched DNSKEY 4 times (EDNS 1232,',
    '    CD=1, about every 2 s). 2 key-tag queries list the old key alone.',
  ]);
  expect(story).toContain('  = STATIC_ANCHOR (high confidence, rule old-after-roll): ');
  // What to do is said once, behind all of it.
  expect(story).not.toContain('BIND 9.20');
});

it('gives programs times as ISO 8601, and all members', () => {
  const { keyRoll } = keyMembers(of(rolls.unboundFollows()));
  expect(keyRoll).toMatchObject([
    {
      ...{ source: SOURCE, class: 'FOLLOWS', roll_at: new Date(START).toISOString() },
      ...{ new_listed_at: '2026-11-23T15:00:17.110Z', old_dropped_at: '2026-11-23T15:00:37.110Z' },
    },
  ]);
  const [{ phases }] = keyRoll as unknown as [{ phases: { first_at: string }[] }];
  expect(phases[1]!.first_at).toBe('2026-11-23T15:00:08.100Z');
});
