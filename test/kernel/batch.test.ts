/** Batches of datagrams, and the error queue, on loopback. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { ReceiveBatch, SendBatch } from '../../src/kernel/batch.ts';
import { EPOLL, ERRNO, IP, IPPROTO } from '../../src/kernel/constants.ts';
import { ErrorQueue } from '../../src/kernel/error-queue.ts';
import { requireKernel } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { setOption } from '../../src/kernel/socket.ts';
import { endpoint, kernelProblem, openPeer, type Peer } from '../support/datagrams.ts';

/** `optname` that sets the hop limit. */
const UNICAST_HOPS = 16;

const FAMILIES = [
  { family: 4, server: '127.0.0.1', other: '127.0.0.9', largest: 65_507, option: [IPPROTO.IP, IP.TTL] },
  { family: 6, server: '::1', other: '::1', largest: 65_527, option: [IPPROTO.IPV6, UNICAST_HOPS] },
] as const;

function open(address: string): Peer {
  const peer = openPeer(requireKernel(), address);
  onTestFinished(() => peer.close());
  return peer;
}

describe.skipIf(kernelProblem() !== undefined).each(FAMILIES)('IPv$family', (sample) => {
  const { family, server, other, largest, option } = sample;

  it('tells length, source and TTL of each datagram, from none to the largest', () => {
    const kernel = requireKernel();
    const [here, there] = [open(server), open(other)];
    const to = endpoint(server, here.port);
    setOption(kernel, there.fd, option[0], option[1], 43);
    for (const octets of [0, 1, 64, largest]) there.send(new Uint8Array(octets).fill(octets & 0xff), to);
    const batch = new ReceiveBatch(kernel, 8);
    expect(batch.receive(here.fd)).toBe(4);
    const source = new Uint8Array(16);
    for (const [slot, octets] of [0, 1, 64, largest].entries()) {
      expect(batch.lengthOf(slot)).toBe(octets);
      expect(batch.portOf(slot)).toBe(there.port);
      expect(batch.ttlOf(slot, family)).toBe(43);
      batch.copySource(slot, family, source);
      expect(source.slice(0, family === 4 ? 4 : 16)).toEqual(endpoint(other).octets);
      const start = batch.startOf(slot);
      expect(batch.octets.subarray(start, start + octets).every((octet) => octet === (octets & 0xff))).toBe(
        true,
      );
    }
    expect([batch.receive(here.fd), kernel.errno()]).toEqual([-1, ERRNO.EAGAIN]);
  });

  it('leaves what exceeds the batch for the next call, in order', () => {
    const [here, there] = [open(server), open(other)];
    for (let number = 1; number <= 7; number++)
      there.send(new Uint8Array(number), endpoint(server, here.port));
    const batch = new ReceiveBatch(requireKernel(), 3);
    const lengths: number[] = [];
    for (let count = batch.receive(here.fd); count > 0; count = batch.receive(here.fd))
      for (let slot = 0; slot < count; slot++) lengths.push(batch.lengthOf(slot));
    expect(lengths).toEqual([1, 2, 3, 4, 5, 6, 7]);
  });

  it('answers go back to where each datagram came from', () => {
    const kernel = requireKernel();
    const [here, one, two] = [open(server), open(other), open(other)];
    const to = endpoint(server, here.port);
    one.send(new Uint8Array(10), to);
    two.send(new Uint8Array(20), to);
    one.send(new Uint8Array(30), to);
    const received = new ReceiveBatch(kernel, 4);
    const sent = new SendBatch(kernel, 4);
    expect(received.receive(here.fd)).toBe(3);
    // The second is left out: slots of the answers are their own.
    for (const [slot, from] of [0, 2].entries()) {
      sent.octets.fill(from + 1, sent.startOf(slot), sent.startOf(slot) + 4000);
      sent.answer(slot, 100 + from, received, from);
    }
    expect(sent.send(here.fd, 0, 2)).toBe(2);
    const answers = one.receive();
    expect(answers.map(({ octets, port }) => [octets.length, octets[0], port])).toEqual([
      [100, 1, here.port],
      [102, 3, here.port],
    ]);
    expect(two.receive(0)).toEqual([]);
    sent.address(0, 5, received.copyName(1));
    expect(sent.send(here.fd, 0, 1)).toBe(1);
    expect(two.receive().map(({ octets }) => octets.length)).toEqual([5]);
  });

  it('the error queue tells who could not be reached, and what was said to it', () => {
    const kernel = requireKernel();
    const here = open(server);
    const gone = openPeer(kernel, other);
    gone.close();
    const message = Uint8Array.from({ length: 600 }, (_, index) => index & 0xff);
    here.send(message, endpoint(other, gone.port));
    const pollfd = stableOctets(8);
    new DataView(pollfd.buffer).setInt32(0, here.fd, true);
    expect(kernel.poll(pollfd, 1, 2000)).toBe(1);
    expect(new DataView(pollfd.buffer).getInt16(6, true) & EPOLL.ERR).toBe(EPOLL.ERR);

    const queue = new ErrorQueue(kernel);
    const entry = queue.take(here.fd);
    expect(entry).toMatchObject({
      errno: ERRNO.ECONNREFUSED,
      origin: 'icmp',
      type: family === 4 ? 3 : 1,
      code: family === 4 ? 3 : 4,
      info: 0,
      offender: endpoint(other).octets,
      destination: endpoint(other).octets,
      destinationPort: gone.port,
    });
    expect(entry?.quoted.length).toBe(512);
    expect(entry?.quoted).toEqual(message.subarray(0, 512));
    expect(queue.take(here.fd)).toBeUndefined();
    // The pending error went with it: the next send does not fail for it.
    here.send(message, endpoint(server, here.port));
  });
});
