import { describe, expect, it } from 'vitest';
import { judgeKeyRolls, type KeyRollFinding } from '../../../src/observe/key-roll/key-roll.ts';
import { ROLL_CLASSES } from '../../../src/observe/key-roll/roll-class.ts';
import { ROLL_RULES } from '../../../src/observe/key-roll/roll-rules.ts';
import type { Observation } from '../../../src/observe/observation.ts';
import { SOURCE, START } from '../rows.ts';
import * as rolls from './rolls.ts';
import { AFTER, CUT, MANNERS, RSA_ZONE, rolling, ZONE } from './rolls.ts';

const judge = (rows: readonly Observation[], until = AFTER): KeyRollFinding => {
  const found = judgeKeyRolls(rows, until);
  expect(found).toHaveLength(1);
  return found[0]!;
};

/** Of a source that was sent both keys in time. */
const validator = () => {
  const told = rolling();
  return { ...told, both: [told.fetch(1), told.fetch(9), told.fetch(26)] };
};

interface Case {
  readonly why: string;
  readonly rule: (typeof ROLL_RULES)[number]['name'];
  readonly confidence: KeyRollFinding['confidence'];
  readonly rows: readonly Observation[];
  readonly until?: number;
  readonly says: RegExp;
}

const CASES: readonly Case[] = [
  {
    why: 'Unbound that follows, from its queries alone: its address might be forged',
    rule: 'signals-changed',
    confidence: 'medium',
    rows: rolls.unboundFollows(),
    says: /the old key alone until 2026-11-23 15:00:16 UTC, and both keys from 2026-11-23 15:00:17 UTC, 9 s after/,
  },
  {
    why: 'Unbound that follows, with a client',
    rule: 'signals-changed',
    confidence: 'high',
    rows: rolls.unboundFollows(true),
    says: /dropped the old key by 2026-11-23 15:00:37 UTC\. Clients got answers that the new key alone signs\./,
  },
  {
    why: 'BIND that follows',
    rule: 'signals-changed',
    confidence: 'high',
    rows: rolls.bindFollows(),
    says: /both keys from/,
  },
  {
    why: 'Knot Resolver that tells rarely',
    rule: 'signals-changed',
    confidence: 'medium',
    rows: rolls.knotFollows([2, 41], false),
    says: /the new key alone from/,
  },
  {
    why: 'Knot Resolver that tells once, with a client',
    rule: 'follows-or-open',
    confidence: 'low',
    rows: rolls.knotFollows([2], true),
    says: /listed the old key alone until .*, and none tells of the new one: absence proves nothing\. Ask for live\.bogus/,
  },
  {
    why: 'Knot Resolver that tells once, without a client',
    rule: 'too-late',
    confidence: 'low',
    rows: rolls.knotFollows([2], false),
    says: /absence proves nothing/,
  },
  {
    why: 'Knot Resolver that tells nothing, without a client',
    rule: 'silence',
    confidence: 'low',
    rows: rolls.knotFollows([], false),
    says: /absence proves nothing/,
  },
  {
    why: 'a resolver that was given the new key after the roll',
    rule: 'change-unseen',
    confidence: 'low',
    rows: rolls.unboundOfNewKey(),
    says: /list the new key alone since 2026-11-23 15:00:40 UTC: it trusts the new key, which is good for its users\. How it came to it was not seen\. .* give it the old key alone\.$/,
  },
  {
    why: 'Unbound with both keys in its configuration, through a whole roll',
    rule: 'both-after-revocation',
    confidence: 'medium',
    rows: rolls.unboundStaticBoth(),
    says: /sent the old key revoked at 2026-11-23 15:00:36 UTC, and its key-tag queries still list both keys 20 s later, when the old one is gone \(evidence\)\. So its configuration names both keys, or /,
  },
  {
    why: 'the same before the revocation',
    rule: 'new-before-hold-down',
    confidence: 'low',
    rows: rolls.unboundStaticBoth().filter(({ time }) => time < START + 30_000),
    says: /list both keys at 2026-11-23 15:00:00 UTC, before that key was published at 2026-11-23 15:00:08 UTC: its configuration names that key/,
  },
  {
    why: 'BIND that enters in the pre-publication, and waives the wait',
    rule: 'new-before-hold-down',
    confidence: 'low',
    rows: rolls
      .bindEntersLate()
      .filter(({ time }) => time < START + 30_000)
      .map((row) => ({ ...row, time: row.time - 3000 })),
    says: /at 2026-11-23 15:00:10 UTC, 2 s after that key was published at 2026-11-23 15:00:08 UTC, when nobody can have seen it for the 8 s of this profile: .* as BIND does .*good for its users/,
  },
  {
    why: 'the same, which drops the old key when it is revoked',
    rule: 'dropped-at-revocation',
    confidence: 'high',
    rows: rolls.bindEntersLate(),
    says: /both keys until 2026-11-23 15:00:34 UTC, and the new key alone from 2026-11-23 15:00:37 UTC, when it had been sent the old one revoked at 2026-11-23 15:00:36 UTC: it dropped that by itself\. How it came to the new one was not seen/,
  },
  {
    why: 'no validation, and a client that never goes on from a bogus answer',
    rule: 'follows-or-open',
    confidence: 'low',
    rows: rolls.unvalidatingAskedForKeys(),
    says: /it trusts the new key, or it does not validate\. No key-tag query tells of its keys: .* SERVFAIL means that it validates/,
  },
  {
    why: 'static Unbound from its queries alone',
    rule: 'old-past-hold-down',
    confidence: 'medium',
    rows: rolls.unboundStatic(),
    says: /still listed the old key alone 14 s later, and none lists the new one since \(evidence\)\. So its anchor is static, or waits longer than the 8 s of this profile \(inference\)\./,
  },
  {
    why: 'static Unbound with a client',
    rule: 'old-past-hold-down',
    confidence: 'high',
    rows: rolls.unboundStatic(true),
    says: /clients got answers before the roll and none since/,
  },
  {
    why: 'static BIND that goes silent',
    rule: 'old-past-hold-down',
    confidence: 'medium',
    rows: rolls.bindStatic(),
    says: /anchor is static/,
  },
  {
    why: 'static BIND that goes on to tell',
    rule: 'old-after-roll',
    confidence: 'high',
    rows: rolls.bindStaticThatTells(),
    says: /when the new one alone signs \(evidence\)/,
  },
  {
    why: 'a static anchor that tells rarely, with a client',
    rule: 'stopped-answering',
    confidence: 'medium',
    rows: [
      ...rolls.unboundStatic(true).filter(({ signal, time }) => signal !== 'old' || time < START + 9_000),
    ],
    says: /no answer reached them \(evidence\)/,
  },
  {
    why: 'PowerDNS Recursor',
    rule: 'no-signals',
    confidence: 'medium',
    rows: rolls.powerdns(),
    says: /and CD=0 before and since the roll and sent no key-tag query/,
  },
  {
    why: 'PowerDNS Recursor with a client',
    rule: 'no-signals',
    confidence: 'high',
    rows: rolls.powerdns(true),
    says: /asked 23 times since, and got none: it fails/,
  },
  {
    why: 'no validation',
    rule: 'bogus-answer',
    confidence: 'high',
    rows: rolls.unvalidating(),
    says: /never asked for the keys/,
  },
  {
    why: 'PowerDNS Recursor, and a client that sets CD=1 once',
    rule: 'no-signals',
    confidence: 'high',
    rows: [...rolls.powerdns(true), rolling(MANNERS.powerdns).bogusProof(20, { seq: 999 })],
    says: /it fails/,
  },
  {
    why: 'no validation, without the control',
    rule: 'keys-never-asked',
    confidence: 'medium',
    rows: rolls.unvalidating().filter(({ excluded }) => excluded === ''),
    says: /never asked for the keys that a validator needs/,
  },
  {
    why: 'a validator that gives up validating at the roll',
    rule: 'bogus-since-roll',
    confidence: 'medium',
    rows: (() => {
      const { both, bogus, bogusProof, signal } = validator();
      return [...both, signal(1.1, 'old'), bogus(2), bogus(30), bogusProof(30.1)];
    })(),
    says: /It said at 2026-11-23 15:00:01 UTC, before the roll, that it trusts the old key alone, .*; since 2026-11-23 15:00:30 UTC clients get bogus answers/,
  },
  {
    why: 'answers on an anchor that signs no more',
    rule: 'answers-on-old-key',
    confidence: 'low',
    rows: (() => {
      const { both, live, proof, signal } = validator();
      return [...both, signal(26.1, 'old'), live(30), proof(30.1)];
    })(),
    says: /it lets pass what it cannot validate/,
  },
  {
    why: 'the same, of which a cookie shows that it is no forgery',
    rule: 'answers-on-old-key',
    confidence: 'medium',
    rows: (() => {
      const { both, live, proof, signal } = validator();
      return [...both, signal(26.1, 'old', { cookie: 'valid' }), live(30), proof(30.1)];
    })(),
    says: /it lets pass what it cannot validate/,
  },
  {
    why: 'a client with CD=1 through a validator',
    rule: 'bogus-though-anchor',
    confidence: 'low',
    rows: (() => {
      const { both, bogusProof, signal } = validator();
      return [...both, signal(1.1, 'old'), bogusProof(3)];
    })(),
    says: /the client may have set CD=1/,
  },
  {
    why: 'keys too large at the revoke phase, and TCP closed',
    rule: 'keys-too-large',
    confidence: 'medium',
    rows: (() => {
      const { fetch, signal } = rolling(MANNERS.unbound, RSA_ZONE);
      return [
        fetch(1),
        fetch(9),
        fetch(26),
        signal(26.1, 'old+new'),
        fetch(37, CUT),
        fetch(38, CUT),
        fetch(40, CUT),
      ];
    })(),
    says: /does not fit into the 1232 octets .* TC=1 3 times from .*, in the revocation .*, and no query over TCP followed/,
  },
  {
    why: 'keys that this server held back',
    rule: 'keys-held-back',
    confidence: 'low',
    rows: [37, 38].map((at, seq) => rolling({ edns_udp: 4096 }, RSA_ZONE).fetch(at, { ...CUT, seq })),
    says: /^DNSKEY, 1487 octets, fits into the 4096 that it offers over UDP, but this server held it back: .* TC=1 2 times from .* says nothing of the root/,
  },
  {
    why: 'two resolvers behind one address',
    rule: 'mixed-signals',
    confidence: 'low',
    rows: [
      ...rolls.bindFollows(),
      ...rolls.bindStaticThatTells().map((row) => ({ ...row, seq: row.seq + 1000 })),
    ],
    says: /two resolvers share this address/,
  },
  {
    why: 'before the hold-down is over',
    rule: 'pending',
    confidence: 'medium',
    rows: rolls.unboundFollows().filter(({ time }) => time < START + 12_000),
    until: START + 12_000,
    says: /it has to see the new one for 8 s, until 2026-11-23 15:00:16 UTC/,
  },
  {
    why: 'when the hold-down is over, and the roll has not come',
    rule: 'overdue',
    confidence: 'low',
    rows: rolls.unboundStatic().filter(({ time }) => time < START + 23_000),
    until: START + 23_000,
    says: /Look again after the roll/,
  },
  {
    why: 'signals that anybody can send',
    rule: 'signal-alone',
    confidence: 'low',
    rows: [rolling().signal(26, 'old')],
    says: /anybody can ask for such a name/,
  },
  {
    why: 'an anchor of another zone',
    rule: 'foreign-anchor',
    confidence: 'low',
    rows: (() => {
      const { both, signal } = validator();
      return [...both, signal(1.1, 'other')];
    })(),
    says: /list none of the keys/,
  },
  {
    why: 'a resolver that came after the pre-publication',
    rule: 'too-late',
    confidence: 'low',
    rows: [rolling().fetch(26), rolling().signal(26.1, 'old', { seq: 2 })],
    says: /begin again with a new zone/,
  },
  {
    why: 'nothing after the roll',
    rule: 'too-early',
    confidence: 'low',
    rows: rolls.unboundFollows().filter(({ time }) => time < START + 12_000),
    says: /last seen before the roll/,
  },
  {
    why: 'a validator that was not given the anchor',
    rule: 'no-anchor',
    confidence: 'low',
    rows: (() => {
      const { both, live } = validator();
      return [...both, live(2), live(30)];
    })(),
    says: /perhaps it has no anchor for this zone/,
  },
  {
    why: 'answers after the roll, and nobody asked the control',
    rule: 'follows-or-open',
    confidence: 'low',
    rows: (() => {
      const { both, live, proof, signal } = validator();
      return [...both, signal(1.1, 'old'), live(30), proof(30.1)];
    })(),
    says: /Ask for live\.bogus through it: SERVFAIL means that it validates/,
  },
  {
    why: 'somebody who watches the keys',
    rule: 'silence',
    confidence: 'low',
    rows: [1, 9, 26, 40].map((at, seq) => rolling(MANNERS.powerdns).fetch(at, { seq })),
    says: /absence proves nothing/,
  },
  {
    why: 'keys that did not arrive',
    rule: 'silence',
    confidence: 'low',
    rows: [rolling().fetch(26, { tc: true, action: 'tc' }), rolling().signal(26.1, 'old', { seq: 2 })],
    says: /got no answer with keys yet/,
  },
  {
    why: 'dig',
    rule: 'asked-straight',
    confidence: 'low',
    rows: [rolling({ rd: true }).fetch(1), rolling({ ad: true }).fetch(9, { seq: 2 })],
    says: /as dig does/,
  },
  {
    why: 'a name and no key',
    rule: 'no-keys',
    confidence: 'low',
    rows: [rolling().live(1)],
    says: /not for its keys/,
  },
];

