/** UDP and TCP sockets with every option that the packet engine needs (socket(7), udp(7), ip(7), ipv6(7), tcp(7)). */
import { AF, IP, IPPROTO, IPV6, PMTUDISC, SO, SOCK, SOL_SOCKET, TCP } from './constants.ts';
import { kernelError } from './error.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';
import { portAt, SOCKADDR_OCTETS, writeSockaddr } from './sockaddr.ts';

/** A local address and port. */
export interface Endpoint {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  /** 0 lets the kernel choose. */
  readonly port: number;
  /** Presentation form of the address, for errors. */
  readonly text: string;
}

/** The sockets of one listen address; whoever opened them closes them. */
export interface SocketGroup {
  readonly port: number;
  /** The kernel spreads source addresses and ports over them. */
  readonly udp: readonly number[];
  /** Listens. */
  readonly tcp: number;
}

/** Asked for; the kernel gives what net.core.rmem_max and wmem_max allow. */
const BUFFER_OCTETS = 4 * 1024 * 1024;
/** The kernel cuts it to net.core.somaxconn. */
const BACKLOG = 4096;
/** What exceeds the link leaves in IPv6 fragments of at most this size (RFC 8200 §5). */
export const IPV6_FRAGMENT_MTU = 1280;
/** A port that the kernel chose for UDP may be taken under TCP. */
const PORT_ATTEMPTS = 32;

const value = stableOctets(4);
const valueView = new DataView(value.buffer);
const length = stableOctets(4);
const lengthView = new DataView(length.buffer);
const name = stableOctets(SOCKADDR_OCTETS);

/** Sets an option of type int. @throws {KernelError} */
export function setOption(kernel: Kernel, fd: number, level: number, option: number, to: number): void {
  valueView.setInt32(0, to, true);
  if (kernel.setsockopt(fd, level, option, value, 4) < 0)
    throw kernelError(kernel.errno(), 'setsockopt', `option ${level}/${option}`);
}

/** An option of type int. @throws {KernelError} */
export function getOption(kernel: Kernel, fd: number, level: number, option: number): number {
  lengthView.setUint32(0, 4, true);
  if (kernel.getsockopt(fd, level, option, value, length) < 0)
    throw kernelError(kernel.errno(), 'getsockopt', `option ${level}/${option}`);
  return valueView.getInt32(0, true);
}

/** The port that a socket is bound to. @throws {KernelError} */
export function portOf(kernel: Kernel, fd: number): number {
  lengthView.setUint32(0, SOCKADDR_OCTETS, true);
  if (kernel.getsockname(fd, name, length) < 0) throw kernelError(kernel.errno(), 'getsockname');
  return portAt(name, 0);
}

/**
 * All sockets of one listen address: `udpSockets` that share the port, and one that listens for TCP on the same.
 *
 * @throws {KernelError} `code` EADDRINUSE where anybody has the port already, EACCES, EADDRNOTAVAIL, …
 */
export function openGroup(kernel: Kernel, at: Endpoint, udpSockets: number): SocketGroup {
  for (let attempt = 1; ; attempt++) {
    const fds: number[] = [];
    try {
      fds.push(openUdp(kernel, at));
      const shared = { ...at, port: portOf(kernel, fds[0]!) };
      while (fds.length < udpSockets) fds.push(openSharedUdp(kernel, shared));
      return { port: shared.port, udp: fds, tcp: openTcp(kernel, shared) };
    } catch (error) {
      for (const fd of fds) kernel.close(fd);
      const isTaken = (error as Partial<NodeJS.ErrnoException>).code === 'EADDRINUSE';
      if (at.port !== 0 || !isTaken || attempt === PORT_ATTEMPTS) throw error;
    }
  }
}

/** A UDP socket that had its port for itself when it was opened; {@link openSharedUdp} may join it. @throws {KernelError} */
export function openUdp(kernel: Kernel, at: Endpoint): number {
  return open(kernel, at, SOCK.DGRAM, (fd) => {
    setUdpOptions(kernel, fd, at);
    bind(kernel, fd, at);
    // Only now: with it from the start this bind would join a group that another process of the same user has open.
    setOption(kernel, fd, SOL_SOCKET, SO.REUSEPORT, 1);
  });
}

