/** Path traits: what is known of each impairment before anything is measured; expectations are derived from this table. */

/** What a path does to messages between a resolver and the servers. */
export interface PathTraits {
  /** Fragments of UDP answers arrive, all of them. */
  readonly fragments: boolean;
  /** Largest UDP answer that passes, octets of the DNS message. */
  readonly largestUdp: number;
  /** Larger packets vanish without a word, octets of the IP packet. */
  readonly blackHole: number;
  /** The same where DF is set; without it routers cut the packet. */
  readonly blackHoleOfDf: number;
  readonly tcp: 'open' | 'dropped' | 'reset';
  /** What becomes of queries with OPT. */
  readonly edns: 'kept' | 'stripped' | 'dropped';
  /** Chance of each packet to get lost, percent. */
  readonly lossPercent: number;
  /** A resolver's queries come from several prefixes, as chance will have it. */
  readonly farm: boolean;
  /** Servers that answer. */
  readonly servers: 1 | 2;
}

const CLEAN: PathTraits = {
  fragments: true,
  largestUdp: Number.POSITIVE_INFINITY,
  blackHole: Number.POSITIVE_INFINITY,
  blackHoleOfDf: Number.POSITIVE_INFINITY,
  tcp: 'open',
  edns: 'kept',
  lossPercent: 0,
  farm: false,
  servers: 2,
};

/** By name in the table of impairments: how each differs from a clean path. */
export const IMPAIRMENT_TRAITS: Readonly<Record<string, Partial<PathTraits>>> = {
  clean: {},
  frag: { fragments: false },
  'frag-later': { fragments: false },
  reasm: { fragments: false },
  mtu1280: { blackHole: 1280 },
  mtu1400: { blackHole: 1400 },
  // With ICMP the server learns the size at the first loss: IPv4 leaves without DF, large IPv6 in fragments of 1280, TCP repeats.
  ptb1280: {},
  ptb1400: {},
  'ptb-filtered': { blackHoleOfDf: 1280 },
  tcp53: { tcp: 'dropped' },
  'tcp53-rst': { tcp: 'reset' },
  udp1232: { largestUdp: 1232 },
  udp1500: { largestUdp: 1500 },
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

/** Whether a UDP answer of `octets` gets through, chance apart. */
export function udpPasses(octets: number, family: 4 | 6, path: PathTraits): boolean {
  const { largest, isCut } = packetsOf(octets, family);
  return octets <= path.largestUdp && largest <= path.blackHole && (path.fragments || !isCut);
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
): 'arrives' | 'stalls' | 'blocked' {
  if (path.tcp !== 'open') return 'blocked';
  const headers = family === 4 ? 40 : 60;
  const largest = Math.min(LINK_MTU, mss + headers, octets + TCP_LENGTH + TCP_AND_IP[family]);
  return largest <= Math.min(path.blackHole, path.blackHoleOfDf) ? 'arrives' : 'stalls';
}
