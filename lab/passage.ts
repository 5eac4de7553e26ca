/** Passage: one packet that came by the relay, and whether it was let on; what a path lost is known here, and nowhere else (RFC 791, RFC 8200). */
import { readQuestion } from './question.ts';

export interface Passage {
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly from: string;
  readonly to: string;
  readonly transport: 'udp' | 'tcp' | 'other';
  /** Where the packet is DNS over UDP: what stands in the message; fragments have it of their first. */
  readonly message?: Message;
  readonly isDropped: boolean;
}

/** Of a DNS message. */
export interface Message {
  readonly isResponse: boolean;
  readonly id: number;
  /** Port of the resolver. */
  readonly port: number;
  /** Lower case, without the final dot. */
  readonly qname: string;
}

const PROTOCOLS: Readonly<Record<number, Passage['transport']>> = { 6: 'tcp', 17: 'udp' };
const FRAGMENT_HEADER = 44;
const IPV6_HEADER = 40;
const UDP_HEADER = 8;

/** What the headers of IP say. */
interface Datagram {
  readonly from: string;
  readonly to: string;
  readonly protocol: number;
  readonly payload: Buffer;
  /** Names the datagram that the fragment belongs to; undefined where it is whole. */
  readonly fragmentOf?: string;
  readonly isFirst: boolean;
}

/** Reads packets one after the other; remembers of fragmented messages what their first fragment said. */
export class PassageReader {
  private readonly fragmented = new Map<string, Message>();

  read(packet: Buffer, at: number, isDropped: boolean): Passage {
    const { from, to, protocol, payload, fragmentOf, isFirst } = readHeaders(packet);
    const transport = PROTOCOLS[protocol] ?? 'other';
    const own = transport === 'udp' && isFirst ? messageIn(payload) : undefined;
    if (fragmentOf !== undefined && own !== undefined) this.fragmented.set(fragmentOf, own);
    const message = own ?? (fragmentOf === undefined ? undefined : this.fragmented.get(fragmentOf));
    return { at, from, to, transport, isDropped, ...(message && { message }) };
  }
}

/** The answer to the name of a receipt: `r` and a token. */
export function isReceipt({ message }: Passage): boolean {
  return message?.isResponse === true && /^r[0-9a-v]{40,}\./.test(message.qname);
}

function readHeaders(packet: Buffer): Datagram {
  return packet[0]! >> 4 === 4 ? readIpv4(packet) : readIpv6(packet);
}

function readIpv4(packet: Buffer): Datagram {
  const flags = packet.readUInt16BE(6);
  const [from, to] = [packet.subarray(12, 16).join('.'), packet.subarray(16, 20).join('.')];
  const isFragment = (flags & 0x3fff) !== 0;
  return {
    from,
    to,
    protocol: packet[9]!,
    payload: packet.subarray((packet[0]! & 15) * 4),
    isFirst: (flags & 0x1fff) === 0,
    ...(isFragment && { fragmentOf: `${from} ${to} ${packet.readUInt16BE(4)}` }),
  };
}

function readIpv6(packet: Buffer): Datagram {
  const [from, to] = [addressText(packet.subarray(8, 24)), addressText(packet.subarray(24, 40))];
  if (packet[6] !== FRAGMENT_HEADER)
    return { from, to, protocol: packet[6]!, payload: packet.subarray(IPV6_HEADER), isFirst: true };
  const header = packet.subarray(IPV6_HEADER);
  return {
    from,
    to,
    protocol: header[0]!,
    payload: header.subarray(8),
    isFirst: header.readUInt16BE(2) >> 3 === 0,
    fragmentOf: `${from} ${to} ${header.readUInt32BE(4)}`,
  };
}

/** As the addresses of the lab are written: the longest run of zeros left out (RFC 5952). */
export function addressText(octets: Uint8Array): string {
  const words = Array.from({ length: 8 }, (_, at) => (octets[2 * at]! << 8) | octets[2 * at + 1]!);
  const text = words.map((word) => word.toString(16)).join(':');
  const [longest] = [...text.matchAll(/(?<![^:])0(:0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length);
  if (longest === undefined) return text;
  const [before, after] = [text.slice(0, longest.index), text.slice(longest.index + longest[0].length)];
  return `${before.replace(/:$/, '')}::${after.replace(/^:/, '')}`;
}

function messageIn(payload: Buffer): Message | undefined {
  if (payload.length < UDP_HEADER) return undefined;
  const [source, destination] = [payload.readUInt16BE(0), payload.readUInt16BE(2)];
  if (source !== 53 && destination !== 53) return undefined;
  const question = readQuestion(payload.subarray(UDP_HEADER));
  return question && { ...question, port: source === 53 ? destination : source };
}
