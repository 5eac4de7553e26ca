/** Hasty: stories of queries that follow each other within a moment; some are retries, others come from two users or from parallel questions. */
import type { Observation } from '../../src/observe/observation.ts';
import { NEIGHBOR, OTHER, SOURCE, story } from './rows.ts';
import type { Story } from './stories.ts';

const A = { qtype: 1 };
const AAAA = { qtype: 28 };

export const HASTY: readonly Story[] = [
  {
    title: 'asked again after 50 ms on a path of 2: an arrival would have shown itself by then',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [2, 3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, lost, sent] = [gate(0), udp(0.002, 1), udp(0.052, 2)];
      return [opening, lost, sent, receipt(1, sent)];
    },
  },
  {
    title: 'asked again after 50 ms, and the receipt alone shows a path of 2',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [1, 2, 3],
    tell() {
      const { udp, receipt } = story();
      const [lost, sent] = [udp(0, 1), udp(0.05, 2)];
      return [lost, sent, receipt(0.052, sent)];
    },
  },
  {
    title: 'asked again and again every 25 ms, as Knot Resolver does: two were lost',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [2, 3, 4, 5],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, lost, again, sent] = [gate(0), udp(0.001, 1), udp(0.026, 2), udp(0.051, 3)];
      return [opening, lost, again, sent, receipt(0.052, sent)];
    },
  },
  {
    title: 'asked again after 25 ms on a path of 1, and nothing ever came',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-retries',
    firstLost: true,
    evidence: [2, 3],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.001, 1), udp(0.026, 2)];
    },
  },
  {
    title: 'asked twice, 50 ms apart, on a path of 30: the second question was under way',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, first, sent] = [gate(0), udp(0.03, 1), udp(0.08, 2)];
      return [opening, first, sent, receipt(0.11, sent)];
    },
  },
  {
    title: 'asked twice, 4 ms apart, on a path that takes no time: two users',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, first, sent] = [gate(0), udp(0, 1), udp(0.004, 2)];
      return [opening, first, sent, receipt(0.004, sent)];
    },
  },
  {
    title: 'asked twice, 150 ms apart, on a path of unknown length',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [2, 3],
    tell() {
      const { udp, receipt } = story();
      const [first, sent] = [udp(0, 1), udp(0.15, 2)];
      return [first, sent, receipt(0.4, sent)];
    },
  },
  {
    title: 'an opening that somebody asked for by chance does not shorten the path of who came with a cookie',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const cookie = { proof: 'cookie' } as const;
      const [opening, first, sent] = [gate(0), udp(0.001, 1, cookie), udp(0.05, 2, cookie)];
      return [opening, first, sent, receipt(0.09, sent)];
    },
  },
  {
    title: 'asked again with a smaller EDNS size, as Unbound does, on a path of unknown length',
    expect: 'UDP_OK_SMALLER',
    rule: 'udp-smaller',
    firstLost: true,
    evidence: [1, 2, 3],
    tell() {
      const { udp, receipt } = story({ size: 1400 });
      const [lost, sent] = [udp(0, 1), udp(0.05, 2, { edns_udp: 1472 })];
      return [lost, sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'went over to TCP without TC=1, and got another TYPE over UDP at last',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [1, 3, 4],
    tell() {
      const { udp, tcp, receipt } = story();
      const [lost, stream, sent] = [udp(0, 1, A), tcp(0.02, 2, A), udp(0.03, 3)];
      return [lost, stream, sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'went over to TCP because of TC=1 on another question: that is no sign of a loss',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [4, 5],
    tell() {
      const { udp, tc, tcp, receipt } = story();
      const [truncated, first, stream, sent] = [tc(0, A), udp(0.01, 1, A), tcp(0.02, 2, A), udp(0.03, 3)];
      return [truncated, first, stream, sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'asked for A twice on the way to TXT: the first of them was lost',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [2, 4, 5],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, lost, again, sent] = [gate(0), udp(0.001, 1, A), udp(0.051, 2, A), udp(0.053, 3)];
      return [opening, lost, again, sent, receipt(0.055, sent)];
    },
  },
  {
    title:
      'asked for A twice on the way to TXT, 400 ms apart on a path of unknown length: no moment is so long',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [1, 3, 4],
    tell() {
      const { udp, receipt } = story();
      const [lost, again, sent] = [udp(0, 1, A), udp(0.4, 2, A), udp(0.402, 3)];
      return [lost, again, sent, receipt(0.8, sent)];
    },
  },
  {
    title: 'asked for TXT 50 ms after A: who waits a while for what it wants has lost nothing',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, a, txt] = [gate(0), udp(0.001, 1, A), udp(0.051, 2)];
      return [opening, a, txt, receipt(0.053, txt)];
    },
  },
  {
    title: 'asked for A on the way to TXT, and so for a second user: minimization loses nothing',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, a, txt] = [gate(0), udp(0.001, 1, A), udp(0.003, 2)];
      const first = receipt(0.005, txt);
      const [laterA, laterTxt] = [udp(30, 3, A), udp(30.002, 4)];
      return [opening, a, txt, first, laterA, laterTxt, receipt(30.004, laterTxt)];
    },
  },
  {
    title: 'asked for A on the way to TXT, which got lost, and all again: only TXT was lost',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [3, 5, 6],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, a, lost] = [gate(0), udp(0.001, 1, A), udp(0.003, 2)];
      const [laterA, sent] = [udp(1, 3, A), udp(1.002, 4)];
      return [opening, a, lost, laterA, sent, receipt(1.004, sent)];
    },
  },
  {
    title: 'goes on with the receipt of A when a user asks for TXT, twice: PowerDNS asks anew for each TYPE',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [2, 3],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, a] = [gate(0), udp(0.001, 1, A)];
      return [opening, a, receipt(0.003, a), udp(5, 2), udp(5.05, 3)];
    },
  },
  {
    title: 'a second user asks when the answer had arrived: what is shown once is not lost',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [2, 3],
    tell() {
      const { gate, udp, receipt } = story();
      const [opening, sent] = [gate(0), udp(0.001, 1)];
      return [opening, sent, receipt(0.003, sent), udp(0.02, 2), udp(0.06, 3)];
    },
  },
  {
    title: 'two servers are asked at once, and the first answer wins',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell() {
      const { gate, udp, receipt } = story();
      const ns2 = { node: 'ns2', dst: '192.0.2.2' };
      const [opening, first, sent] = [gate(0), udp(0.02, 1), udp(0.021, 2, ns2)];
      return [opening, first, sent, receipt(0.023, sent, ns2)];
    },
  },
  {
    title: 'another server is asked 50 ms later, and nothing tells how far apart the clocks are',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell: () => elsewhereAfter(0.05),
  },
  {
    title: 'another server is asked 50 ms later, and a receipt shows that its clock is not ahead',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    firstLost: true,
    evidence: [2, 3, 4],
    tell: () => [...elsewhereAfter(0.05), ...strangersReceipt(0.001)],
  },
  {
    title: 'another server is asked 50 ms later by its clock, which may be ahead by all of that',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    firstLost: false,
    evidence: [3, 4],
    tell: () => [...elsewhereAfter(0.05), ...strangersReceipt(0.048)],
  },
  {
    title: 'a user of another address asks for AAAA meanwhile: who asks again is who lost',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    about: [SOURCE],
    lostBy: SOURCE,
    firstLost: true,
    evidence: [2, 3, 4, 5],
    tell() {
      const { gate, udp, receipt } = story();
      const other = { src: OTHER, ip_version: 6, ...AAAA } as const;
      const [opening, lost, beside, sent] = [gate(0), udp(0.001, 1), udp(0.02, 2, other), udp(0.05, 3)];
      return [opening, lost, beside, sent, receipt(0.052, sent)];
    },
  },
];

const NS2 = { node: 'ns2', dst: '192.0.2.2' };

/** Lost at one server, arrived from another one. */
function elsewhereAfter(seconds: number): Observation[] {
  const { gate, udp, receipt } = story();
  const [opening, lost, sent] = [gate(0), udp(0.001, 1), udp(0.001 + seconds, 2, NS2)];
  return [opening, lost, sent, receipt(0.01 + seconds, sent, NS2)];
}

/** In the same trial a second answer of the first server, half a minute later; the other server reads its receipt. */
function strangersReceipt(seconds: number): Observation[] {
  const { udp, receipt } = story();
  const sent = udp(30, 9, { src: NEIGHBOR, qtype: 65 });
  return [sent, receipt(30 + seconds, sent, NS2)].map((row, at) => ({ ...row, seq: 5 + at }));
}
