/** The octets of a TXT query as dnsperf sends it: RD clear, EDNS 4096, DO (RFC 1035 §4, RFC 6891). */

const OPT = Buffer.from([0, 0, 41, 0x10, 0, 0, 0, 0x80, 0, 0, 0]);

export function encodeName(name: string): Buffer {
  const labels = name.split('.').filter((label) => label !== '');
  return Buffer.concat([
    ...labels.map((label) => Buffer.from([label.length, ...Buffer.from(label, 'latin1')])),
    Buffer.from([0]),
  ]);
}

export function encodeQuery(name: string, id: number): Buffer {
  return encodeQueryOf(encodeName(name), id);
}

/** For an owner that is octets already, without compression. */
export function encodeQueryOf(owner: Uint8Array, id: number): Buffer {
  const header = Buffer.from([id >> 8, id & 0xff, 0, 0, 0, 1, 0, 0, 0, 0, 0, 1]);
  return Buffer.concat([header, owner, Buffer.from([0, 16, 0, 1]), OPT]);
}