it.each(CASES)('$why: $rule', ({ rule, confidence, rows, until, says }) => {
  const found = judge(rows, until);
  expect({ rule: found.rule, confidence: found.confidence }).toEqual({ rule, confidence });
  expect(found.class).toBe(ROLL_RULES.find(({ name }) => name === rule)!.class);
  expect(found.sentence).toMatch(says);
  const known = new Set(rows.map(({ seq }) => seq));
  expect(found.evidence.length).toBeGreaterThan(0);
  for (const { seq } of found.evidence) expect(known).toContain(seq);
});

it('reaches every rule and every class', () => {
  expect(new Set(CASES.map(({ rule }) => rule))).toEqual(new Set(ROLL_RULES.map(({ name }) => name)));
  expect(new Set(ROLL_RULES.map(({ class: name }) => name))).toEqual(new Set(Object.keys(ROLL_CLASSES)));
});

describe('who lists the new key after the old one', () => {
  const change = (at: number) => {
    const { fetch, signal } = rolling();
    return judge([fetch(1), signal(1.1, 'old'), fetch(9), signal(at, 'old+new'), fetch(26)]);
  };

  it('follows where it waited for the hold-down, give or take the clocks', () => {
    // Published at 8 s, hold-down 8 s; clocks of servers are up to 5 s apart.
    expect(change(11)).toMatchObject({ class: 'FOLLOWS', rule: 'signals-changed' });
    expect(change(10.9)).toMatchObject({ class: 'UNKNOWN', rule: 'new-before-hold-down' });
  });

  it('follows in a zone of which the profile is not known, too', () => {
    const { fetch, signal } = rolling(MANNERS.unbound, ZONE.replace('fast', 'later'));
    const rows = [fetch(1, { phase: 'init' }), signal(1.1, 'old', { phase: 'init' })];
    const more = [fetch(2, { phase: 'prepub' }), signal(2.1, 'old+new', { phase: 'prepub' })];
    expect(judge([...rows, ...more]).class).toBe('FOLLOWS');
  });

  it('waits 30 days in a zone of the calendar', () => {
    const day = 86_400;
    const told = rolling(MANNERS.bind, '2026-11-23.roll.probe.example.');
    const listed = (at: number) => [
      ...[1, 8, 15].flatMap((each) => [told.fetch(each * day), told.signal(each * day + 1, 'old')]),
      ...[told.fetch(at * day), told.signal(at * day + 1, 'old+new')],
    ];
    expect(judge(listed(30), START + 100 * day * 1000).rule).toBe('new-before-hold-down');
    expect(judge(listed(38), START + 100 * day * 1000).rule).toBe('signals-changed');
  });

  it('is asked to look where it keeps the revoked key all the same', () => {
    const rows = rolls
      .bindFollows()
      .map((row) => (row.signal === 'new' ? { ...row, signal: 'old+new' as const } : row));
    expect(judge(rows)).toMatchObject({
      ...{ class: 'FOLLOWS', confidence: 'medium' },
      sentence: expect.stringContaining(
        'At 2026-11-23 15:00:57 UTC it still listed both, although it had been sent the old key revoked: look whether',
      ),
    });
  });
});

