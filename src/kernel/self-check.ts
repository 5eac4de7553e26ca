/** Proves on real sockets that structs lie as this code believes: an unexpected ABI is refused in words, and nothing crashes later. */
import { ReceiveBatch, SendBatch } from './batch.ts';
import { EPOLL, ERRNO } from './constants.ts';
import { Epoll } from './epoll.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';
import { SOCKADDR_OCTETS, writeSockaddr } from './sockaddr.ts';
import { openUdp, portOf } from './socket.ts';

const LOOPBACK = Uint8Array.of(127, 0, 0, 1);
const TAG = 0x01020304;

/** Why this process cannot use the library; undefined where it can. */
export function selfCheck(kernel: Kernel): string | undefined {
  if (kernel.close(-1) !== -1 || kernel.errno() !== ERRNO.EBADF) return 'errno cannot be read';
  try {
    return checkSockets(kernel);
  } catch (error) {
    return `this system refuses what it needs: ${(error as Error).message}`;
  }
}

/** One socket that sends two datagrams to itself, and gets them back as answers to itself. */
function checkSockets(kernel: Kernel): string | undefined {
  const fd = openUdp(kernel, { octets: LOOPBACK, port: 0, text: '127.0.0.1' });
  const epoll = new Epoll(kernel, 4);
  try {
    const port = portOf(kernel, fd);
    if (port === 0) return 'getsockname gives no port';
    const name = stableOctets(SOCKADDR_OCTETS);
    const nameLength = writeSockaddr(name, 0, LOOPBACK, port);
    const octets = stableOctets(200).fill(7);
    if (kernel.sendto(fd, octets, 100, 0, name, nameLength) !== 100) return 'sendto does not send';
    if (kernel.sendto(fd, octets, 101, 0, name, nameLength) !== 101) return 'sendto does not send';
    epoll.add(fd, EPOLL.IN, TAG);
    if (epoll.wait(1000) !== 1 || epoll.tagOf(0) !== TAG) return 'struct epoll_event is not as expected';
    return checkBatches(kernel, fd, port);
  } finally {
    epoll.close();
    kernel.close(fd);
  }
}

function checkBatches(kernel: Kernel, fd: number, port: number): string | undefined {
  const received = new ReceiveBatch(kernel, 4);
  const sent = new SendBatch(kernel, 4);
  const isExpected = (slot: number, length: number) =>
    received.lengthOf(slot) === length &&
    received.portOf(slot) === port &&
    received.octets[received.startOf(slot)] === 7 &&
    received.ttlOf(slot, 4) > 0;
  const receives = () => received.receive(fd) === 2 && isExpected(0, 100) && isExpected(1, 101);
  if (!receives()) return 'struct mmsghdr or cmsghdr is not as expected';
  for (const slot of [0, 1]) {
    sent.octets[sent.startOf(slot)] = 7;
    sent.answer(slot, 100 + slot, received, slot);
  }
  if (sent.send(fd, 0, 2) !== 2 || !receives()) return 'sendmmsg does not send what it was given';
  return undefined;
}
