/** Responses of a chosen size, filled by EDNS Padding (RFC 7830). */
import { encodeResponse } from '../../src/wire/message.ts';
import { parseName } from '../../src/wire/name.ts';

export const COOKIE = { code: 10, data: Uint8Array.from({ length: 24 }, (_, index) => index) };
const PADDING = 12;

/** A response with cookie and padding of exactly `octets` octets, at least 80. */
export function messageOf(octets: number): Uint8Array {
  const encode = (padding: number) =>
    encodeResponse({
      id: 0x1234,
      flags: 0x8500,
      rcode: 0,
      question: { qname: parseName('s1400.probe.example.'), qtype: 16, qclass: 1 },
      answer: [],
      authority: [],
      additional: [],
      edns: {
        udpPayloadSize: 1232,
        dnssecOk: true,
        compactOk: false,
        options: [COOKIE, { code: PADDING, data: new Uint8Array(padding) }],
      },
    });
  return encode(octets - encode(0).length);
}