describe('who lists both keys from the beginning', () => {
  it('has no static anchor by that where the revoked key was never sent to it', () => {
    const rows = rolls.unboundStaticBoth().filter(({ phase, qtype }) => phase !== 'revoked' || qtype !== 48);
    expect(judge(rows).class).toBe('UNKNOWN');
  });

  it('has none yet in the revocation, when it may still drop the old key', () => {
    const rows = rolls.unboundStaticBoth().filter(({ phase }) => phase !== 'removed');
    expect(judge(rows).class).toBe('UNKNOWN');
  });

  it('does not follow by that where it drops the old key before that was revoked: somebody changed its configuration', () => {
    const rows = rolls
      .bindEntersLate()
      .map((row) =>
        row.signal !== '' && row.time > START + 30_000 ? { ...row, signal: 'new' as const } : row,
      );
    expect(judge(rows)).toMatchObject({ class: 'UNKNOWN', rule: 'change-unseen' });
  });

  it('shares its address where both come again after the new key alone', () => {
    const { fetch, signal } = rolling();
    const more = [fetch(45.5), signal(45.6, 'old+new')].map((row) => ({ ...row, seq: row.seq + 1000 }));
    expect(judge([...rolls.bindEntersLate(), ...more])).toMatchObject({
      rule: 'mixed-signals',
      sentence: expect.stringMatching(
        /listed the new key alone at .*, and both keys again at .*: two resolvers/,
      ),
    });
  });
});

