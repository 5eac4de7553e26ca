/** A UDP peer by the kernel's calls, which needs no event loop: tests of loops that never return to one talk through it. */
import { ReceiveBatch } from '../../src/kernel/batch.ts';
import { EPOLL } from '../../src/kernel/constants.ts';
import { kernelError } from '../../src/kernel/error.ts';
import { type Kernel, openKernel } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { SOCKADDR_OCTETS, writeSockaddr } from '../../src/kernel/sockaddr.ts';
import { type Endpoint, openUdp, portOf } from '../../src/kernel/socket.ts';
import { parseAddress } from '../../src/wire/address.ts';

/** Why tests of the packet engine must be skipped; `undefined` when it is there. */
export function kernelProblem(): string | undefined {
  const kernel = openKernel();
  return 'missing' in kernel ? `no packet engine here: ${kernel.missing}` : undefined;
}

export function endpoint(text: string, port = 0): Endpoint {
  return { text, port, octets: parseAddress(text) };
}

export interface ReceivedDatagram {
  readonly octets: Uint8Array;
  readonly port: number;
  /** TTL or hop limit. */
  readonly ttl: number;
}

export interface Peer {
  readonly fd: number;
  readonly port: number;
  send(octets: Uint8Array, to: Endpoint): void;
  /** What has arrived; waits up to `waitMs` for the first. */
  receive(waitMs?: number): ReceivedDatagram[];
  close(): void;
}

const scratch = stableOctets(70_000);
const name = stableOctets(SOCKADDR_OCTETS);

export function openPeer(kernel: Kernel, address: string): Peer {
  const at = endpoint(address);
  const family = at.octets.length === 4 ? 4 : 6;
  const fd = openUdp(kernel, at);
  const batch = new ReceiveBatch(kernel, 8);
  const takeAll = (): ReceivedDatagram[] => {
    const taken: ReceivedDatagram[] = [];
    for (let count = batch.receive(fd); count > 0; count = batch.receive(fd))
      for (let slot = 0; slot < count; slot++) {
        const start = batch.startOf(slot);
        const octets = batch.octets.slice(start, start + batch.lengthOf(slot));
        taken.push({ octets, port: batch.portOf(slot), ttl: batch.ttlOf(slot, family) });
      }
    return taken;
  };
  return {
    fd,
    port: portOf(kernel, fd),
    send(octets, to) {
      scratch.set(octets);
      const length = writeSockaddr(name, 0, to.octets, to.port);
      if (kernel.sendto(fd, scratch, octets.length, 0, name, length) !== octets.length)
        throw kernelError(kernel.errno(), 'sendto', to.text);
    },
    receive(waitMs = 2000) {
      waitFor(kernel, fd, waitMs);
      return takeAll();
    },
    close() {
      kernel.close(fd);
    },
  };
}

/** Waits until there is something to read, or an error. */
export function waitFor(kernel: Kernel, fd: number, waitMs: number): void {
  const pollfd = stableOctets(8);
  new DataView(pollfd.buffer).setInt32(0, fd, true);
  new DataView(pollfd.buffer).setInt16(4, EPOLL.IN, true);
  kernel.poll(pollfd, 1, waitMs);
}
