import { describe, expect, it } from 'vitest';
import type { Observation } from '../../src/observe/observation.ts';
import { OVERLAYS, type Overlay, type OverlayKind } from '../../src/observe/overlay.ts';
import { groupTrials } from '../../src/observe/trial.ts';
import { classify } from '../../src/observe/verdict.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';

const ROUTER = '198.51.100.1';
const OVER_IPV6 = { src: OTHER, ip_version: 6 } as const;
const TOO_BIG_6 = { icmp_type: 2, icmp_code: 0, icmp_mtu: 1280, icmp_from: '2001:db8:1::1' };
const REASSEMBLY = { icmp_type: 11, icmp_code: 1, icmp_from: SOURCE };

interface Sample {
  readonly title: string;
  readonly expect: OverlayKind;
  readonly octets?: number;
  readonly sentence: RegExp;
  /** Sequence numbers of the rows that show it. */
  readonly evidence: readonly number[];
  tell(): Observation[];
}

const SAMPLES: readonly Sample[] = [
  {
    title: 'a router names the MTU and who it is',
    expect: 'ptb',
    octets: 1400,
    sentence: /^198\.51\.100\.1 \(ICMP\) says that packets above 1400 octets do not fit\.$/,
    evidence: [2],
    tell() {
      const { udp, error } = story({ size: 1472 });
      const sent = udp(0, 1, { arm: 'df' });
      return [sent, error(0.01, sent, { icmp_mtu: 1400 })];
    },
  },
  {
    title: 'several routers: the smallest MTU counts, one row for each answer',
    expect: 'ptb',
    octets: 1280,
    sentence: /^192\.0\.2\.254 .* above 1280 /,
    evidence: [3, 5],
    tell() {
      const { udp, error } = story({ size: 1472 });
      const first = udp(0, 1, { arm: 'df' });
      const errors = [
        error(0.01, first, { icmp_mtu: 1400 }),
        error(0.02, first, { icmp_mtu: 1280, icmp_from: '192.0.2.254' }),
      ];
      const second = udp(1, 2, { arm: 'df', src_port: 40_001 });
      return [first, ...errors, second, error(1.01, second, { icmp_mtu: 1400 })];
    },
  },
  {
    title: 'a router that names no MTU, nor itself',
    expect: 'ptb',
    sentence: /^Somebody \(ICMP\) says that a packet was too big, and not how much fits\.$/,
    evidence: [2],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 1);
      return [sent, error(0.01, sent, { icmp_from: null })];
    },
  },
  {
    title: 'the first loss over IPv6 taught the MTU, and the next answer arrived',
    expect: 'ptb-learning',
    octets: 1280,
    sentence: /above 1280 octets do not fit\. A later answer arrived/,
    evidence: [2],
    tell() {
      const { udp, error, receipt } = story({ size: 1400 });
      const lost = udp(0, 1, OVER_IPV6);
      const told = error(0.01, lost, TOO_BIG_6);
      const sent = udp(0.8, 2, { ...OVER_IPV6, src_port: 40_001, fragments: 2, path_mtu: 1280 });
      return [lost, told, sent, receipt(0.9, sent)];
    },
  },
  {
    title: 'an MTU that this server knew of taught nothing',
    expect: 'ptb',
    octets: 1280,
    sentence: /above 1280 octets do not fit\.$/,
    evidence: [2],
    tell() {
      const { udp, error, receipt } = story({ size: 1400 });
      const lost = udp(0, 1, { ...OVER_IPV6, path_mtu: 1280 });
      const told = error(0.01, lost, TOO_BIG_6);
      const sent = udp(0.8, 2, { ...OVER_IPV6, src_port: 40_001 });
      return [lost, told, sent, receipt(0.9, sent)];
    },
  },
  {
    title: 'the resolver gave up waiting for fragments',
    expect: 'reassembly',
    sentence: /^203\.0\.113\.7 \(ICMP\) says that it waited in vain for fragments/,
    evidence: [2],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 1);
      return [sent, error(30, sent, REASSEMBLY)];
    },
  },
  {
    title: 'a filter says no',
    expect: 'prohibited',
    sentence: /^198\.51\.100\.1 \(ICMP\) says that a filter forbids an answer\.$/,
    evidence: [2],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 1);
      return [sent, error(0.01, sent, { icmp_code: 13 })];
    },
  },
  {
    title: 'a closed port after another answer had arrived',
    expect: 'port-unreachable',
    sentence: /it had another by then/,
    evidence: [4],
    tell() {
      const { udp, error, receipt } = story();
      const sent = udp(0, 1);
      const late = udp(0.5, 2, { src_port: 40_001 });
      return [sent, receipt(0.1, sent), late, error(0.51, late, { icmp_code: 3, icmp_from: SOURCE })];
    },
  },
  {
    title: 'a closed port and no receipt',
    expect: 'port-unreachable',
    sentence: /Without a receipt that proves nothing/,
    evidence: [2],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 1);
      return [sent, error(0.01, sent, { icmp_code: 3, icmp_from: SOURCE })];
    },
  },
  {
    title: 'after a timeout the largest size that had arrived before, then the configured one again',
    expect: 'edns-echo',
    octets: 927,
    sentence: /^After a timeout it offered EDNS 927, as BIND does/,
    evidence: [2],
    tell() {
      const { udp, tc } = story();
      return [udp(0, 1), tc(0.8, { edns_udp: 927 }), udp(2.4, 2)];
    },
  },
  {
    title: 'two addresses of one IP version',
    expect: 'farm',
    sentence: /^3 addresses in 3 networks took part\.$/,
    evidence: [1, 2, 3],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.1, 1, { src: '198.51.100.53' }), udp(1, 2, OVER_IPV6)];
    },
  },
];

