/** Parts of the TCP loop that need no socket. */
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { DueHeap } from '../../src/engine/linux/due-heap.ts';
import { Line, Place } from '../../src/engine/linux/line.ts';
import { makePathMtus, PathMtus } from '../../src/engine/linux/path-mtus.ts';
import { Evidence } from '../../src/engine/linux/tcp-evidence.ts';
import { Peer } from '../../src/engine/linux/tcp-peer.ts';
import { Peers } from '../../src/engine/linux/tcp-peers.ts';
import type { Stream } from '../../src/kernel/stream.ts';
import { silentSink } from '../../src/record/silent-sink.ts';
import { Inbound } from '../../src/server/inbound.ts';
import { parseAddress } from '../../src/wire/address.ts';

const LOCAL = { text: '::1', key: '', octets: new Uint8Array(16), index: 0, linkMtu: 0 };
const LIMITS = { connections: 10, perSource: 2, idle: 10 };

const SYN = { synTtl: 64, synMss: 1460 };

function peer(fd: number, address: string, now = 0, local = LOCAL): Peer {
  const octets = parseAddress(address);
  return new Peer(fd, local, octets.length === 4 ? 4 : 6, { octets, at: 0, port: 53 }, SYN, now);
}

it('what is due first leaves the heap first, of equals the one that came first', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (times) => {
      const heap = new DueHeap<{ dueAt: number; order: number }>();
      const things = times.map((dueAt, order) => ({ dueAt, order }));
      for (const thing of things) heap.add(thing);
      expect(heap.nextAt).toBe(Math.min(...times));
      const left = things.map(() => heap.take());
      expect(left).toEqual(things.toSorted((a, b) => a.dueAt - b.dueAt || a.order - b.order));
      expect(heap.take()).toBeUndefined();
    }),
  );
});

it('a line is in the order of joining, whoever leaves and joins again', () => {
  fc.assert(
    fc.property(fc.array(fc.tuple(fc.integer({ min: 0, max: 9 }), fc.boolean())), (moves) => {
      const line = new Line<number>();
      const places = Array.from({ length: 10 }, (_, member) => new Place(member));
      const expected = new Set<number>();
      for (const [member, joins] of moves) {
        expected.delete(member);
        if (joins) expected.add(member);
        if (joins) line.join(places[member]!);
        else line.leave(places[member]!);
      }
      const members: number[] = [];
      for (let place = line.first; place; place = place.after) members.push(place.member);
      expect(members).toEqual([...expected]);
      expect(line.length).toBe(expected.size);
    }),
  );
});

it('all of an IPv6 /64 is one source, an IPv4 address is one by itself', () => {
  const peers = new Peers();
  peers.join(peer(3, '2001:db8:0:1::1'));
  const second = peer(4, '2001:db8:0:1:ffff::2');
  expect(peers.mayJoin(second, LIMITS)).toBe(true);
  peers.join(second);
  expect(peers.mayJoin(peer(5, '2001:db8:0:1::3'), LIMITS)).toBe(false);
  expect(peers.mayJoin(peer(5, '2001:db8:0:2::1'), LIMITS)).toBe(true);
  peers.leave(second);
  peers.leave(second);
  expect(peers.count).toBe(1);
  expect(peers.mayJoin(peer(5, '2001:db8:0:1::3'), LIMITS)).toBe(true);
  peers.join(peer(6, '192.0.2.1'));
  peers.join(peer(7, '192.0.2.1'));
  expect(peers.mayJoin(peer(8, '192.0.2.1'), LIMITS)).toBe(false);
  expect(peers.mayJoin(peer(8, '192.0.2.2'), LIMITS)).toBe(true);
});

it('only a query changes who is quietest, a read answer too keeps a connection from being idle', () => {
  const peers = new Peers();
  const [first, second] = [peer(3, '192.0.2.1'), peer(4, '192.0.2.2')];
  for (const one of [first, second]) peers.join(one);
  first.activeAt = 100;
  expect(peers.quietest).toBe(first);
  expect([...peers.idleSince(50)]).toEqual([second]);
  peers.touch(first, 120);
  expect(peers.quietest).toBe(second);
});

it.each(['192.0.2.254', '2001:db8:ffff::80ff'])('a peer introduces itself as it came: %s', (address) => {
  const octets = parseAddress(address);
  const inbound = new Inbound(LOCAL);
  peer(3, address).introduce(inbound);
  expect(inbound.source.subarray(0, octets.length)).toEqual(octets);
  expect(inbound).toMatchObject({ family: octets.length === 4 ? 4 : 6, port: 53, ttl: 64 });
});

it('keeps octets in whatever pieces they come, and nothing when all are answered', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 20 }), (pieces) => {
      const one = peer(3, '192.0.2.1');
      const input = new Uint8Array(8192);
      const all: number[] = [];
      for (const length of pieces) {
        let end = one.copyKept(input);
        for (let count = 0; count < length; count++) {
          all.push(all.length & 0xff);
          input[end++] = all.at(-1)!;
        }
        one.keep(input, 0, end, true);
        input.fill(0);
      }
      expect(one.copyKept(input)).toBe(all.length);
      expect([...input.subarray(0, all.length)]).toEqual(all);
      one.keep(input, all.length, all.length, false);
      expect(one.copyKept(input)).toBe(0);
    }),
  );
});

it.each(['203.0.113.9', '2001:db8:b::9'])(
  'a path MTU below the link that TCP was told counts for UDP: %s',
  (address) => {
    const now = 1_000_000;
    const mtus = new PathMtus(makePathMtus());
    const stream = { readInfo: () => true, rttUs: 40, sendMss: 1208, pathMtu: 1280, ackedOctets: 0 };
    const evidence = new Evidence(silentSink(), stream as unknown as Stream, mtus, () => now);
    const look = (linkMtu: number) => {
      const asker = peer(3, address, 0, { ...LOCAL, linkMtu });
      evidence.reserve();
      evidence.attach(asker, 100, 0);
      evidence.look(asker, 0, 'open');
      return mtus.of(parseAddress(address), asker.family, now);
    };
    expect([look(0), look(1280), look(1500)]).toEqual([0, 0, 1280]);
  },
);
