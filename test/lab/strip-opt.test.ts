/** Queries without OPT: checked by another decoder and another sum. */
import { decode, encode, type Packet } from 'dns-packet';
import { describe, expect, it } from 'vitest';
import { checksum, withoutOpt } from '../../lab/strip-opt.ts';

const QUESTION = { type: 'TXT', name: 's4096.v4.probe.lab' } as const;
const QUERY: Packet = {
  type: 'query',
  id: 0x1234,
  questions: [QUESTION],
  additionals: [
    {
      type: 'OPT',
      name: '.',
      udpPayloadSize: 4096,
      flags: 0x8000,
      flag_do: true,
      extendedRcode: 0,
      ednsVersion: 0,
      options: [],
    },
  ],
};

const HEADERS = { 4: 20, 6: 40 } as const;

/** A UDP packet without checksums: what strips must make them. */
function packet(family: 4 | 6, payload: Buffer, port = 53): Buffer {
  const header = HEADERS[family];
  const octets = Buffer.alloc(header + 8 + payload.length, 0xab);
  if (family === 4) {
    octets.set([0x45, 0], 0);
    octets.writeUInt16BE(octets.length, 2);
    octets.writeUInt16BE(0x4000, 6); // DF
    octets[9] = 17;
  } else {
    octets.writeUInt32BE(0x60000000, 0);
    octets.writeUInt16BE(8 + payload.length, 4);
    octets[6] = 17;
  }
  octets.writeUInt16BE(port, header + 2);
  octets.writeUInt16BE(8 + payload.length, header + 4);
  octets.set(payload, header + 8);
  return octets;
}

/** Sum of all 16-bit words in ones' complement; 0xffff where the checksum among them is right. */
function onesComplement(octets: Buffer): number {
  const padded = octets.length % 2 === 0 ? octets : Buffer.concat([octets, Buffer.from([0])]);
  let sum = 0;
  for (let at = 0; at < padded.length; at += 2) {
    sum += padded.readUInt16BE(at);
    if (sum > 0xffff) sum -= 0xffff;
  }
  return sum;
}

describe.each([4, 6] as const)('over IPv%i', (family) => {
  const header = HEADERS[family];

  it('the OPT is gone, and everything else is as it was', () => {
    const stripped = withoutOpt(packet(family, encode(QUERY)));
    const query = decode(stripped.subarray(header + 8));
    expect(query).toMatchObject({ id: 0x1234, additionals: [], questions: [QUESTION] });
    expect(stripped.subarray(12, header)).toEqual(packet(family, encode(QUERY)).subarray(12, header));
  });

  it('lengths and checksums are right', () => {
    const stripped = withoutOpt(packet(family, encode(QUERY)));
    const udp = stripped.subarray(header);
    expect(udp.readUInt16BE(4)).toBe(udp.length);
    expect(stripped.readUInt16BE(family === 4 ? 2 : 4)).toBe(family === 4 ? stripped.length : udp.length);
    if (family === 4) expect(onesComplement(stripped.subarray(0, header))).toBe(0xffff);
    const addresses = stripped.subarray(family === 4 ? 12 : 8, header);
    const pseudo = Buffer.from([0, 17, udp.length >> 8, udp.length & 0xff]);
    expect(onesComplement(Buffer.concat([addresses, pseudo, udp]))).toBe(0xffff);
  });

  it.each([
    ['a response', packet(family, encode({ ...QUERY, type: 'response' }))],
    ['a query without OPT', packet(family, encode({ ...QUERY, additionals: [] }))],
    ['what goes to another port', packet(family, encode(QUERY), 5353)],
    ['a datagram too short for DNS', packet(family, Buffer.alloc(5))],
  ])('%s stays as it is', (_, given) => {
    expect(withoutOpt(given)).toBe(given);
  });
});

it('a fragment stays as it is', () => {
  const fragment = packet(4, encode(QUERY));
  fragment.writeUInt16BE(0x2000, 6);
  expect(withoutOpt(fragment)).toBe(fragment);
});

it('the checksum of RFC 1071 §3', () => {
  expect(checksum(Buffer.from('0001f203f4f5f6f7', 'hex'))).toBe(~0xddf2 & 0xffff);
});