function overlaysOf(rows: readonly Observation[]): readonly Overlay[] {
  const [trial, ...others] = groupTrials(rows);
  expect(others).toEqual([]);
  return trial === undefined ? [] : classify(trial, START + 3_600_000).overlays;
}

describe.each(SAMPLES)('$title', ({ expect: kind, octets = null, sentence, evidence, tell }) => {
  it(`is ${kind}`, () => {
    const [overlay, ...others] = overlaysOf(tell());
    expect(others).toEqual([]);
    expect(overlay).toMatchObject({ kind, octets, sentence: expect.stringMatching(sentence) });
    expect(overlay?.evidence.map(({ seq }) => seq).sort()).toEqual(evidence);
  });
});

it('every kind has a sample', () => {
  expect([...new Set(SAMPLES.map((each) => each.expect))].sort()).toEqual(
    OVERLAYS.map(({ name }) => name).sort(),
  );
});

it.each([
  { why: 'what Unbound falls back to', sizes: [4096, 1472, 4096] },
  { why: 'no more than everybody takes', sizes: [1232, 512, 1232] },
  { why: 'a size that it keeps', sizes: [4096, 1400, 1400] },
  { why: 'a first try after another', sizes: [927, 1232, 1232] },
])('takes $why for no echo: EDNS $sizes', ({ sizes }) => {
  const { udp } = story();
  expect(overlaysOf(sizes.map((edns_udp, at) => udp(at, at, { edns_udp })))).toEqual([]);
});

it('takes a smaller EDNS size in the same moment, or after an arrival, for no echo', () => {
  const { udp, receipt } = story();
  const smaller = { edns_udp: 927 };
  expect(overlaysOf([udp(0, 1), udp(0.1, 2, smaller)])).toEqual([]);
  const sent = udp(0, 3);
  expect(overlaysOf([sent, receipt(0.05, sent), udp(0.8, 4, smaller)])).toEqual([]);
});

it('takes one resolver with an address of each IP version for no farm', () => {
  const { gate, udp } = story();
  expect(overlaysOf([gate(0), udp(0.1, 1, OVER_IPV6)])).toEqual([]);
});

it('taught nothing over IPv4 without DF, where routers cut by themselves', () => {
  const { udp, error, receipt } = story({ size: 1472 });
  const lost = udp(0, 1);
  const sent = udp(0.8, 2, { src_port: 40_001 });
  const rows = [lost, error(0.01, lost, { icmp_mtu: 1400 }), sent, receipt(0.9, sent)];
  expect(overlaysOf(rows).map(({ kind }) => kind)).toEqual(['ptb']);
});

it('says each in plain sentences', () => {
  for (const { tell } of SAMPLES)
    for (const { sentence } of overlaysOf(tell())) expect(sentence).toMatch(/^[A-Z\d][\x20-\x7e]{20,180}\.$/);
});

it('names the sender of none that this file does not know, and keeps such an error in the trial', () => {
  const { udp, error } = story();
  const sent = udp(0, 1);
  const rows = [sent, error(0.01, sent, { icmp_code: 7, icmp_from: ROUTER })];
  expect(overlaysOf(rows)).toEqual([]);
  expect(groupTrials(rows)[0]?.pathEvents).toEqual([rows[1]]);
});
