/** A TUN device: a network interface whose packets a program reads and writes (the kernel's tuntap document). */
import { openSync } from 'node:fs';
import { kernelError } from '../src/kernel/error.ts';
import { requireKernel } from '../src/kernel/library.ts';
import { stableOctets } from '../src/kernel/memory.ts';

const TUNSETIFF = 0x400454ca;
const [IFF_TUN, IFF_NO_PI] = [0x0001, 0x1000];
/** struct ifreq: the name takes 16 octets, its flags follow. */
const NAME_OCTETS = 16;

/**
 * Makes the interface in the network namespace of this process.
 *
 * @returns a file descriptor: one read or write is one IP packet
 * @throws {Error} as system calls do
 */
export function openTun(name: string): number {
  const kernel = requireKernel();
  const fd = openSync('/dev/net/tun', 'r+');
  const request = stableOctets(128);
  request.set(Buffer.from(name));
  new DataView(request.buffer).setUint16(NAME_OCTETS, IFF_TUN | IFF_NO_PI, true);
  if (kernel.ioctl(fd, TUNSETIFF, request) < 0) throw kernelError(kernel.errno(), 'ioctl', name);
  return fd;
}