/** One more UDP socket on the port of {@link openUdp}. @throws {KernelError} */
export function openSharedUdp(kernel: Kernel, at: Endpoint): number {
  return open(kernel, at, SOCK.DGRAM, (fd) => {
    setUdpOptions(kernel, fd, at);
    setOption(kernel, fd, SOL_SOCKET, SO.REUSEPORT, 1);
    bind(kernel, fd, at);
  });
}

/** A TCP socket that listens; connections inherit its options. @throws {KernelError} */
export function openTcp(kernel: Kernel, at: Endpoint, backlog = BACKLOG): number {
  return open(kernel, at, SOCK.STREAM, (fd) => {
    // Connections of an earlier process in TIME-WAIT do not count; a socket that listens still does.
    setOption(kernel, fd, SOL_SOCKET, SO.REUSEADDR, 1);
    setOption(kernel, fd, IPPROTO.TCP, TCP.NODELAY, 1);
    setOption(kernel, fd, IPPROTO.TCP, TCP.SAVE_SYN, 1);
    bind(kernel, fd, at);
    if (kernel.listen(fd, backlog) < 0) throw kernelError(kernel.errno(), 'listen', describe(at));
  });
}

function open(kernel: Kernel, at: Endpoint, type: number, prepare: (fd: number) => void): number {
  const isIpv6 = at.octets.length === 16;
  const family = isIpv6 ? AF.INET6 : AF.INET;
  const fd = kernel.socket(family, type | SOCK.NONBLOCK | SOCK.CLOEXEC, 0);
  if (fd < 0) throw kernelError(kernel.errno(), 'socket', describe(at));
  try {
    if (isIpv6) setOption(kernel, fd, IPPROTO.IPV6, IPV6.V6ONLY, 1);
    prepare(fd);
  } catch (error) {
    kernel.close(fd);
    throw error;
  }
  return fd;
}

function bind(kernel: Kernel, fd: number, at: Endpoint): void {
  const octets = writeSockaddr(name, 0, at.octets, at.port);
  if (kernel.bind(fd, name, octets) < 0) throw kernelError(kernel.errno(), 'bind', describe(at));
}

function describe({ octets, text, port }: Endpoint): string {
  return octets.length === 4 ? `${text}:${port}` : `[${text}]:${port}`;
}

function setUdpOptions(kernel: Kernel, fd: number, { octets }: Endpoint): void {
  setOption(kernel, fd, SOL_SOCKET, SO.RCVBUF, BUFFER_OCTETS);
  setOption(kernel, fd, SOL_SOCKET, SO.SNDBUF, BUFFER_OCTETS);
  if (octets.length === 4) {
    setOption(kernel, fd, IPPROTO.IP, IP.RECVERR, 1);
    setOption(kernel, fd, IPPROTO.IP, IP.RECVTTL, 1);
  } else {
    setOption(kernel, fd, IPPROTO.IPV6, IPV6.RECVERR, 1);
    setOption(kernel, fd, IPPROTO.IPV6, IPV6.RECVHOPLIMIT, 1);
  }
  setUsualPath(kernel, fd, octets.length === 4 ? 4 : 6);
}

/**
 * How answers leave by default: IPv4 without DF and whatever path MTU is claimed, IPv6 by the path MTU learned, and in fragments of
 * at most 1280 octets where one packet is not enough.
 *
 * @throws {KernelError}
 */
export function setUsualPath(kernel: Kernel, fd: number, family: 4 | 6): void {
  if (family === 4) {
    setOption(kernel, fd, IPPROTO.IP, IP.MTU_DISCOVER, PMTUDISC.OMIT);
    return;
  }
  setOption(kernel, fd, IPPROTO.IPV6, IPV6.MTU_DISCOVER, PMTUDISC.WANT);
  setOption(kernel, fd, IPPROTO.IPV6, IPV6.DONTFRAG, 0);
  setOption(kernel, fd, IPPROTO.IPV6, IPV6.MTU, IPV6_FRAGMENT_MTU);
}
