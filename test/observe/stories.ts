/** Stories for tests: rows of one trial each, and the verdict that they must lead to. */
import type { Observation } from '../../src/observe/observation.ts';
import type { OverlayKind } from '../../src/observe/overlay.ts';
import type { Verdict } from '../../src/observe/verdict.ts';
import type { VerdictClass } from '../../src/observe/verdict-class.ts';
import type { RuleName } from '../../src/observe/verdict-rules.ts';
import { DOUBTS } from './doubts.ts';
import { HASTY } from './hasty.ts';
import { OTHER, SOURCE, START, story } from './rows.ts';

export interface Story {
  readonly title: string;
  readonly expect: VerdictClass;
  readonly rule: RuleName;
  /** Where it is another than that of the rule. */
  readonly confidence?: Verdict['confidence'];
  readonly via?: Verdict['via'];
  readonly sources?: readonly string[];
  readonly about?: readonly string[];
  readonly lostBy?: string;
  readonly firstLost?: boolean;
  /** Kinds, where the story is about them. */
  readonly overlays?: readonly OverlayKind[];
  /** Sequence numbers of the rows that decide. */
  readonly evidence: readonly number[];
  readonly observedUntil?: number;
  tell(): Observation[];
}

export const STORIES: readonly Story[] = [
  ...DOUBTS,
  ...HASTY,
  {
    title: 'the receipt of a one-packet UDP answer came back',
    expect: 'UDP_OK_WHOLE',
    rule: 'udp-whole',
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
    rule: 'udp-fragments',
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
    rule: 'udp-fragments',
    confidence: 'medium',
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
    rule: 'udp-fragments',
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
    rule: 'udp-retry',
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
    rule: 'udp-smaller',
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
    rule: 'tc-tcp',
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
    rule: 'loss-tcp',
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
    rule: 'silent-after-tc',
    via: null,
    evidence: [1],
    tell: () => [story().tc(0)],
  },
  {
    title: 'TC=1, asked again over UDP, never over TCP',
    expect: 'TC_NO_TCP',
    rule: 'tc-no-tcp',
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
    rule: 'silent-after-tc',
    evidence: [1, 2],
    tell() {
      const { tc } = story();
      return [tc(0, { qtype: 1 }), tc(0.01, { qtype: 28 })];
    },
  },
  {
    title: 'TC=1 whose cookie came back, never asked over TCP',
    expect: 'TC_NO_TCP',
    rule: 'tc-no-tcp',
    evidence: [1, 2],
    tell() {
      const { tc, other } = story();
      return [tc(0, { instance: 7 }), other(2, { cookie: 'valid', cookie_instance: 7 })];
    },
  },
  {
    title: 'TC=1 again and again while this server closed its TCP connections: our doing',
    expect: 'EXCLUDED',
    rule: 'tcp-refused',
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
    rule: 'loss-tcp',
    confidence: 'medium',
    via: 'tcp',
    sources: [OTHER, SOURCE],
    about: [OTHER],
    lostBy: SOURCE,
    firstLost: true,
    evidence: [1, 4, 5],
    tell() {
      const { udp, tcp, receipt } = story();
      const lost = [udp(0, 1), udp(0.8, 2), udp(1.6, 3)];
      const sent = tcp(2, 4, { src: OTHER, ip_version: 6 });
      return [...lost, sent, receipt(2.1, sent)];
    },
  },
  {
    title: 'silent once, while a bystander asked twice: only the bystander failed',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-retries',
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
    title: 'two addresses asked once each, nothing came back',
    expect: 'INDETERMINATE',
    rule: 'several-addresses',
    evidence: [1, 2],
    tell() {
      const { udp } = story();
      return [udp(0, 1), udp(1, 2, { src: OTHER, ip_version: 6 })];
    },
  },
  {
    title: 'a farm asked again from another address, by the name that only the first had been told',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-retries',
    about: [SOURCE, '203.0.113.8'],
    evidence: [2, 3],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.1, 1), udp(1, 2, { src: '203.0.113.8' })];
    },
  },
  {
    title: 'A, AAAA and TXT at once, one receipt: nothing was lost',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
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
    rule: 'silent',
    evidence: [1, 2, 3],
    tell() {
      const { udp } = story();
      return [udp(0, 1, { qtype: 1 }), udp(0.01, 2, { qtype: 28 }), udp(0.02, 3)];
    },
  },
  {
    title: 'over TCP first, then lost over UDP: that loss did not lead to TCP',
    expect: 'TCP_DIRECT',
    rule: 'tcp-direct',
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
    rule: 'tcp-after-withheld',
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
    rule: 'receipt-late',
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
    rule: 'too-early',
    evidence: [1],
    observedUntil: START + 20_000,
    tell: () => [story().tc(0)],
  },
  {
    title: 'asked again over UDP, nothing came back',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-retries',
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
    rule: 'silent',
    evidence: [2],
    tell() {
      const { gate, udp } = story();
      return [gate(0), udp(0.1, 7)];
    },
  },
  {
    title: 'asked over TCP at once',
    expect: 'TCP_DIRECT',
    rule: 'tcp-direct',
    via: 'tcp',
    evidence: [1, 2],
    tell() {
      const { tcp, receipt } = story();
      const sent = tcp(0, 7);
      return [sent, receipt(0.1, sent)];
    },
  },
  {
    title: 'the row of an answer over TCP is missing: a loss over UDP before it may be with it',
    expect: 'INDETERMINATE',
    rule: 'tcp-before-unread',
    via: 'tcp',
    about: [SOURCE],
    firstLost: false,
    evidence: [3],
    tell() {
      const { gate, tcp, receipt } = story();
      return [gate(0), receipt(0.2, tcp(0.1, 7))];
    },
  },
  {
    title: 'TC=1 was seen here, and of the answer over TCP only the receipt: what came before is known',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    via: 'tcp',
    evidence: [1, 2],
    tell() {
      const { tc, tcp, receipt } = story();
      const truncated = tc(0);
      return [truncated, { ...receipt(0.2, tcp(0.1, 7)), seq: 2 }];
    },
  },
  {
    title: 'TC=1, TCP answered, no sign of arrival',
    expect: 'INDETERMINATE',
    rule: 'tcp-unproven',
    evidence: [2],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7)];
    },
  },
  {
    title: 'the gate was asked and not followed',
    expect: 'INDETERMINATE',
    rule: 'gate-only',
    sources: [SOURCE],
    evidence: [1],
    tell: () => [story().gate(0)],
  },
  {
    title: 'all answers were withheld for want of proof',
    expect: 'EXCLUDED',
    rule: 'withheld',
    evidence: [1],
    tell: () => [story().tc(0, { proof: 'none' })],
  },
  {
    title: 'all answers were withheld because the budget was spent',
    expect: 'EXCLUDED',
    rule: 'withheld',
    evidence: [1],
    tell: () => [story().tc(0, { edns_udp: 4096, excluded: 'budget' })],
  },
  {
    title: 'the gate was asked from too many prefixes',
    expect: 'EXCLUDED',
    rule: 'withheld',
    evidence: [1, 2],
    tell() {
      const { gate } = story();
      return [gate(0), gate(0.1, { tc: true, excluded: 'gate' })];
    },
  },
  {
    title: 'the size could not be made, although the other size arrived',
    expect: 'EXCLUDED',
    rule: 'withheld',
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
    rule: 'partly-withheld',
    evidence: [1, 2, 3],
    tell() {
      const { udp, tc } = story();
      return [udp(0, 7), udp(0.8, 8), tc(1.6, { proof: 'none' })];
    },
  },
  {
    title: 'the receipt was asked over the other family, which asked the gate of the same run',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    confidence: 'medium',
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
    rule: 'receipt-elsewhere',
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
    rule: 'receipt-elsewhere',
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
    rule: 'receipt-late',
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
    rule: 'udp-fragments',
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
    rule: 'silent',
    evidence: [1],
    tell() {
      const { udp, other } = story();
      return [udp(0, 7), other(2, { src: OTHER, cookie: 'valid', cookie_instance: 7 })];
    },
  },
  {
    title: 'a cookie seen before the answer left proves nothing',
    expect: 'SILENT',
    rule: 'silent',
    evidence: [2],
    tell() {
      const { udp, other } = story();
      return [other(-2, { cookie: 'valid', cookie_instance: 7 }), udp(0, 7)];
    },
  },
  {
    title: 'the answer carried no receipt',
    expect: 'INDETERMINATE',
    rule: 'no-receipt',
    evidence: [1],
    tell: () => [story().udp(0, 0, { instance: null })],
  },
  {
    title: 'TC=1, and the last octet of the TCP answer was acknowledged',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    confidence: 'medium',
    via: 'tcp',
    firstLost: false,
    evidence: [1, 2],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 8, { tcp_acked: true })];
    },
  },
  {
    title: 'lost over UDP, and the last octet of the TCP answer was acknowledged',
    expect: 'LOSS_TCP_OK',
    rule: 'loss-tcp',
    confidence: 'medium',
    via: 'tcp',
    firstLost: true,
    evidence: [1, 2],
    tell() {
      const { udp, tcp } = story();
      return [udp(0, 7), tcp(0.8, 8, { tcp_acked: true })];
    },
  },
  {
    title: 'asked over TCP at once, and it was acknowledged',
    expect: 'TCP_DIRECT',
    rule: 'tcp-direct',
    confidence: 'medium',
    via: 'tcp',
    evidence: [1],
    tell: () => [story().tcp(0, 7, { tcp_acked: true })],
  },
  {
    title: 'asked over TCP at once, and it was not acknowledged',
    expect: 'TCP_DIRECT',
    rule: 'tcp-direct',
    confidence: 'low',
    via: null,
    evidence: [1],
    tell: () => [story().tcp(0, 7, { tcp_acked: false })],
  },
  {
    title: 'TC=1, and the TCP answer was not acknowledged',
    expect: 'TC_TCP_STALL',
    rule: 'tc-tcp-stall',
    via: null,
    about: [SOURCE],
    evidence: [1, 2],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7, { tcp_acked: false })];
    },
  },
  {
    title: 'TC=1, TCP not acknowledged, and the same once more',
    expect: 'TC_TCP_STALL',
    rule: 'tc-tcp-stall',
    confidence: 'high',
    evidence: [1, 2, 4],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7, { tcp_acked: false }), tc(3), tcp(3.1, 8, { tcp_acked: false })];
    },
  },
  {
    title: 'TC=1, and another address of the run stalled over TCP: that one failed',
    expect: 'TC_TCP_STALL',
    rule: 'tc-tcp-stall',
    sources: [OTHER, SOURCE],
    about: [OTHER],
    evidence: [1, 2],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7, { src: OTHER, ip_version: 6, tcp_acked: false })];
    },
  },
  {
    title: 'TC=1, one TCP answer not acknowledged, and another one was',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    confidence: 'medium',
    via: 'tcp',
    evidence: [1, 3],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7, { tcp_acked: false }), tcp(3, 8, { tcp_acked: true })];
    },
  },
  {
    title: 'TC=1, one TCP answer not acknowledged, and of another one nobody knows',
    expect: 'INDETERMINATE',
    rule: 'tcp-unproven',
    evidence: [2, 3],
    tell() {
      const { tc, tcp } = story();
      return [tc(0), tcp(0.1, 7, { tcp_acked: false }), tcp(3, 8)];
    },
  },
  {
    title: 'not acknowledged in time, and its receipt came all the same',
    expect: 'TC_TCP_OK',
    rule: 'tc-tcp',
    via: 'tcp',
    evidence: [1, 2, 3],
    tell() {
      const { tc, tcp, receipt } = story();
      const sent = tcp(0.1, 7, { tcp_acked: false });
      return [tc(0), sent, receipt(2, sent)];
    },
  },
  {
    title: 'lost over UDP, and the TCP answer was not acknowledged',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-tcp-stall',
    about: [SOURCE],
    firstLost: true,
    evidence: [1, 2],
    tell() {
      const { udp, tcp } = story();
      return [udp(0, 7), tcp(0.8, 8, { tcp_acked: false })];
    },
  },
  {
    title: 'lost over UDP, TCP not acknowledged, and asked once more over UDP',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-tcp-stall',
    confidence: 'high',
    evidence: [1, 2],
    tell() {
      const { udp, tcp } = story();
      return [udp(0, 7), tcp(0.8, 8, { tcp_acked: false }), udp(5, 9)];
    },
  },
  {
    title: 'lost over UDP for one network, not acknowledged over TCP for another: no failure of either',
    expect: 'INDETERMINATE',
    rule: 'tcp-unproven',
    evidence: [2],
    tell() {
      const { udp, tcp } = story();
      return [udp(0, 7), tcp(0.8, 8, { src: OTHER, ip_version: 6, tcp_acked: false })];
    },
  },
  {
    title: 'TC=1, and its TCP connection ended before a query came',
    expect: 'TC_TCP_BROKEN',
    rule: 'tc-tcp-broken',
    confidence: 'low',
    about: [SOURCE],
    evidence: [1, 2],
    tell() {
      const { tc, wordless } = story();
      return [tc(0), wordless(0.1)];
    },
  },
  {
    title: 'a TCP connection that ended before the TC=1, or long after it, is none of its consequences',
    expect: 'SILENT',
    rule: 'silent-after-tc',
    evidence: [2],
    tell() {
      const { gate, tc, wordless } = story();
      return [gate(0), tc(0.5), wordless(0.2), wordless(50)];
    },
  },
  {
    title: 'a TCP connection of another network is no consequence of the TC=1',
    expect: 'TC_NO_TCP',
    rule: 'tc-no-tcp',
    evidence: [1],
    tell() {
      const { tc, wordless } = story();
      return [tc(0), wordless(0.1, { src: OTHER }), tc(3)];
    },
  },
  {
    title: 'asked again over UDP, and ICMP says that fragments never came',
    expect: 'LOSS_RETRY_FAIL',
    rule: 'loss-retries',
    confidence: 'high',
    evidence: [1, 2],
    overlays: ['reassembly'],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 7);
      return [sent, udp(0.8, 8), error(30, sent, { icmp_type: 11, icmp_code: 1, icmp_from: SOURCE })];
    },
  },
  {
    title: 'silent once, and ICMP says that fragments never came',
    expect: 'SILENT',
    rule: 'silent',
    confidence: 'high',
    evidence: [1],
    overlays: ['reassembly'],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 7);
      return [sent, error(30, sent, { icmp_type: 11, icmp_code: 1, icmp_from: SOURCE })];
    },
  },
  {
    title: 'silent once, and ICMP that quotes no question says that fragments never came',
    expect: 'SILENT',
    rule: 'silent',
    evidence: [1],
    overlays: ['reassembly'],
    tell() {
      const { udp, error } = story();
      const sent = udp(0, 7);
      return [sent, error(30, sent, { icmp_type: 11, icmp_code: 1, qname: '' })];
    },
  },
  {
    title: 'lost over UDP, got over TCP, and its receipt was asked for twice: that spares no loss before it',
    expect: 'LOSS_TCP_OK',
    rule: 'loss-tcp',
    via: 'tcp',
    firstLost: true,
    evidence: [1, 2, 3],
    tell() {
      const { udp, tcp, receipt } = story();
      const lost = udp(0, 7);
      const sent = tcp(0.4, 8);
      return [lost, sent, receipt(0.5, sent), receipt(0.6, sent)];
    },
  },
  {
    title: 'got it, asked again for another TYPE, and went on with the receipt that it knew: no loss',
    expect: 'UDP_OK_FRAG',
    rule: 'udp-fragments',
    via: 'fragments',
    firstLost: false,
    evidence: [1, 2],
    tell() {
      const { udp, receipt } = story();
      const sent = udp(0, 7);
      return [sent, receipt(0.1, sent), udp(1, 8, { qtype: 28 }), receipt(1.1, sent)];
    },
  },
  {
    title: 'TC=1 three times in one go: TCP is refused at once',
    expect: 'TC_NO_TCP',
    rule: 'tc-no-tcp',
    about: [SOURCE],
    evidence: [1, 2, 3],
    tell() {
      const { tc } = story();
      return [tc(0), tc(0.02), tc(0.04)];
    },
  },
  {
    title: 'TC=1 twice in one go, and to another address: that may be two programs of a user',
    expect: 'INDETERMINATE',
    rule: 'several-addresses',
    evidence: [1, 2, 3],
    tell() {
      const { tc } = story();
      return [tc(0), tc(0.02), tc(0.04, { src: '203.0.113.8' })];
    },
  },
];
