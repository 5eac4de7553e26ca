import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { classify, type Verdict } from '../../src/observe/verdict.ts';
import { VERDICT_CLASSES, type VerdictClass } from '../../src/observe/verdict-class.ts';
import { RULES } from '../../src/observe/verdict-rules.ts';
import { OTHER, RUN, SOURCE, START, story } from './rows.ts';

const MUCH_LATER = START + 3_600_000;

interface Story {
  readonly title: string;
  readonly expect: VerdictClass;
  readonly via?: Verdict['via'];
  readonly sources?: readonly string[];
  readonly about?: readonly string[];
  readonly lostBy?: string;
  readonly firstLost?: boolean;
  /** Sequence numbers of the rows that decide. */
  readonly evidence: readonly number[];
  readonly observedUntil?: number;
  tell(): Observation[];
}

const STORIES: readonly Story[] = [
  {
    title: 'the receipt of a one-packet UDP answer came back',
    expect: 'UDP_OK_WHOLE',
    via: 'whole',
    sources: [SOURCE],
    evidence: [2, 3],
    tell() {
      const { gate, udp, receipt } = story({ size: 1232 });
      const first = gate(0);
      const sent = udp(0.1, 7);
      return [first, sent, receipt(0.2, sent)];
    },
  },
  {
    title: 'the receipt of a UDP answer in three fragments came back',
    expect: 'UDP_OK_FRAG',
    via: 'fragments',
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(0, 7);
      return [sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'where the number of packets is unknown, an Ethernet link decides',
    expect: 'UDP_OK_FRAG',
    via: 'fragments',
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story({ size: 1473 });
      const sent = udp(0, 7, { fragments: 0 });
      return [sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'the row of the measured answer is missing, its own receipt is not',
    expect: 'UDP_OK_FRAG',
    via: 'fragments',
    sources: [SOURCE],
    evidence: [2],
    tell() {
      const { udp, receipt } = story();
      return [receipt(0.1, udp(0, 7))];
    },
  },
  {
    title: 'only the second try with the same EDNS size came back',
    expect: 'UDP_OK_RETRY',
    via: 'fragments',
    firstLost: true,
    evidence: [1, 2, 3],
    tell() {
      const { udp, receipt } = story();
      const lost = udp(0, 7);
      const sent = udp(0.8, 8);
      return [lost, sent, receipt(0.9, sent)];
    },
  },
  {
    title: 'lost with EDNS 4096, told TC=1 with EDNS 512, got it over TCP',
    expect: 'UDP_OK_SMALLER',
    via: 'tcp',
    firstLost: true,
    evidence: [1, 2, 3, 4],
    tell() {
      const { udp, tc, tcp, receipt } = story();
      const lost = udp(0, 7);
      const truncated = tc(0.8, { edns_udp: 512 });
      const sent = tcp(0.9, 8);
      return [lost, truncated, sent, receipt(1, sent)];
    },
  },
  {
    title: 'TC=1, then the receipt of the TCP answer came back',
    expect: 'TC_TCP_OK',
    via: 'tcp',
    firstLost: false,
    evidence: [1, 2, 3],
    tell() {
      const { tc, tcp, receipt } = story();
      const truncated = tc(0);
      const sent = tcp(0.1, 8);
      return [truncated, sent, receipt(0.2, sent)];
    },
  },
  {
    title: 'no TC=1 was sent, and it asked over TCP by itself after the loss',
    expect: 'LOSS_TCP_OK',
    via: 'tcp',
    firstLost: true,
    evidence: [1, 3, 4],
    tell() {
      const { udp, tcp, receipt } = story();
      const lost = udp(0, 7);
      const again = udp(0.4, 8);
      const sent = tcp(0.8, 9);
      return [lost, again, sent, receipt(0.9, sent)];
    },
  },
  {
    title: 'TC=1 once, and then nothing for more than a minute: the TC answer may be what got lost',
    expect: 'SILENT',
    via: null,
    evidence: [1],
    tell: () => [story().tc(0)],
  },
  {
    title: 'TC=1, asked again over UDP, never over TCP',
    expect: 'TC_NO_TCP',
    via: null,
    evidence: [1],
    tell() {
      const { tc } = story();
      return [tc(0), tc(3)];
    },
  },
  {
    title: 'TC=1 for A and AAAA of one moment is no retry',
    expect: 'SILENT',
    evidence: [1, 2],
    tell() {
      const { tc } = story();
      return [tc(0, { qtype: 1 }), tc(0.01, { qtype: 28 })];
    },
  },
  {
    title: 'TC=1 whose cookie came back, never asked over TCP',
    expect: 'TC_NO_TCP',
    evidence: [1, 2],
    tell() {
      const { tc, other } = story();
      return [tc(0, { instance: 7 }), other(2, { cookie: 'valid', cookie_instance: 7 })];
    },
  },
  {
    title: 'TC=1 again and again while this server closed its TCP connections: our doing',
    expect: 'EXCLUDED',
    evidence: [1, 2, 3],
    tell() {
      const { tc, other } = story();
      const refused = { action: 'drop', excluded: 'budget', proto: 'tcp', qname: '', res_len: 0 } as const;
      return [tc(0), other(0.1, refused), tc(3)];
    },
  },
  {
    title: 'the loser and the winner of one run are both named, each for its part',
    expect: 'LOSS_TCP_OK',
    via: 'tcp',
    sources: [OTHER, SOURCE],
    about: [OTHER],
    lostBy: SOURCE,
    firstLost: true,
    evidence: [1, 4, 5],
    tell() {
      const { udp, tcp, receipt } = story();
      const lost = [udp(0, 1), udp(0.8, 2), udp(1.6, 3)];
      const sent = tcp(2, 4, { src: OTHER });
      return [...lost, sent, receipt(2.1, sent)];
    },
  },
  {
    title: 'silent once, while a bystander asked twice: only the bystander failed',
    expect: 'LOSS_RETRY_FAIL',
    sources: ['198.51.100.66', SOURCE],
    about: ['198.51.100.66'],
    evidence: [2, 3],
    tell() {
      const { udp } = story();
      const bystander = { src: '198.51.100.66' };
      return [udp(0, 1), udp(1, 2, bystander), udp(2, 3, bystander)];
    },
  },
  {
    title: 'two networks asked once each, nothing came back',
    expect: 'INDETERMINATE',
    evidence: [1, 2],
    tell() {
      const { udp } = story();
      return [udp(0, 1), udp(1, 2, { src: OTHER, ip_version: 6 })];
    },
  },
  {
    title: 'a farm asked again from the same network',
    expect: 'LOSS_RETRY_FAIL',
    evidence: [1, 2],
    tell() {
      const { udp } = story();
      return [udp(0, 1), udp(1, 2, { src: '203.0.113.8' })];
    },
  },
  {
    title: 'A, AAAA and TXT at once, one receipt: nothing was lost',
    expect: 'UDP_OK_FRAG',
    via: 'fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { udp, receipt } = story();
      const [a, aaaa, txt] = [udp(0, 1, { qtype: 1 }), udp(0.01, 2, { qtype: 28 }), udp(0.02, 3)];
      return [a, aaaa, txt, receipt(0.1, txt)];
    },
  },
  {
    title: 'A, AAAA and TXT at once, no receipt: silent, not asked again',
    expect: 'SILENT',
    evidence: [1, 2, 3],
    tell() {
      const { udp } = story();
      return [udp(0, 1, { qtype: 1 }), udp(0.01, 2, { qtype: 28 }), udp(0.02, 3)];
    },
  },
  {
    title: 'over TCP first, then lost over UDP: that loss did not lead to TCP',
    expect: 'TCP_DIRECT',
    via: 'tcp',
    firstLost: true,
    evidence: [1, 2],
    tell() {
      const { tcp, udp, receipt } = story();
      const sent = tcp(0, 1);
      return [sent, receipt(0.1, sent), udp(1, 2), udp(2, 3)];
    },
  },
  {
    title: 'withheld over UDP, arrived over TCP',
    expect: 'EXCLUDED',
    via: 'tcp',
    evidence: [2, 3],
    tell() {
      const { tcp, tc, receipt } = story();
      const withheld = tc(0, { edns_udp: 4096, excluded: 'budget' });
      const sent = tcp(0.1, 1);
      return [withheld, sent, receipt(0.2, sent)];
    },
  },
  {
    title: 'its receipt came for the first time after the window',
    expect: 'INDETERMINATE',
    firstLost: false,
    evidence: [1, 2, 3],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(0, 7);
      return [sent, udp(1, 8), receipt(90, sent, { relation: 'replay' })];
    },
  },
  {
    title: 'TC=1 twenty seconds ago: too early',
    expect: 'INDETERMINATE',
    evidence: [1],
    observedUntil: START + 20_000,
    tell: () => [story().tc(0)],
  },
  {
    title: 'asked again over UDP, nothing came back',
    expect: 'LOSS_RETRY_FAIL',
    firstLost: true,
    evidence: [2, 3],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.1, 7), udp(0.9, 8)];
    },
  },
  {
    title: 'sent once, nothing came back',
    expect: 'SILENT',
    evidence: [2],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.1, 7)];
    },
  },
  {
    title: 'asked over TCP at once',
    expect: 'TCP_DIRECT',
    via: 'tcp',
    evidence: [1, 2],
    tell() {
      const { tcp, receipt } = story();
      const sent = tcp(0, 7);
      return [sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'TC=1, TCP answered, no sign of arrival',
    expect: 'INDETERMINATE',
    evidence: [2],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7)];
    },
  },
  {
    title: 'the gate was asked and not followed',
    expect: 'INDETERMINATE',
    sources: [SOURCE],
    evidence: [1],
    tell: () => [story().gate(0)],
  },
  {
    title: 'all answers were withheld for want of proof',
    expect: 'EXCLUDED',
    evidence: [1],
    tell: () => [story().tc(0, { proof: 'none' })],
  },
  {
    title: 'all answers were withheld because the budget was spent',
    expect: 'EXCLUDED',
    evidence: [1],
    tell: () => [story().tc(0, { edns_udp: 4096, excluded: 'budget' })],
  },
  {
    title: 'the gate was asked from too many prefixes',
    expect: 'EXCLUDED',
    evidence: [1, 2],
    tell() {
      const { gate } = story();
      return [gate(0), gate(0.1, { tc: true, excluded: 'gate' })];
    },
  },
  {
    title: 'the size could not be made, although the other size arrived',
    expect: 'EXCLUDED',
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story({ size: 512 });
      const sent = udp(0, 7, { res_len: 640, size_miss: true });
      return [sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'a part of the answers was withheld: the silence may be our doing',
    expect: 'EXCLUDED',
    evidence: [1, 2, 3],
    tell() {
      const { udp, tc } = story();
      return [udp(0, 7), udp(0.8, 8), tc(1.6, { proof: 'none' })];
    },
  },
  {
    title: 'the receipt was asked over the other family, which asked the gate of the same run',
    expect: 'UDP_OK_FRAG',
    via: 'fragments',
    sources: [OTHER, SOURCE],
    about: [SOURCE],
    evidence: [2, 3],
    tell() {
      const { gate, udp, receipt } = story();
      const first = gate(0, { src: OTHER, ip_version: 6 });
      const sent = udp(0.1, 7);
      return [first, sent, receipt(0.2, sent, { src: OTHER, ip_version: 6, relation: 'relayed' })];
    },
  },
  {
    title: 'the receipt was relayed by an address that the run does not know',
    expect: 'INDETERMINATE',
    via: null,
    sources: [SOURCE],
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(0, 7);
      return [sent, receipt(0.2, sent, { src: '198.51.100.66', relation: 'relayed' })];
    },
  },
  {
    title: 'a relayed receipt without a run credits nobody',
    expect: 'INDETERMINATE',
    firstLost: false,
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story({ run: '' });
      const sent = udp(0.1, 7);
      return [sent, receipt(0.2, sent, { src: OTHER, relation: 'relayed' })];
    },
  },
  {
    title: 'a replay after the window is no arrival, but no silence either',
    expect: 'INDETERMINATE',
    via: null,
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(0, 7);
      return [sent, receipt(900, sent, { relation: 'replay' })];
    },
  },
  {
    title: 'no receipt, but the server cookie of the answer came back with the next query',
    expect: 'UDP_OK_FRAG',
    via: 'fragments',
    evidence: [1, 2],
    tell() {
      const { udp, other } = story();
      return [udp(0, 0x0500_0007), other(2, { cookie: 'valid', cookie_instance: 7 })];
    },
  },
  {
    title: 'a cookie of another source proves nothing',
    expect: 'SILENT',
    evidence: [1],
    tell() {
      const { udp, other } = story();
      return [udp(0, 7), other(2, { src: OTHER, cookie: 'valid', cookie_instance: 7 })];
    },
  },
  {
    title: 'a cookie seen before the answer left proves nothing',
    expect: 'SILENT',
    evidence: [2],
    tell() {
      const { udp, other } = story();
      return [other(-2, { cookie: 'valid', cookie_instance: 7 }), udp(0, 7)];
    },
  },
  {
    title: 'the answer carried no receipt',
    expect: 'INDETERMINATE',
    evidence: [1],
    tell: () => [story().udp(0, 0, { instance: null })],
  },
];

