/** Reads from an answer's octets where its CNAME leads (RFC 1035 §4.1). */

const [CNAME, HEADER_OCTETS] = [5, 12];

/** The owner to ask next, in uncompressed octets; or why there is none. */
export function followAnswer(message: Buffer): Buffer | 'end' | 'truncated' | 'refused' {
  if (message.length < HEADER_OCTETS || (message[3]! & 0x0f) !== 0) return 'refused';
  if ((message[2]! & 0x02) !== 0) return 'truncated';
  let at = skipName(message, HEADER_OCTETS) + 4;
  let target: Buffer | undefined;
  for (let left = message.readUInt16BE(6); left > 0; left--) {
    at = skipName(message, at);
    const type = message.readUInt16BE(at);
    const rdata = at + 10;
    if (type === CNAME) target = readName(message, rdata);
    // Data behind the CNAME, or none: the chain ends here.
    else if (type !== 46) return 'end';
    at = rdata + message.readUInt16BE(at + 8);
  }
  return target ?? 'end';
}

function skipName(message: Buffer, from: number): number {
  let at = from;
  for (;;) {
    const octet = message[at]!;
    if (octet === 0) return at + 1;
    if (octet >= 0xc0) return at + 2;
    at += octet + 1;
  }
}

function readName(message: Buffer, from: number): Buffer {
  const parts: Buffer[] = [];
  let at = from;
  for (let jumps = 0; jumps < 16; ) {
    const octet = message[at]!;
    if (octet === 0) break;
    if (octet >= 0xc0) {
      at = message.readUInt16BE(at) & 0x3fff;
      jumps++;
      continue;
    }
    parts.push(message.subarray(at, at + octet + 1));
    at += octet + 1;
  }
  return Buffer.concat([...parts, Buffer.from([0])]);
}
