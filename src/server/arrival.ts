/** Arrival: everything that the answering core may know of how a message came; filled in by a transport at the edge. */
import type { Arm } from '../behaviors/behavior.ts';
import type { Transport } from '../record/facts.ts';
import type { Source } from './source.ts';

export interface Arrival {
  readonly source: Source;
  readonly sourcePort: number;
  /** Our address that was asked, presentation form. */
  readonly local: string;
  /** The same by `addressKey`. */
  readonly localKey: string;
  readonly transport: Transport;
  /** TTL or hop limit of the query, and the path MTU that is known towards its source, where the transport can tell. */
  readonly ttl?: number;
  readonly pathMtu?: number;
  /** MTU of the link that the answer leaves on, 0 where unknown. */
  readonly linkMtu: number;
  /** Octets of the packets into which an answer is cut that does not fit; the link's MTU where not given. */
  readonly fragmentMtu?: number;
}

/** What every IPv6 path carries (RFC 8200 §5), and how large the fragments of the arm `frag` are. */
export const LEAST_MTU = 1280;

const UDP_HEADER = 8;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;

/** IP packets that a UDP message of `octets` needs on that link: 1 is whole, 0 unknown (RFC 791 §3.2, RFC 8200 §4.5). */
export function fragmentsOf(octets: number, arrival: Arrival, arm: Arm = 'default'): number {
  const { source, transport, linkMtu, fragmentMtu = linkMtu } = arrival;
  if (transport !== 'udp' || linkMtu === 0) return 0;
  const header = source.family === 4 ? IPV4_HEADER : IPV6_HEADER;
  const datagram = octets + UDP_HEADER;
  const isCut = arm === 'frag';
  if (datagram + header <= (isCut ? LEAST_MTU : wholeUpTo(arrival))) return 1;
  const room = (isCut ? LEAST_MTU : fragmentMtu) - header - (source.family === 6 ? FRAGMENT_HEADER : 0);
  const piece = room - (room % 8);
  // All but the last fragment hold a multiple of 8 octets; Linux fills the last one under IPv4 only.
  const isFilled = source.family === 4 && !isCut;
  return isFilled ? 1 + Math.ceil((datagram - room) / piece) : Math.ceil(datagram / piece);
}

/** Under IPv4 the socket leaves a path's MTU to the routers (DF clear); under IPv6 it keeps to what it has learned. */
function wholeUpTo({ source, linkMtu, pathMtu }: Arrival): number {
  return source.family === 6 && pathMtu ? Math.min(linkMtu, pathMtu) : linkMtu;
}