it('takes no resolver for one that stopped validating by what clients did not ask for', () => {
  const { both, live, proof, bogus, bogusProof } = validator();
  const rows = [...both, live(2), proof(2.1), bogus(3), bogus(30), bogusProof(30.1)];
  expect(judge(rows).class).toBe('NOT_VALIDATING');
});

it('tells when a follower listed the new key and dropped the old one', () => {
  expect(judge(rolls.unboundFollows())).toMatchObject({
    source: SOURCE,
    zone: ZONE,
    profile: 'fast',
    roll_at: START,
    last_signal: 'new',
    new_listed_at: START + 17_110,
    old_dropped_at: START + 37_110,
    neighbors: 0,
    advice: null,
  });
});

it('counts by phase what it did, and tells it', () => {
  const { phases } = judge(rolls.unboundFollows(true));
  expect(phases.map(({ phase }) => phase)).toEqual(['init', 'prepub', 'rolled', 'revoked', 'removed']);
  expect(phases[1]).toMatchObject({
    ...{ fetches: 16, tcp: 0, truncated: 0, edns: [1232], cd: 16, gap_ms: 1000 },
    ...{ signals: { old: 18, 'old+new': 14 }, asked: 8, proofs: 8 },
  });
  expect(phases[1]!.sentence).toBe(
    'It fetched DNSKEY 16 times (EDNS 1232, CD=1, about every 1 s). 18 key-tag queries list the old key alone. 14 key-tag queries list both keys. Clients asked 8 times, and 8 answers are known to have reached them.',
  );
});

