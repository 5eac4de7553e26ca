/** UDP datagrams as IP fragments of our own making, which only a raw socket can send (RFC 791 §3.2, RFC 8200 §4.5, RFC 768). */

const IPV4_HEADER = 20;
const IPV6_HEADER = 40;
const FRAGMENT_HEADER = 8;
const UDP_HEADER = 8;
const UDP = 17;
const IPV6_FRAGMENT = 44;
const HOPS = 64;
const MORE_FRAGMENTS_V4 = 0x2000;
const MORE_FRAGMENTS_V6 = 1;

export interface Datagram {
  /** 4 or 16 octets, as the destination has. */
  readonly source: Uint8Array;
  readonly sourcePort: number;
  readonly destination: Uint8Array;
  readonly destinationPort: number;
  readonly payload: Uint8Array;
}

/**
 * IP packets that hold the fragments, in order, of a datagram that is too large for one.
 *
 * @param mtu octets of the largest packet
 * @param identification the same for all fragments and never 0; IPv4 uses its low 16 bits
 */
export function fragment(datagram: Datagram, mtu: number, identification: number): Uint8Array[] {
  const udp = encodeUdp(datagram);
  const isIpv4 = datagram.source.length === 4;
  const overhead = isIpv4 ? IPV4_HEADER : IPV6_HEADER + FRAGMENT_HEADER;
  // RFC 791 §3.2: all but the last hold a multiple of 8 octets.
  const piece = (mtu - overhead) & ~7;
  const write = isIpv4 ? writeIpv4 : writeIpv6;
  const packets: Uint8Array[] = [];
  for (let offset = 0; offset < udp.length; offset += piece) {
    const data = udp.subarray(offset, offset + piece);
    const packet = new Uint8Array(overhead + data.length);
    write(packet, datagram, offset, offset + piece < udp.length, identification);
    packet.set(data, overhead);
    packets.push(packet);
  }
  return packets;
}

// The kernel fills in the header checksum (raw(7)).
function writeIpv4(
  packet: Uint8Array,
  { source, destination }: Datagram,
  offset: number,
  more: boolean,
  id: number,
): void {
  const view = new DataView(packet.buffer);
  packet[0] = 0x45;
  view.setUint16(2, packet.length);
  view.setUint16(4, id & 0xffff || 1);
  view.setUint16(6, (more ? MORE_FRAGMENTS_V4 : 0) | (offset / 8));
  packet[8] = HOPS;
  packet[9] = UDP;
  packet.set(source, 12);
  packet.set(destination, 16);
}

function writeIpv6(
  packet: Uint8Array,
  { source, destination }: Datagram,
  offset: number,
  more: boolean,
  id: number,
): void {
  const view = new DataView(packet.buffer);
  packet[0] = 0x60;
  view.setUint16(4, packet.length - IPV6_HEADER);
  packet[6] = IPV6_FRAGMENT;
  packet[7] = HOPS;
  packet.set(source, 8);
  packet.set(destination, 24);
  packet[IPV6_HEADER] = UDP;
  view.setUint16(IPV6_HEADER + 2, offset | (more ? MORE_FRAGMENTS_V6 : 0));
  view.setUint32(IPV6_HEADER + 4, id);
}

function encodeUdp({ source, sourcePort, destination, destinationPort, payload }: Datagram): Uint8Array {
  const udp = new Uint8Array(UDP_HEADER + payload.length);
  const view = new DataView(udp.buffer);
  view.setUint16(0, sourcePort);
  view.setUint16(2, destinationPort);
  view.setUint16(4, udp.length);
  udp.set(payload, UDP_HEADER);
  // The pseudo-header of either family adds up alike (RFC 768, RFC 8200 §8.1).
  const sum = addWords(udp) + addWords(source) + addWords(destination) + udp.length + UDP;
  const checksum = ~fold(sum) & 0xffff;
  view.setUint16(6, checksum === 0 ? 0xffff : checksum);
  return udp;
}

function addWords(octets: Uint8Array): number {
  let sum = 0;
  for (let at = 0; at < octets.length; at += 2) sum += (octets[at]! << 8) | (octets[at + 1] ?? 0);
  return sum;
}

function fold(sum: number): number {
  let left = sum;
  while (left > 0xffff) left = (left & 0xffff) + (left >>> 16);
  return left;
}
