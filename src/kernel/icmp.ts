/** Raw sockets that receive ICMPv4: the kernel puts errors of reassembly into no socket's error queue (raw(7), icmp(7), RFC 792). */
import { AF, ERRNO, ICMP_FILTER, IPPROTO, SOCK } from './constants.ts';
import { type KernelError, kernelError } from './error.ts';
import type { Kernel, Missing } from './library.ts';
import { setOption } from './socket.ts';

export const ICMP_TIME_EXCEEDED = 11;

/** A raw socket to which the kernel gives a copy of each "time exceeded", IP header included, and of no other ICMP message. */
export function openIcmp(kernel: Kernel): number | Missing {
  const fd = kernel.socket(AF.INET, SOCK.RAW | SOCK.NONBLOCK | SOCK.CLOEXEC, IPPROTO.ICMP);
  if (fd < 0) return refused(kernelError(kernel.errno(), 'socket'));
  try {
    // A set bit keeps a type away: a flood of pings wakes nobody.
    setOption(kernel, fd, IPPROTO.RAW, ICMP_FILTER, ~(1 << ICMP_TIME_EXCEEDED));
    return fd;
  } catch (error) {
    kernel.close(fd);
    return refused(error as KernelError);
  }
}

function refused({ errno, message }: KernelError): Missing {
  return { missing: errno === -ERRNO.EPERM ? 'CAP_NET_RAW is missing' : message };
}