describe('keys that are too large', () => {
  const base = (manner: Partial<Observation> = MANNERS.unbound) => {
    const told = rolling(manner, RSA_ZONE);
    const rows = [
      told.fetch(26),
      told.signal(26.1, 'old+new'),
      told.proof(27),
      told.fetch(37, CUT),
      told.fetch(38, CUT),
    ];
    return { told, rows };
  };

  it('are a failure, whatever came before', () => {
    expect(judge(base().rows)).toMatchObject({ class: 'TRANSPORT_FAILED', confidence: 'medium' });
  });

  it.each([
    { why: 'it goes on over TCP', more: (told: rolls.Rolling) => told.fetch(38.1, { proto: 'tcp' }) },
    { why: 'it offers more over UDP', more: (told: rolls.Rolling) => told.fetch(38.1, { edns_udp: 4096 }) },
    {
      why: 'it lists the new key later',
      more: (told: rolls.Rolling) => told.signal(49, 'new'),
    },
    { why: 'clients get answers later', more: (told: rolls.Rolling) => told.proof(45) },
    {
      why: 'a neighbor goes on over TCP',
      more: (told: rolls.Rolling) => told.fetch(38.1, { proto: 'tcp', src: '203.0.113.99' }),
    },
  ])('are none where $why', ({ more }) => {
    const { told, rows } = base();
    const found = judgeKeyRolls([...rows, more(told)], AFTER).find(({ source }) => source === SOURCE);
    expect(found?.class).not.toBe('TRANSPORT_FAILED');
  });

  it('are none where the answer would have fitted into what was offered, urgent to nobody', () => {
    const { rows } = base({ ...MANNERS.unbound, edns_udp: 4096 });
    const held = judge(rows.filter(({ behavior }) => behavior !== 'telemetry'));
    expect(held).toMatchObject({ class: 'UNKNOWN', advice: expect.stringContaining('over TCP') });
    expect(ROLL_CLASSES[held.class].isUrgent).toBe(false);
  });

  it('are one where the same resolver was cut short by this server before', () => {
    const { told, rows } = base();
    const early = [told.fetch(27.5, CUT), told.fetch(28, CUT)];
    expect(judge([...rows, ...early]).class).toBe('TRANSPORT_FAILED');
  });

  it('are one only by answers of which the octets are known', () => {
    const { rows } = base();
    const unknown = rows.map((row) => ({
      ...row,
      zone: row.zone.replace('fast', 'later'),
      qname: row.qname.replace('fast', 'later'),
    }));
    expect(judge(unknown).class).not.toBe('TRANSPORT_FAILED');
  });

  it('are none yet when TCP may still come', () => {
    expect(judge(base().rows, START + 40_000).class).not.toBe('TRANSPORT_FAILED');
  });
});

