/** Sockets of the packet engine: one group for each listen address, that nobody else has a part of. */
import { once } from 'node:events';
import { readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { AF, IP, IPPROTO, IPV6, PMTUDISC, SO, SOCK, SOL_SOCKET, TCP } from '../../src/kernel/constants.ts';
import { type Kernel, requireKernel } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { writeSockaddr } from '../../src/kernel/sockaddr.ts';
import {
  getOption,
  openGroup,
  openSharedUdp,
  openTcp,
  openUdp,
  portOf,
  type SocketGroup,
  setOption,
} from '../../src/kernel/socket.ts';
import { endpoint, kernelProblem } from '../support/datagrams.ts';

const descriptors = () => readdirSync('/proc/self/fd').length;

function closeLater(kernel: Kernel, group: SocketGroup): SocketGroup {
  onTestFinished(() => [...group.udp, group.tcp].forEach((fd) => void kernel.close(fd)));
  return group;
}

/** A plain socket of another program, bound with the options given. */
function bindPlain(
  kernel: Kernel,
  type: number,
  address: string,
  port: number,
  ...options: number[]
): number {
  const fd = kernel.socket(AF.INET, type, 0);
  for (const option of options) setOption(kernel, fd, SOL_SOCKET, option, 1);
  const name = stableOctets(28);
  const length = writeSockaddr(name, 0, endpoint(address).octets, port);
  expect(kernel.bind(fd, name, length)).toBe(0);
  onTestFinished(() => void kernel.close(fd));
  return fd;
}

describe.skipIf(kernelProblem() !== undefined)('sockets of one listen address', () => {
  it.each(['127.0.0.1', '::1'])('%s: UDP sockets and TCP share a port that the kernel chose', (address) => {
    const kernel = requireKernel();
    const group = closeLater(kernel, openGroup(kernel, endpoint(address), 3));
    expect(group.port).toBeGreaterThan(0);
    expect(group.udp).toHaveLength(3);
    expect([...group.udp, group.tcp].map((fd) => portOf(kernel, fd))).toEqual(Array(4).fill(group.port));
  });

  it('a port that the kernel chose for UDP and that TCP has not is given up for another', () => {
    const kernel = requireKernel();
    const opened: number[] = [];
    let intruderPort = 0;
    // Somebody takes the first port under TCP in the very moment between the two.
    const raced: Kernel = {
      ...kernel,
      socket(domain, type, protocol) {
        if ((type & 0xf) === SOCK.STREAM && intruderPort === 0) {
          intruderPort = portOf(kernel, opened[0]!);
          kernel.listen(bindPlain(kernel, SOCK.STREAM, '127.0.0.1', intruderPort), 1);
        }
        const fd = kernel.socket(domain, type, protocol);
        opened.push(fd);
        return fd;
      },
    };
    const { port } = closeLater(kernel, openGroup(raced, endpoint('127.0.0.1'), 2));
    expect(intruderPort).toBeGreaterThan(0);
    expect(port).not.toBe(intruderPort);
  });

  it('a port asked for by number that TCP has not is an error', async () => {
    const kernel = requireKernel();
    const taken = createServer().listen(0, '127.0.0.1');
    await once(taken, 'listening');
    const { port } = taken.address() as { port: number };
    onTestFinished(() => void taken.close());
    const before = descriptors();
    expect(() => openGroup(kernel, endpoint('127.0.0.1', port), 2)).toThrow(`EADDRINUSE 127.0.0.1:${port}`);
    expect(descriptors()).toBe(before);
  });

  it.each([
    { what: 'a socket of anybody', options: [] },
    { what: 'a group that lets sockets of the same user join', options: [SO.REUSEPORT] },
    { what: 'a socket whose address may be used again', options: [SO.REUSEADDR] },
  ])('a UDP port that $what has is EADDRINUSE, and no descriptor is left', ({ options }) => {
    const kernel = requireKernel();
    const port = portOf(kernel, bindPlain(kernel, SOCK.DGRAM, '127.0.0.1', 0, ...options));
    const before = descriptors();
    expect(() => openGroup(kernel, endpoint('127.0.0.1', port), 2)).toThrow(
      expect.objectContaining({
        code: 'EADDRINUSE',
        syscall: 'bind',
        message: `bind EADDRINUSE 127.0.0.1:${port}`,
      }),
    );
    expect(descriptors()).toBe(before);
  });

  it('a wildcard socket of another program holds every address', () => {
    const kernel = requireKernel();
    const port = portOf(kernel, bindPlain(kernel, SOCK.DGRAM, '0.0.0.0', 0, SO.REUSEPORT));
    expect(() => openUdp(kernel, endpoint('127.0.0.1', port))).toThrow('EADDRINUSE');
  });

  it('a second server on the same address fails, whichever socket it opens first', () => {
    const kernel = requireKernel();
    const { port } = closeLater(kernel, openGroup(kernel, endpoint('127.0.0.1'), 2));
    expect(() => openGroup(kernel, endpoint('127.0.0.1', port), 2)).toThrow('bind EADDRINUSE');
    expect(() => openTcp(kernel, endpoint('127.0.0.1', port))).toThrow('EADDRINUSE');
  });

  it('IPv6 and IPv4 have the same port apart', () => {
    const kernel = requireKernel();
    const open = () => {
      const six = closeLater(kernel, openGroup(kernel, endpoint('::1'), 1));
      closeLater(kernel, openGroup(kernel, endpoint('127.0.0.1', six.port), 1));
    };
    // Other programs may have the port over IPv4.
    for (let tries = 1; tries < 20; tries++) {
      try {
        return open();
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== 'EADDRINUSE') throw error;
      }
    }
    open();
  });

  it('an address that this host has not says so', () => {
    const kernel = requireKernel();
    expect(() => openGroup(kernel, endpoint('192.0.2.1', 5300), 1)).toThrow(
      expect.objectContaining({ code: 'EADDRNOTAVAIL', message: 'bind EADDRNOTAVAIL 192.0.2.1:5300' }),
    );
    expect(() => openGroup(kernel, endpoint('2001:db8::1', 5300), 1)).toThrow('[2001:db8::1]:5300');
  });

  it('IPv4 leaves without DF whatever the path claims, and hears of errors and TTLs', () => {
    const kernel = requireKernel();
    for (const fd of closeLater(kernel, openGroup(kernel, endpoint('127.0.0.1'), 2)).udp) {
      expect(getOption(kernel, fd, IPPROTO.IP, IP.MTU_DISCOVER)).toBe(PMTUDISC.OMIT);
      expect(getOption(kernel, fd, IPPROTO.IP, IP.RECVERR)).toBe(1);
      expect(getOption(kernel, fd, IPPROTO.IP, IP.RECVTTL)).toBe(1);
      expect(getOption(kernel, fd, SOL_SOCKET, SO.REUSEPORT)).toBe(1);
    }
  });

  it('IPv6 follows the path MTU, and cuts at 1280 what exceeds the link', () => {
    const kernel = requireKernel();
    for (const fd of closeLater(kernel, openGroup(kernel, endpoint('::1'), 2)).udp) {
      expect(getOption(kernel, fd, IPPROTO.IPV6, IPV6.MTU_DISCOVER)).toBe(PMTUDISC.WANT);
      expect(getOption(kernel, fd, IPPROTO.IPV6, IPV6.RECVERR)).toBe(1);
      expect(getOption(kernel, fd, IPPROTO.IPV6, IPV6.V6ONLY)).toBe(1);
      expect(getOption(kernel, fd, IPPROTO.IPV6, IPV6.RECVHOPLIMIT)).toBe(1);
    }
  });

  it('TCP keeps the SYN of each connection', () => {
    const kernel = requireKernel();
    const { tcp } = closeLater(kernel, openGroup(kernel, endpoint('127.0.0.1'), 1));
    expect(getOption(kernel, tcp, IPPROTO.TCP, TCP.SAVE_SYN)).toBe(1);
    expect(getOption(kernel, tcp, IPPROTO.TCP, TCP.NODELAY)).toBe(1);
  });

  it('a thread that is replaced can have one more socket on the port', () => {
    const kernel = requireKernel();
    const { port } = closeLater(kernel, openGroup(kernel, endpoint('127.0.0.1'), 1));
    const fd = openSharedUdp(kernel, endpoint('127.0.0.1', port));
    expect(portOf(kernel, fd)).toBe(port);
    kernel.close(fd);
  });
});