function verdictsOf(rows: readonly Observation[], observedUntil = MUCH_LATER): Verdict[] {
  return groupTrials(rows).map((trial) => classify(trial, observedUntil));
}

describe.each(STORIES)(
  '$title',
  ({ expect: name, via, sources, about, lostBy, firstLost, evidence, observedUntil, tell }) => {
    it(`is ${name}`, () => {
      const [verdict, ...others] = verdictsOf(tell(), observedUntil);
      expect(others).toEqual([]);
      expect(verdict).toMatchObject({
        class: name,
        outcome: VERDICT_CLASSES[name].outcome,
        rule_version: 2,
        ...(via !== undefined && { via }),
        ...(sources && { sources }),
        ...(about && { about }),
        ...(lostBy !== undefined && { lost_by: lostBy }),
        ...(firstLost !== undefined && { first_lost: firstLost }),
      });
      expect(verdict?.evidence.map(({ seq }) => seq).sort()).toEqual(evidence);
    });
  },
);

it('gives the same verdicts in any order of arrival, also with other trials among the rows', () => {
  const told = STORIES.filter(({ observedUntil }) => observedUntil === undefined);
  const rows = told.flatMap(({ tell }, at) =>
    tell().map((row) => ({
      ...row,
      node: `ns${at}`,
      run: row.run === '' ? '' : at.toString(16).padStart(12, '0'),
    })),
  );
  const inOrder = verdictsOf(rows);
  expect(inOrder.length).toBeGreaterThan(STORIES.length / 2);
  fc.assert(
    fc.property(fc.shuffledSubarray(rows, { minLength: rows.length }), (shuffled) => {
      expect(verdictsOf(shuffled)).toEqual(inOrder);
    }),
    { numRuns: 50 },
  );
});

it('tells every class but the two that need TCP_INFO', () => {
  const told = new Set(STORIES.map((each) => each.expect));
  const untold = Object.keys(VERDICT_CLASSES).filter((name) => !told.has(name as VerdictClass));
  expect(untold).toEqual(['TC_TCP_STALL', 'TC_TCP_BROKEN']);
  const ruled = new Set<string>(RULES.map((rule) => rule.class));
  expect(Object.keys(VERDICT_CLASSES).filter((name) => !ruled.has(name))).toEqual(untold);
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
