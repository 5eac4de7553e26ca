/** Parts of the UDP loop that need no socket. */
import { describe, expect, it } from 'vitest';
import { fragment } from '../../src/engine/linux/fragment.ts';
import { makePathMtus, PathMtus } from '../../src/engine/linux/path-mtus.ts';
import { makeTroubles } from '../../src/engine/linux/troubles.ts';
import { truncate, truncatedFacts } from '../../src/engine/linux/truncate.ts';
import { readHeader } from '../../src/wire/header.ts';
import { encodeResponse } from '../../src/wire/message.ts';
import { parseName } from '../../src/wire/name.ts';
import { decodeQuery } from '../../src/wire/query.ts';
import { txt } from '../../src/wire/rdata/txt.ts';
import { rrset } from '../../src/wire/rrset.ts';
import { observation } from '../observe/rows.ts';
import { endpoint } from '../support/datagrams.ts';
import { hex, toHex } from '../support/hex.ts';
import { COOKIE, messageOf } from './message.ts';

const MINUTE = 60_000;

describe('path MTUs', () => {
  const v4 = endpoint('192.0.2.7').octets;
  const v6 = endpoint('2001:db8::7').octets;

  it('are known for ten minutes, to every thread that shares the memory', () => {
    const memory = makePathMtus();
    const [one, other] = [new PathMtus(memory), new PathMtus(memory)];
    expect(other.isEmpty).toBe(true);
    one.learn(v4, 4, 1400, 1000);
    one.learn(v6, 6, 1280, 2000);
    expect(other.isEmpty).toBe(false);
    expect(other.of(v4, 4, 9 * MINUTE)).toBe(1400);
    expect(other.of(v6, 6, 9 * MINUTE)).toBe(1280);
    expect(other.of(v4, 4, 10 * MINUTE + 1000)).toBe(0);
    expect(other.of(v6, 6, 10 * MINUTE + 1000)).toBe(1280);
  });

  it('the last one told counts, with ten minutes of its own; what is no MTU is left out', () => {
    const mtus = new PathMtus(makePathMtus());
    mtus.learn(v4, 4, 1400, 0);
    mtus.learn(v4, 4, 1300, 5 * MINUTE);
    for (const wrong of [0, -1, 65_536, 2 ** 31]) mtus.learn(v4, 4, wrong, 6 * MINUTE);
    expect(mtus.of(v4, 4, 14 * MINUTE)).toBe(1300);
  });

  it('an IPv6 address that begins like an IPv4 address is another destination', () => {
    const mtus = new PathMtus(makePathMtus());
    const alike = new Uint8Array(16);
    alike.set(v4);
    mtus.learn(alike, 6, 1280, 0);
    expect(mtus.of(v4, 4, 0)).toBe(0);
    // Of an IPv4 address only four octets count, whatever stands behind them.
    mtus.learn(v4, 4, 1400, 0);
    alike.fill(9, 4);
    expect(mtus.of(alike, 4, 0)).toBe(1400);
  });

  it('four thousand are kept, however many are forged', () => {
    const mtus = new PathMtus(makePathMtus());
    const address = (number: number) => Uint8Array.of(10, number >> 16, (number >> 8) & 0xff, number & 0xff);
    for (let number = 0; number < 100_000; number++) mtus.learn(address(number), 4, 1400, number);
    const known = Array.from({ length: 100_000 }, (_, number) => mtus.of(address(number), 4, 100_000));
    expect(known.filter((mtu) => mtu === 1400).length).toBeGreaterThan(3000);
    expect(known.filter((mtu) => mtu === 1400).length).toBeLessThanOrEqual(4096);
    // The last ones are among them.
    expect(known[99_999]).toBe(1400);
  });
});

