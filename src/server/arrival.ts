/** Arrival: everything that the answering core may know of how a message came; filled in by a transport at the edge. */
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
  /** MTU of the link that the answer leaves on, 0 where unknown. */
  readonly linkMtu: number;
}

const UDP_HEADER = 8;
const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;

/** IP packets that a UDP message of `octets` needs on that link: 1 is whole, 0 unknown (RFC 791 §3.2, RFC 8200 §4.5). */
export function fragmentsOf(octets: number, { source, transport, linkMtu }: Arrival): number {
  if (transport !== 'udp' || linkMtu === 0) return 0;
  const header = source.family === 4 ? IPV4_HEADER : IPV6_HEADER;
  const datagram = octets + UDP_HEADER;
  if (datagram + header <= linkMtu) return 1;
  const room = linkMtu - header - (source.family === 6 ? FRAGMENT_HEADER : 0);
  const piece = room - (room % 8);
  // All but the last fragment hold a multiple of 8 octets; Linux fills the last one under IPv4 only.
  return source.family === 4 ? 1 + Math.ceil((datagram - room) / piece) : Math.ceil(datagram / piece);
}
