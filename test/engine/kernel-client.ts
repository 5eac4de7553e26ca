/** A TCP client by the kernel's calls: it can do what Node's sockets cannot, and needs no event loop. */
import { AF, MSG, SHUT, SO, SOCK, SOL_SOCKET } from '../../src/kernel/constants.ts';
import { type Kernel, requireKernel, succeed } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { SOCKADDR_OCTETS, writeSockaddr } from '../../src/kernel/sockaddr.ts';
import { parseAddress } from '../../src/wire/address.ts';

const SO_ATTACH_FILTER = 26;
const scratch = stableOctets(1 << 20);

export interface KernelClient {
  send(octets: Uint8Array): void;
  /** What has arrived; undefined where nothing has, empty at the end of the stream or after a reset. */
  receive(): Buffer | undefined;
  /** Closes this side. */
  end(): void;
  close(): void;
  /** Closes with a reset. */
  reset(): void;
  /** Drops TCP segments above `octets`, header included, as a path would: no acknowledgment, no error. */
  dropAbove(octets: number): void;
}

const CLIENT = '127.9.9.9';

/** The handshake is done when this returns, whether anybody accepts or not. */
export function connectTo({
  address,
  port,
}: {
  readonly address: string;
  readonly port: number;
}): KernelClient {
  const kernel = requireKernel();
  const octets = parseAddress(address);
  const domain = octets.length === 4 ? AF.INET : AF.INET6;
  const fd = succeed(kernel, kernel.socket(domain, SOCK.STREAM | SOCK.CLOEXEC, 0), 'socket');
  const name = stableOctets(SOCKADDR_OCTETS);
  // What waits in TIME_WAIT afterwards must hold no port of the address that servers of other tests take theirs from.
  if (domain === AF.INET)
    succeed(kernel, kernel.bind(fd, name, writeSockaddr(name, 0, parseAddress(CLIENT), 0)), 'bind');
  const length = writeSockaddr(name, 0, octets, port);
  succeed(kernel, kernel.connect(fd, name, length), 'connect');
  return {
    send(message) {
      const sent = kernel.send(fd, stable(message), message.length, MSG.NOSIGNAL);
      if (sent !== message.length) throw new Error(`sent ${sent} of ${message.length} octets`);
    },
    receive() {
      const received = kernel.recv(fd, scratch, scratch.length, MSG.DONTWAIT);
      if (received > 0) return Buffer.from(scratch.slice(0, received));
      return received < 0 && kernel.errno() === 11 ? undefined : Buffer.alloc(0);
    },
    end: () => void kernel.shutdown(fd, SHUT.WR),
    close: () => void kernel.close(fd),
    reset() {
      const linger = stableOctets(8);
      new DataView(linger.buffer).setInt32(0, 1, true); // on, zero seconds
      kernel.setsockopt(fd, SOL_SOCKET, SO.LINGER, linger, 8);
      kernel.close(fd);
    },
    dropAbove: (most) => attachFilter(kernel, fd, most),
  };
}

function stable(octets: Uint8Array): Uint8Array {
  const copy = stableOctets(octets.length);
  copy.set(octets);
  return copy;
}

/** Classic BPF (linux/filter.h): load the length; above `most` keep nothing, else everything. */
function attachFilter(kernel: Kernel, fd: number, most: number): void {
  const program = stableOctets(4 * 8);
  const view = new DataView(program.buffer);
  const put = (index: number, code: number, jumpTrue: number, jumpFalse: number, value: number) => {
    view.setUint16(8 * index, code, true);
    view.setUint8(8 * index + 2, jumpTrue);
    view.setUint8(8 * index + 3, jumpFalse);
    view.setUint32(8 * index + 4, value, true);
  };
  put(0, 0x80, 0, 0, 0); // LD LEN
  put(1, 0x25, 0, 1, most); // JGT
  put(2, 0x06, 0, 0, 0); // RET 0
  put(3, 0x06, 0, 0, 0xffff_ffff);
  const head = stableOctets(16);
  const headView = new DataView(head.buffer);
  headView.setUint16(0, 4, true);
  headView.setBigUint64(8, kernel.address(program), true);
  succeed(kernel, kernel.setsockopt(fd, SOL_SOCKET, SO_ATTACH_FILTER, head, 16), 'setsockopt');
  // The kernel has copied it; until here it had to stay.
  program.fill(0);
}
