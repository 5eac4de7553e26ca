/** What the relay says of packets: addresses, and the DNS message in them, also of later fragments. */
import { expect, it } from 'vitest';
import { addressText, isReceipt, PassageReader } from '../../lab/passage.ts';

const OPT = '000029100000000000 0000'.replaceAll(' ', '');
/** `a.Lab` TXT with OPT of 4096 octets, id 7. */
const QUERY = `000700000001000000000001 0161034c616200 00100001 ${OPT}`.replaceAll(' ', '');
/** TC=1 to the same. */
const TRUNCATED = `000782000001000000000000 0161034c616200 00100001`.replaceAll(' ', '');

const udp = (from: number, to: number, message: string) =>
  Buffer.concat([words(from, to, 8 + message.length / 2, 0), Buffer.from(message, 'hex')]);

function words(...values: readonly number[]): Buffer {
  const octets = Buffer.alloc(2 * values.length);
  for (const [at, value] of values.entries()) octets.writeUInt16BE(value, 2 * at);
  return octets;
}

const ipv4 = (payload: Buffer, fragment = 0, protocol = 17) =>
  Buffer.concat([
    words(0x4500, 20 + payload.length, 9, fragment, (64 << 8) | protocol, 0),
    Buffer.from([192, 0, 2, 11, 100, 64, 0, 53]),
    payload,
  ]);

const address = (host: number) => words(0x2001, 0xdb8, 0xa, 0, 0, 0, 0, host);

const ipv6 = (payload: Buffer, next: number) =>
  Buffer.concat([words(0x6000, 0, payload.length, (next << 8) | 64), address(0x11), address(0x53), payload]);

const fragment6 = (offset: number, payload: Buffer) =>
  ipv6(Buffer.concat([words(17 << 8, (offset << 3) | 1, 0, 5), payload]), 44);

it('a query', () => {
  const passage = new PassageReader().read(ipv4(udp(4000, 53, QUERY)), 5, true);
  const message = { isResponse: false, id: 7, port: 4000, qname: 'a.lab' };
  const route = { from: '192.0.2.11', to: '100.64.0.53', transport: 'udp' };
  expect(passage).toEqual({ at: 5, ...route, isDropped: true, message });
});

it('a response', () => {
  const { message } = new PassageReader().read(ipv6(udp(53, 4000, TRUNCATED), 17), 0, false);
  expect(message).toMatchObject({ isResponse: true, port: 4000 });
});

it('later fragments are of the message that their first began', () => {
  const reader = new PassageReader();
  for (const [first, later] of [
    [ipv4(udp(53, 4000, TRUNCATED), 0x2000), ipv4(Buffer.alloc(16), 185)],
    [fragment6(0, udp(53, 4000, TRUNCATED)), fragment6(154, Buffer.alloc(16))],
  ] as const) {
    const { message } = reader.read(first, 0, false);
    expect(message).toMatchObject({ qname: 'a.lab' });
    expect(reader.read(later, 1, true)).toMatchObject({ message, isDropped: true, transport: 'udp' });
  }
  expect(new PassageReader().read(ipv4(Buffer.alloc(16), 185), 0, false).message).toBeUndefined();
});

it('an answer to the name of a receipt', () => {
  const label = Buffer.from(`r${'0v'.repeat(30)}1`).toString('hex');
  const response = (bits: string, name: string) =>
    new PassageReader().read(ipv4(udp(53, 4000, `0007${bits}0001000000000000${name}00`)), 0, false);
  expect(isReceipt(response('8200', `3e${label}036c6162`))).toBe(true);
  expect(isReceipt(response('0000', `3e${label}036c6162`))).toBe(false);
  expect(isReceipt(response('8200', '04726f6f74036c6162'))).toBe(false);
});

it('TCP, and other ports, have no message', () => {
  const reader = new PassageReader();
  expect(reader.read(ipv4(udp(53, 4000, QUERY), 0, 6), 0, false)).toMatchObject({ transport: 'tcp' });
  for (const packet of [
    ipv4(udp(53, 4000, QUERY), 0, 6),
    ipv4(udp(4001, 4000, QUERY)),
    ipv4(udp(53, 4000, '00')),
  ])
    expect(reader.read(packet, 0, false)).not.toHaveProperty('message');
});

it.each([
  [[0x2001, 0xdb8, 0x1000, 0, 0, 0, 0, 0x53], '2001:db8:1000::53'],
  [[0x2001, 0xdb8, 0, 1, 0, 0, 0, 0x53], '2001:db8:0:1::53'],
  [[0xfe80, 0, 0, 0, 0x10, 0, 0, 1], 'fe80::10:0:0:1'],
  [[0, 0, 0, 0, 0, 0, 0, 0], '::'],
  [[1, 2, 3, 4, 5, 6, 7, 0], '1:2:3:4:5:6:7:0'],
])('%j is written %s', (values, text) => {
  expect(addressText(words(...values))).toBe(text);
});