it('mentions neighbors, and judges each by itself', () => {
  const other = rolls.bindStatic().map((row) => ({ ...row, src: '203.0.113.99', seq: row.seq + 1000 }));
  const found = judgeKeyRolls([...rolls.unboundFollows(), ...other], AFTER);
  expect(found.map(({ class: name, neighbors }) => [name, neighbors])).toEqual([
    ['FOLLOWS', 1],
    ['STATIC_ANCHOR', 1],
  ]);
});

it('names the trap of BIND where it looks like BIND', () => {
  const rows = rolls.bindStatic().map((row, at) => ({ ...row, cookie_instance: at }));
  expect(judge(rows)).toMatchObject({
    software: 'bind',
    advice: expect.stringContaining('dnssec-validation auto;'),
  });
});

it('takes each hour of a zone that rolls without end for a roll of its own', () => {
  const told = rolling(MANNERS.bind, 'hour.roll.probe.example.');
  const rows = [told.fetch(1), told.signal(2, 'old'), told.fetch(3601), told.signal(3602, 'old')];
  const found = judgeKeyRolls(rows, START + 3_700_000);
  expect(found.map(({ roll_at, profile }) => [roll_at, profile])).toEqual([
    [START, 'hour'],
    [START + 3_600_000, 'hour'],
  ]);
});

it('waits 30 days in a zone of the calendar', () => {
  const zone = '2026-11-23.roll.probe.example.';
  const day = 86_400;
  const told = rolling(MANNERS.unbound, zone);
  const rows = [0, 8, 20, 30].flatMap((at) => [told.fetch(at * day), told.signal(at * day + 1, 'old')]);
  expect(judge(rows, START + 30 * day * 1000).class).toBe('HOLDS');
  const more = [...rows, told.fetch(50 * day), told.signal(50 * day + 1, 'old')];
  expect(judge(more, START + 51 * day * 1000)).toMatchObject({
    class: 'STATIC_ANCHOR',
    rule: 'old-after-roll',
  });
});
