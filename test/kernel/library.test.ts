/** The C library through koffi, on the system that runs the tests. */
import { describe, expect, it } from 'vitest';
import { EPOLL, ERRNO } from '../../src/kernel/constants.ts';
import { Epoll } from '../../src/kernel/epoll.ts';
import { kernelError } from '../../src/kernel/error.ts';
import { openKernel, requireKernel } from '../../src/kernel/library.ts';
import { stableOctets } from '../../src/kernel/memory.ts';
import { selfCheck } from '../../src/kernel/self-check.ts';
import { addressAt, familyAt, portAt, writeSockaddr } from '../../src/kernel/sockaddr.ts';
import { endpoint, kernelProblem, openPeer } from '../support/datagrams.ts';

describe.skipIf(kernelProblem() !== undefined)('the kernel library', () => {
  it('opens once a thread, and reads errno of the last call', () => {
    const kernel = requireKernel();
    expect(openKernel()).toBe(kernel);
    expect(kernel.close(-1)).toBe(-1);
    expect(kernel.errno()).toBe(ERRNO.EBADF);
  });

  it('is refused in words where a struct does not lie as expected', () => {
    const kernel = requireKernel();
    expect(selfCheck(kernel)).toBeUndefined();
    expect(selfCheck({ ...kernel, errno: () => 0 })).toBe('errno cannot be read');
    expect(selfCheck({ ...kernel, recvmmsg: () => 2 })).toBe('struct mmsghdr or cmsghdr is not as expected');
    expect(selfCheck({ ...kernel, sendmmsg: () => 1 })).toContain('sendmmsg');
    expect(selfCheck({ ...kernel, epoll_wait: () => 1 })).toContain('epoll_event');
  });

  it('waits for many descriptors, and tells which of them are ready', () => {
    const kernel = requireKernel();
    const [first, second] = [openPeer(kernel, '127.0.0.1'), openPeer(kernel, '127.0.0.2')];
    const epoll = new Epoll(kernel, 4);
    epoll.add(first.fd, EPOLL.IN, 2_147_483_647);
    epoll.add(second.fd, EPOLL.IN, 7);
    expect(epoll.wait(0)).toBe(0);

    first.send(new Uint8Array(3), endpoint('127.0.0.2', second.port));
    expect([epoll.wait(1000), epoll.tagOf(0), epoll.eventsOf(0)]).toEqual([1, 7, EPOLL.IN]);
    epoll.modify(second.fd, EPOLL.IN | EPOLL.OUT, 8);
    expect([epoll.wait(1000), epoll.tagOf(0), epoll.eventsOf(0)]).toEqual([1, 8, EPOLL.IN | EPOLL.OUT]);
    second.send(new Uint8Array(3), endpoint('127.0.0.1', first.port));
    expect(epoll.wait(1000)).toBe(2);
    expect(new Set([epoll.tagOf(0), epoll.tagOf(1)])).toEqual(new Set([2_147_483_647, 8]));
    epoll.remove(first.fd);
    epoll.remove(second.fd);
    expect(epoll.wait(0)).toBe(0);

    expect(() => epoll.add(-1, EPOLL.IN, 0)).toThrow('epoll_ctl EBADF descriptor -1');
    epoll.close();
    first.close();
    second.close();
  });
});

it("errors of system calls look like Node's own", () => {
  expect(kernelError(98, 'bind', '127.0.0.1:53')).toMatchObject({
    message: 'bind EADDRINUSE 127.0.0.1:53',
    code: 'EADDRINUSE',
    errno: -98,
    syscall: 'bind',
  });
  expect(kernelError(99_999, 'bind').code).toContain('99999');
});

it.each([
  { address: '192.0.2.77', family: 4, length: 16 },
  { address: '2001:db8::35', family: 6, length: 28 },
])('socket addresses of IPv$family are read as they were written', ({ address, family, length }) => {
  const octets = stableOctets(40).fill(0xee);
  const wanted = endpoint(address);
  expect(writeSockaddr(octets, 4, wanted.octets, 0xfedc)).toBe(length);
  expect(familyAt(octets, 4)).toBe(family);
  expect(portAt(octets, 4)).toBe(0xfedc);
  expect(addressAt(octets, 4)).toEqual(wanted.octets);
  expect(octets.subarray(4 + length).every((octet) => octet === 0xee)).toBe(true);
});
