/** Queries without their OPT, as some middleboxes forward them: lengths and checksums are right again (RFC 6891 §6.1, RFC 768, RFC 791, RFC 8200). */

const UDP = 17;
const UDP_HEADER = 8;
const DNS_HEADER = 12;
const IPV6_HEADER = 40;

/**
 * @param packet an IP packet
 * @returns a new packet without the OPT, where it is a DNS query over UDP with one record in the additional section; else the same
 */
export function withoutOpt(packet: Buffer): Buffer {
  const isIpv4 = packet[0]! >> 4 === 4;
  const header = isIpv4 ? (packet[0]! & 15) * 4 : IPV6_HEADER;
  const query = queryIn(packet, isIpv4, header);
  if (query === undefined) return packet;

  const kept = Buffer.from(query.subarray(0, endOfQuestion(query)));
  kept.writeUInt16BE(0, 10); // ARCOUNT
  const stripped = Buffer.concat([packet.subarray(0, header + UDP_HEADER), kept]);
  setLengths(stripped, isIpv4, header);
  const udp = stripped.subarray(header);
  udp.writeUInt16BE(0, 6);
  const addresses = isIpv4 ? stripped.subarray(12, 20) : stripped.subarray(8, IPV6_HEADER);
  const pseudoHeader = Buffer.concat([addresses, Buffer.from([0, UDP]), udp.subarray(4, 6)]);
  // RFC 768: 0 would say that there is no checksum.
  udp.writeUInt16BE(checksum(pseudoHeader, udp) || 0xffff, 6);
  return stripped;
}

/** The DNS message, if it is one to strip. */
function queryIn(packet: Buffer, isIpv4: boolean, header: number): Buffer | undefined {
  const isFragment = isIpv4 && (packet.readUInt16BE(6) & 0x3fff) !== 0;
  if (packet[isIpv4 ? 9 : 6] !== UDP || isFragment) return undefined;
  const message = packet.subarray(header + UDP_HEADER);
  if (message.length < DNS_HEADER || packet.readUInt16BE(header + 2) !== 53) return undefined;
  const isResponse = (message[2]! & 0x80) !== 0;
  const [qdcount, arcount] = [message.readUInt16BE(4), message.readUInt16BE(10)];
  return !isResponse && qdcount === 1 && arcount === 1 ? message : undefined;
}

/** A name in a question is never compressed: nothing stands before it. */
function endOfQuestion(query: Buffer): number {
  let at = DNS_HEADER;
  while (query[at]! > 0) at += query[at]! + 1;
  return at + 5; // the root label, QTYPE, QCLASS
}

function setLengths(packet: Buffer, isIpv4: boolean, header: number): void {
  packet.writeUInt16BE(packet.length - header, header + 4);
  if (!isIpv4) {
    packet.writeUInt16BE(packet.length - IPV6_HEADER, 4);
    return;
  }
  packet.writeUInt16BE(packet.length, 2);
  packet.writeUInt16BE(0, 10);
  packet.writeUInt16BE(checksum(packet.subarray(0, header)), 10);
}

/** The Internet checksum (RFC 1071) of these octets one after the other; all but the last are of even length. */
export function checksum(...parts: readonly Uint8Array[]): number {
  let sum = 0;
  for (const part of parts)
    for (const [at, octet] of part.entries()) sum += at % 2 === 0 ? octet << 8 : octet;
  while (sum > 0xffff) sum = (sum & 0xffff) + (sum >>> 16);
  return ~sum & 0xffff;
}
