/** Path traits: what is known of each impairment before anything is measured; expectations are derived from this table. */

/** What a path does to messages between a resolver and the servers. */
export interface PathTraits {
  /** Fragments of UDP answers arrive, all of them. */
  readonly fragments: boolean;
  /** First fragments arrive all the same: their host waits in vain, a minute at most, and may say so. */
  readonly leavesPieces: boolean;
  /** Largest UDP answer that passes, octets of the DNS message. */
  readonly largestUdp: number;
  /** Larger packets vanish without a word, octets of the IP packet. */
  readonly blackHole: number;
  /** The same where no router may cut: DF is set, or IPv6. */
  readonly blackHoleOfUncut: number;
  /** What a router says of packets above, which may not be cut: the first such answer is lost, and teaches the servers. */
  readonly toldMtu: number;
  /** `answerless`: it connects, and what servers send vanishes. `cut`: it connects, and the first query resets it. */
  readonly tcp: 'open' | 'dropped' | 'reset' | 'answerless' | 'cut';
  /** What becomes of queries with OPT. */
  readonly edns: 'kept' | 'stripped' | 'dropped';
  /** What ICMP says of UDP answers that do not pass. */
  readonly tells: 'nothing' | 'reassembly' | 'prohibited';
  /** Chance of each packet to get lost, percent. */
  readonly lossPercent: number;
  /** A resolver's queries come from several prefixes, as chance will have it. */
  readonly farm: boolean;
  /** Servers that answer. */
  readonly servers: 1 | 2;
}

const CLEAN: PathTraits = {
  fragments: true,
  leavesPieces: false,
  largestUdp: Number.POSITIVE_INFINITY,
  blackHole: Number.POSITIVE_INFINITY,
  blackHoleOfUncut: Number.POSITIVE_INFINITY,
  toldMtu: Number.POSITIVE_INFINITY,
  tcp: 'open',
  edns: 'kept',
  tells: 'nothing',
  lossPercent: 0,
  farm: false,
  servers: 2,
};

/** By name in the table of impairments: how each differs from a clean path. */
export const IMPAIRMENT_TRAITS: Readonly<Record<string, Partial<PathTraits>>> = {
  clean: {},
  frag: { fragments: false },
  'frag-later': { fragments: false, leavesPieces: true },
  reasm: { fragments: false, tells: 'reassembly' },
  mtu1280: { blackHole: 1280 },
  mtu1400: { blackHole: 1400 },
  ptb1280: { toldMtu: 1280 },
  ptb1400: { toldMtu: 1400 },
  'ptb-filtered': { blackHoleOfUncut: 1280 },
  tcp53: { tcp: 'dropped' },
  'tcp53-rst': { tcp: 'reset' },
  'tcp53-data': { tcp: 'answerless' },
  'tcp53-cut': { tcp: 'cut' },
  udp1232: { largestUdp: 1232 },
  udp1500: { largestUdp: 1500 },
  prohibited: { largestUdp: 1400, tells: 'prohibited' },
  loss10: { lossPercent: 10 },
  loss30: { lossPercent: 30 },
  delay: {},
  noedns: { edns: 'dropped' },
  'noedns-strip': { edns: 'stripped' },
  nat: {},
  farm: { farm: true },
  onedead: { servers: 1 },
};

/**
 * Traits of a path, impairments joined by `+`.
 *
 * @throws {Error} an impairment that the table does not know
 */
export function pathTraits(path: string): PathTraits {
  return Object.assign({}, CLEAN, ...path.split('+').map(traitsOf));
}

function traitsOf(name: string): Partial<PathTraits> {
  const traits = IMPAIRMENT_TRAITS[name];
  if (traits !== undefined) return traits;
  const names = Object.keys(IMPAIRMENT_TRAITS).join(', ');
  throw new Error(`impairment '${name}' is unknown, want some of ${names}`);
}

/** Link of the servers, octets of an IP packet. */
const LINK_MTU = 1500;
/** What exceeds the link leaves in IPv6 fragments of at most this size. */
const IPV6_FRAGMENT = 1280;
const UDP_AND_IP = { 4: 28, 6: 48 } as const;

/** Largest IP packet of a UDP answer of `octets`, and whether it needs fragments: IPv4 without DF, IPv6 cut at 1280. */
export function packetsOf(
  octets: number,
  family: 4 | 6,
): { readonly largest: number; readonly isCut: boolean } {
  const whole = octets + UDP_AND_IP[family];
  if (whole <= LINK_MTU) return { largest: whole, isCut: false };
  return { largest: family === 4 ? LINK_MTU : IPV6_FRAGMENT, isCut: true };
}

/** Whether a UDP answer of `octets` gets through, chance and what servers have yet to learn apart. */
export function udpPasses(octets: number, family: 4 | 6, path: PathTraits): boolean {
  const { largest, isCut } = packetsOf(octets, family);
  const most = family === 6 ? Math.min(path.blackHole, path.blackHoleOfUncut) : path.blackHole;
  return octets <= path.largestUdp && largest <= most && (path.fragments || !isCut);
}

/** Whether a router must say of a UDP answer of `octets` that it is too big: IPv4 leaves without DF, and routers cut it. */
export function isTooBig(octets: number, family: 4 | 6, { toldMtu }: PathTraits): boolean {
  return family === 6 && packetsOf(octets, family).largest > toldMtu;
}

/** TCP and IP headers with timestamps. */
const TCP_AND_IP = { 4: 52, 6: 72 } as const;
const TCP_LENGTH = 2;

/**
 * What becomes of an answer of `octets` over TCP, chance apart; its packets always have DF set.
 *
 * @param mss that the resolver announces in its SYN; the packets leave room for options of TCP in it
 */
export function tcpFate(
  octets: number,
  family: 4 | 6,
  mss: number,
  path: PathTraits,
): 'arrives' | 'stalls' | 'cut' | 'blocked' {
  if (path.tcp === 'answerless') return 'stalls';
  if (path.tcp === 'cut') return 'cut';
  if (path.tcp !== 'open') return 'blocked';
  const headers = family === 4 ? 40 : 60;
  const largest = Math.min(LINK_MTU, mss + headers, octets + TCP_LENGTH + TCP_AND_IP[family]);
  return largest <= Math.min(path.blackHole, path.blackHoleOfUncut) ? 'arrives' : 'stalls';
}
