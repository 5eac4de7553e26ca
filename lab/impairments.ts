/** The impairments of the lab, one row each. */
import { SERVERS } from './addresses.ts';
import type { Impairment } from './impairment.ts';

const [, second] = SERVERS;
const DEAD = [second.parent, second.children, second.hostile];

const LATER_FRAGMENTS = ['ip frag-off & 0x1fff != 0 drop', 'frag frag-off != 0 drop'];
const SILENT_ROUTER = [
  'icmp type destination-unreachable icmp code frag-needed drop',
  'icmpv6 type packet-too-big drop',
];

const blackHole = (mtu: number): Impairment => ({
  name: `mtu${mtu}`,
  summary: `packets to the resolver above ${mtu} octets vanish, and nobody says so`,
  rules: { arrive: [`iifname ra meta length > ${mtu} drop`] },
});

const honestMtu = (mtu: number): Impairment => ({
  name: `ptb${mtu}`,
  summary: `a link of MTU ${mtu}, and a router that says so (RFC 1191, RFC 8201)`,
  linkMtu: mtu,
});

// The UDP length stands in the first fragment only; without it the others are of no use.
const smallUdp = (octets: number): Impairment => ({
  name: `udp${octets}`,
  summary: `UDP answers above ${octets} octets vanish`,
  rules: { arrive: [`iifname ra udp sport 53 udp length > ${octets + 8} drop`] },
});

const loss = (percent: number): Impairment => ({
  name: `loss${percent}`,
  summary: `${percent} of 100 packets are lost, each way`,
  relay: { lossPercent: percent },
});

/** Longer than a SYN, and than an acknowledgment with all its options. */
const TCP_DATA = 'meta length > 120';

export const IMPAIRMENTS: readonly Impairment[] = [
  { name: 'clean', summary: 'nothing is wrong' },
  {
    name: 'frag',
    summary: 'every fragment vanishes',
    rules: { arrive: ['ip frag-off & 0x3fff != 0 drop', 'exthdr frag exists drop'] },
  },
  {
    name: 'frag-later',
    summary: 'all fragments but the first vanish',
    rules: { arrive: LATER_FRAGMENTS },
  },
  {
    name: 'reasm',
    summary:
      'as frag-later, and the host of the resolver gives up after 2 s, which its kernel reports by ICMP',
    rules: { arrive: LATER_FRAGMENTS },
    reassembly: 2,
  },
  blackHole(1280),
  blackHole(1400),
  honestMtu(1280),
  honestMtu(1400),
  {
    name: 'ptb-filtered',
    summary: 'a link of MTU 1280 whose router is not heard: only what may be fragmented passes',
    linkMtu: 1280,
    rules: { own: SILENT_ROUTER },
  },
  { name: 'tcp53', summary: 'TCP to port 53 vanishes', rules: { arrive: ['tcp dport 53 drop'] } },
  {
    name: 'tcp53-rst',
    summary: 'TCP to port 53 is reset',
    rules: { forward: ['tcp dport 53 reject with tcp reset'] },
  },
  {
    name: 'tcp53-data',
    summary: 'TCP connects to port 53, and whatever is sent from there vanishes',
    rules: { arrive: [`iifname ra tcp sport 53 ${TCP_DATA} drop`] },
  },
  // The router answers who sends: servers hear no reset, and end the quiet connection after their idle time.
  {
    name: 'tcp53-cut',
    summary: 'TCP connects to port 53, and is reset at the first query',
    rules: { forward: ['tcp dport 53 tcp flags & psh == psh reject with tcp reset'] },
  },
  smallUdp(1232),
  smallUdp(1500),
  {
    name: 'prohibited',
    summary: 'UDP answers above 1400 octets are rejected by a filter, which says so of whole ones (ICMP)',
    rules: { forward: ['udp sport 53 udp length > 1408 reject with icmpx type admin-prohibited'] },
  },
  loss(10),
  loss(30),
  { name: 'delay', summary: '50 ms each way, 10 ms more or less', relay: { delayMs: 50, jitterMs: 10 } },
  {
    name: 'noedns',
    summary: 'queries over UDP with an OPT vanish',
    // ARCOUNT, behind 8 octets of UDP header.
    rules: { arrive: ['iifname rc udp dport 53 @th,144,16 != 0 drop'] },
  },
  { name: 'noedns-strip', summary: 'queries over UDP lose their OPT', relay: { stripsOpt: true } },
  { name: 'nat', summary: 'address and port of the resolver are rewritten', egresses: 1 },
  { name: 'farm', summary: 'each flow leaves from one of two addresses in different prefixes', egresses: 2 },
  {
    name: 'onedead',
    summary: 'nothing reaches the second server',
    rules: { arrive: DEAD.flatMap(({ ipv4, ipv6 }) => [`ip daddr ${ipv4} drop`, `ip6 daddr ${ipv6} drop`]) },
  },
];