describe('a truncated answer', () => {
  it('keeps header, question and OPT with its options but Padding, and says TC', () => {
    const answer = messageOf(1400);
    const short = truncate(answer);
    expect(readHeader(short)).toEqual({
      id: 0x1234,
      flags: 0x8700,
      qdcount: 1,
      ancount: 0,
      nscount: 0,
      arcount: 1,
    });
    const { question, edns } = decodeQuery(short);
    expect(question).toEqual({ qname: parseName('s1400.probe.example.'), qtype: 16, qclass: 1 });
    expect(edns).toMatchObject({ udpPayloadSize: 1232, dnssecOk: true, options: [COOKIE] });
    expect(answer).toEqual(messageOf(1400));
  });

  it('has no OPT where the answer had none, whatever records it had', () => {
    const question = { qname: parseName('Www.Example.'), qtype: 16, qclass: 1 };
    const answer = encodeResponse({
      id: 1,
      flags: 0x8400,
      rcode: 0,
      question,
      answer: [rrset(txt, question.qname, 60, [{ strings: [new Uint8Array(200)] }])],
      authority: [],
      additional: [],
      edns: undefined,
    });
    const short = truncate(answer);
    expect(toHex(short)).toBe(
      toHex(hex('0001 8600 0001 0000 0000 0000', '03577777 074578616d706c65 00 0010 0001')),
    );
  });

  it('is recorded as such: the receipt did not leave, a cookie still numbers it', () => {
    const measured = observation({
      res_len: 1400,
      filler: 'signed',
      size: 1400,
      size_miss: true,
      instance: 7,
    });
    const expected = { res_len: 60, tc: true, action: 'tc', filler: 'none', size_miss: false, fragments: 1 };
    expect(truncatedFacts(measured, 60)).toMatchObject({ ...expected, instance: null });
    expect(truncatedFacts({ ...measured, cookie: 'valid' }, 60)).toMatchObject({ ...expected, instance: 7 });
  });
});

describe('fragments', () => {
  const payload = Uint8Array.from({ length: 3001 }, (_, index) => index % 251);
  const v4 = {
    source: endpoint('192.0.2.1').octets,
    sourcePort: 53,
    destination: endpoint('192.0.2.7').octets,
    destinationPort: 40_000,
    payload,
  };

  it('IPv4: offsets in units of 8, one identification, DF never set', () => {
    const packets = fragment(v4, 1280, 0xabcd1234);
    const words = packets.map((packet) => new DataView(packet.buffer));
    expect(packets.map((packet) => packet.length)).toEqual([1276, 1276, 517]);
    expect(words.map((view) => view.getUint16(2))).toEqual([1276, 1276, 517]);
    expect(words.map((view) => view.getUint16(4))).toEqual([0x1234, 0x1234, 0x1234]);
    expect(words.map((view) => view.getUint16(6))).toEqual([0x2000, 0x2000 | 157, 314]);
    const datagram = Buffer.concat(packets.map((packet) => packet.subarray(20)));
    expect(datagram.subarray(8)).toEqual(Buffer.from(payload));
  });

  it('an identification whose low half is 0 would be replaced by the kernel, so it is not used', () => {
    const [packet] = fragment(v4, 1280, 0x70000);
    expect(new DataView(packet!.buffer).getUint16(4)).toBe(1);
  });

  it('IPv6: a fragment header in each, and the last octets in the last', () => {
    const v6 = { ...v4, source: endpoint('2001:db8::1').octets, destination: endpoint('2001:db8::7').octets };
    const packets = fragment(v6, 1280, 0xabcd1234);
    const words = packets.map((packet) => new DataView(packet.buffer));
    expect(packets.map((packet) => packet.length)).toEqual([1280, 1280, 593]);
    expect(words.map((view) => view.getUint16(4))).toEqual([1240, 1240, 553]);
    expect(packets.map((packet) => [packet[6], packet[40]])).toEqual(Array(3).fill([44, 17]));
    expect(words.map((view) => view.getUint16(42))).toEqual([1, 1232 | 1, 2464]);
    expect(words.map((view) => view.getUint32(44))).toEqual(Array(3).fill(0xabcd1234));
    const datagram = Buffer.concat(packets.map((packet) => packet.subarray(48)));
    expect(datagram.subarray(8)).toEqual(Buffer.from(payload));
  });
});

it('of troubles the first of each kind is told, at most one a second', () => {
  const told: string[] = [];
  const report = makeTroubles((error) => void told.push(error.message));
  for (let time = 0; time < 3; time++) {
    report(Object.assign(new Error('send EPERM one'), { code: 'EPERM' }));
    report(Object.assign(new Error('send EPERM two'), { code: 'EPERM' }));
    report(new Error('other'));
    report('a string');
  }
  expect(told).toEqual(['send EPERM one', 'other', 'a string']);
});
