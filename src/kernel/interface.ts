/**
 * Network interfaces of this process's network namespace (netdevice(7)): which one has an address, and its MTU.
 *
 * The files of /sys may be those of another namespace, and Node leaves out interfaces whose link is not up yet.
 */
import { readFileSync } from 'node:fs';
import { SOCK } from './constants.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';

const AF_INET = 2;
const SIOCGIFCONF = 0x8912;
const SIOCGIFMTU = 0x8921;
/** struct ifreq: the name with its final zero takes 16 octets; an int or a struct sockaddr_in follows. */
const IFREQ_OCTETS = 40;
const NAME_OCTETS = 16;
const ADDRESS_AT = NAME_OCTETS + 4;
const MOST_ADDRESSES = 1024;
const LOOPBACK_NET = 127;

/**
 * MTU of the interface that has the address; a loopback interface has all of 127.0.0.0/8.
 *
 * @param address 4 or 16 octets
 * @returns octets, 0 where no interface has it
 */
export function mtuOf(kernel: Kernel, address: Uint8Array): number {
  const name = address.length === 4 ? ipv4Interface(kernel, address) : ipv6Interface(address);
  return name === undefined ? 0 : interfaceMtu(kernel, name);
}

function ipv4Interface(kernel: Kernel, address: Uint8Array): string | undefined {
  const list = stableOctets(MOST_ADDRESSES * IFREQ_OCTETS);
  // struct ifconf: an int, and at 8 a pointer.
  const request = stableOctets(128);
  const view = new DataView(request.buffer);
  view.setInt32(0, list.length, true);
  view.setBigUint64(8, kernel.address(list), true);
  if (ask(kernel, SIOCGIFCONF, request) < 0) return undefined;
  for (let at = 0; at < view.getInt32(0, true); at += IFREQ_OCTETS) {
    const own = list.subarray(at + ADDRESS_AT, at + ADDRESS_AT + 4);
    const isLoopback = own[0] === LOOPBACK_NET && address[0] === LOOPBACK_NET;
    if (isLoopback || Buffer.compare(own, address) === 0)
      return Buffer.from(list.subarray(at, at + NAME_OCTETS))
        .toString('latin1')
        .split('\0', 1)[0];
  }
  return undefined;
}

function ipv6Interface(address: Uint8Array): string | undefined {
  const hex = Buffer.from(address).toString('hex');
  try {
    const lines = readFileSync('/proc/thread-self/net/if_inet6', 'latin1').split('\n');
    return lines
      .find((line) => line.startsWith(hex))
      ?.trim()
      .split(/\s+/)
      .at(-1);
  } catch {
    return undefined;
  }
}

/** Octets, 0 where there is no such interface. */
function interfaceMtu(kernel: Kernel, name: string): number {
  const request = stableOctets(128);
  request.set(Buffer.from(name, 'latin1').subarray(0, NAME_OCTETS - 1));
  return ask(kernel, SIOCGIFMTU, request) < 0 ? 0 : new DataView(request.buffer).getInt32(NAME_OCTETS, true);
}

function ask(kernel: Kernel, what: number, request: Uint8Array): number {
  const fd = kernel.socket(AF_INET, SOCK.DGRAM | SOCK.CLOEXEC, 0);
  if (fd < 0) return fd;
  const result = kernel.ioctl(fd, what, request);
  kernel.close(fd);
  return result;
}
