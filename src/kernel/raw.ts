/** Raw sockets that send whole IP packets, for fragments that no socket option can make (raw(7), RFC 3542 §3). */
import { AF, IPPROTO, SOCK } from './constants.ts';
import type { Kernel } from './library.ts';

/**
 * A raw socket that only sends: with IPPROTO_RAW the caller writes the IP header, and nothing is ever received.
 *
 * @returns undefined without CAP_NET_RAW
 */
export function openRaw(kernel: Kernel, family: 4 | 6): number | undefined {
  const domain = family === 4 ? AF.INET : AF.INET6;
  const fd = kernel.socket(domain, SOCK.RAW | SOCK.NONBLOCK | SOCK.CLOEXEC, IPPROTO.RAW);
  return fd < 0 ? undefined : fd;
}
