/** MTU of a network interface of this process's network namespace (netdevice(7)); the files of /sys may be those of another one. */
import { SOCK } from './constants.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';

const AF_INET = 2;
const SIOCGIFMTU = 0x8921;
/** struct ifreq: the name with its final zero takes 16 octets, an int follows. */
const NAME_OCTETS = 16;
const IFREQ_OCTETS = 128;

/** Octets, 0 where there is no such interface. */
export function interfaceMtu(kernel: Kernel, name: string): number {
  const request = stableOctets(IFREQ_OCTETS);
  request.set(Buffer.from(name).subarray(0, NAME_OCTETS - 1));
  const fd = kernel.socket(AF_INET, SOCK.DGRAM | SOCK.CLOEXEC, 0);
  if (fd < 0) return 0;
  const result = kernel.ioctl(fd, SIOCGIFMTU, request);
  kernel.close(fd);
  return result < 0 ? 0 : new DataView(request.buffer).getInt32(NAME_OCTETS, true);
}
