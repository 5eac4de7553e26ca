/** Doubts: stories of trials that look like an arrival or a failure, and are none, or another one. */
import { NEIGHBOR, OTHER, SOURCE, STRANGER, story } from './rows.ts';
import type { Story } from './stories.ts';

/** A sender of fragments' errors that saw the datagram quotes all of it. */
const REASSEMBLY = { icmp_type: 11, icmp_code: 1, icmp_from: SOURCE };

export const DOUBTS: readonly Story[] = [
  {
    title: 'asked for TYPE CNAME again and again: who has that does not go on to the receipt',
    expect: 'INDETERMINATE',
    rule: 'no-receipt',
    firstLost: false,
    evidence: [2, 3],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.1, 1, { qtype: 5 }), udp(1, 2, { qtype: 5 })];
    },
  },
  {
    title: 'asked for TYPE A on the way to the CNAME',
    expect: 'INDETERMINATE',
    rule: 'no-receipt',
    firstLost: false,
    evidence: [1, 2, 3, 4],
    tell() {
      const { udp } = story();
      const cname = { qtype: 5 };
      return [udp(0, 1, { qtype: 1 }), udp(0.1, 2, cname), udp(1, 3, { qtype: 1 }), udp(1.1, 4, cname)];
    },
  },
  {
    title: 'lost over UDP, and an unrelated network got it over TCP: whose recovery that is, nobody knows',
    expect: 'LOSS_TCP_OK',
    rule: 'loss-tcp',
    confidence: 'medium',
    via: 'tcp',
    about: [STRANGER],
    lostBy: SOURCE,
    evidence: [1, 3, 4],
    tell() {
      const { udp, tcp, receipt } = story();
      const lost = [udp(0, 1), udp(0.8, 2)];
      const sent = tcp(2, 4, { src: STRANGER });
      return [...lost, sent, receipt(2.1, sent)];
    },
  },
  {
    title: 'lost over UDP, and an unrelated network got it with a smaller EDNS size',
    expect: 'UDP_OK_SMALLER',
    rule: 'udp-smaller',
    confidence: 'medium',
    about: [STRANGER],
    evidence: [1, 2, 3],
    tell() {
      const { udp, receipt } = story({ size: 1400 });
      const sent = udp(1, 2, { src: STRANGER, edns_udp: 1432 });
      return [udp(0, 1), sent, receipt(1.1, sent)];
    },
  },
  {
    title: 'lost over UDP, and an unrelated network got it at the first try',
    expect: 'UDP_OK_RETRY',
    rule: 'udp-retry',
    confidence: 'medium',
    about: [STRANGER],
    evidence: [1, 2, 3],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(1, 2, { src: STRANGER });
      return [udp(0, 1), sent, receipt(1.1, sent)];
    },
  },
  {
    title: 'TC=1, and an unrelated network got it over TCP',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    confidence: 'medium',
    about: [STRANGER],
    evidence: [1, 2, 3],
    tell() {
      const { tc, tcp, receipt } = story();
      const sent = tcp(1, 2, { src: STRANGER });
      return [tc(0), sent, receipt(1.1, sent)];
    },
  },
  {
    title: 'dig asked this server straight, and asked again',
    expect: 'INDETERMINATE',
    rule: 'asked-straight',
    firstLost: false,
    evidence: [2, 3],
    tell() {
      const { gate, udp } = story();
      const rd = { rd: true };
      return [gate(0, rd), udp(1, 1, rd), udp(5, 2, rd)];
    },
  },
  {
    title: 'dig +ignore asked this server straight, and asked again after TC=1',
    expect: 'INDETERMINATE',
    rule: 'asked-straight',
    evidence: [1, 2],
    tell() {
      const { tc } = story();
      return [tc(0, { rd: true }), tc(5, { rd: true })];
    },
  },
  {
    title: 'dig asked straight and TCP broke: that is no matter of receipts',
    expect: 'TC_TCP_STALL',
    rule: 'tc-tcp-stall',
    evidence: [1, 2],
    tell() {
      const { tc, tcp } = story();
      return [tc(0, { rd: true }), tcp(0.1, 1, { rd: true, tcp_acked: false })];
    },
  },
  {
    title: 'rows were lost half a minute later: the receipt may have been one of them',
    expect: 'INDETERMINATE',
    rule: 'rows-lost',
    firstLost: false,
    evidence: [2, 3, 4],
    tell() {
      const { gate, udp, lost } = story();
      return [gate(0), udp(0.1, 1), udp(0.9, 2), lost(30)];
    },
  },
  {
    title: 'rows were lost before it, and long after it',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-retries',
    firstLost: true,
    evidence: [3, 4],
    tell() {
      const { gate, udp, lost } = story();
      return [lost(-1), gate(0), udp(0.1, 1), udp(0.9, 2), lost(70)];
    },
  },
  {
    title: 'a receipt names a node that sent another size, and whose rows are not here',
    expect: 'INDETERMINATE',
    rule: 'node-unread',
    firstLost: false,
    evidence: [1, 2, 3, 3],
    tell() {
      const { udp, receipt } = story();
      const [first, second] = [udp(0, 1), udp(1, 2)];
      const told = receipt(1.5, { ...second, instance: 900, res_len: 4000 });
      return [first, second, { ...told, receipt: told.receipt && { ...told.receipt, asked: 4096, node: 2 } }];
    },
  },
  {
    title: 'acknowledged over TCP, and asked for again and again: a middlebox acknowledged',
    expect: 'INDETERMINATE',
    rule: 'tcp-unproven',
    via: null,
    evidence: [2, 4],
    tell() {
      const { tc, tcp } = story();
      return [0, 3].flatMap((at) => [tc(at), tcp(at + 0.1, 10 + at, { tcp_acked: true })]);
    },
  },
  {
    title: 'acknowledged over TCP, asked for again, and its receipt came after that',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    confidence: 'high',
    via: 'tcp',
    evidence: [1, 4, 5],
    tell() {
      const { tc, tcp, receipt } = story();
      const inVain = [tc(0), tcp(0.1, 1, { tcp_acked: true }), tc(3)];
      const sent = tcp(3.1, 2, { tcp_acked: true });
      return [...inVain, sent, receipt(3.2, sent)];
    },
  },
  {
    title: 'somebody else asked for the receipt before it did itself',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    confidence: 'high',
    about: [SOURCE],
    evidence: [1, 3],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(0.1, 1);
      return [sent, receipt(0.2, sent, { src: STRANGER, relation: 'relayed' }), receipt(0.3, sent)];
    },
  },
  {
    title: 'TC=1 from one node, TCP at another whose clock is three seconds behind',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    confidence: 'high',
    via: 'tcp',
    evidence: [2, 3, 4],
    tell() {
      const { gate, tc, tcp, receipt } = story();
      const behind = { node: 'ns2' };
      const [opened, truncated, sent] = [gate(0), tc(0.1), tcp(-2.8, 7, behind)];
      return [opened, truncated, sent, receipt(-2.7, sent, behind)];
    },
  },
  {
    title: 'a neighbor of its /24 opened the trial by itself, and got TC=1 as well: nobody asked again',
    expect: 'INDETERMINATE',
    rule: 'several-addresses',
    evidence: [2, 4],
    tell() {
      const { gate, tc } = story();
      const from = { src: NEIGHBOR };
      return [gate(0), tc(0.1), gate(30, from), tc(30.1, from)];
    },
  },
  {
    title: 'a neighbor of its /24 opened TCP without a word',
    expect: 'SILENT',
    rule: 'silent-after-tc',
    evidence: [1],
    tell() {
      const { tc, wordless } = story();
      return [tc(0), wordless(1, { src: NEIGHBOR })];
    },
  },
  {
    title: 'its TCP connection ended before a query came, and it asked again',
    expect: 'TC_TCP_BROKEN',
    rule: 'tc-tcp-broken',
    confidence: 'medium',
    evidence: [1, 2],
    tell() {
      const { tc, wordless } = story();
      return [tc(0), wordless(10.2), tc(11)];
    },
  },
  {
    title: 'silent once, and ICMP that quotes the question and not the port says that fragments never came',
    expect: 'SILENT',
    rule: 'silent',
    confidence: 'low',
    evidence: [1],
    overlays: ['reassembly'],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 7);
      return [sent, error(30, sent, { ...REASSEMBLY, src_port: 53_000 })];
    },
  },
  {
    title: 'silent once, and ICMP that quotes another id says that fragments never came',
    expect: 'SILENT',
    rule: 'silent',
    confidence: 'low',
    evidence: [1],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 7);
      return [sent, error(30, sent, { ...REASSEMBLY, id: 1 })];
    },
  },
  {
    title:
      'lost over UDP, acknowledged over TCP, and another family, which the run does not know, asked for the receipt of that',
    expect: 'LOSS_TCP_OK',
    rule: 'loss-tcp',
    confidence: 'medium',
    via: 'tcp',
    about: [SOURCE],
    firstLost: true,
    evidence: [1, 2],
    tell() {
      const { udp, tcp, receipt } = story();
      const sent = tcp(0.8, 8, { tcp_acked: true });
      const asker = { src: OTHER, ip_version: 6, relation: 'relayed' } as const;
      return [udp(0, 7), sent, receipt(0.9, sent, asker)];
    },
  },
];
