/** Numbers of the Linux kernel's interface that x86-64 and arm64 share (asm-generic/socket.h, linux/in.h, in6.h, tcp.h, errqueue.h). */

export const AF = { INET: 2, INET6: 10 } as const;
export const SOCK = { STREAM: 1, DGRAM: 2, RAW: 3, NONBLOCK: 0x800, CLOEXEC: 0x80000 } as const;
export const IPPROTO = { IP: 0, ICMP: 1, TCP: 6, UDP: 17, IPV6: 41, FRAGMENT: 44, RAW: 255 } as const;

/** `optname` under SOL_SOCKET. */
export const SO = {
  REUSEADDR: 2,
  ERROR: 4,
  SNDBUF: 7,
  RCVBUF: 8,
  LINGER: 13,
  REUSEPORT: 15,
} as const;
export const SOL_SOCKET = 1;

/** `optname` under IPPROTO_IP. TTL is also the type of the control message that IP_RECVTTL asks for. */
export const IP = { TTL: 2, HDRINCL: 3, MTU_DISCOVER: 10, RECVERR: 11, RECVTTL: 12, MTU: 14 } as const;

/** `optname` under SOL_RAW, which is IPPROTO_RAW: the ICMP types that a raw socket does not get, by bit (linux/icmp.h). */
export const ICMP_FILTER = 1;

/** `optname` under IPPROTO_IPV6. HOPLIMIT is also the type of the control message. */
export const IPV6 = {
  MTU_DISCOVER: 23,
  MTU: 24,
  RECVERR: 25,
  V6ONLY: 26,
  RECVHOPLIMIT: 51,
  HOPLIMIT: 52,
  DONTFRAG: 62,
} as const;

/** Values of IP_MTU_DISCOVER and IPV6_MTU_DISCOVER. */
export const PMTUDISC = { DONT: 0, WANT: 1, DO: 2, PROBE: 3, INTERFACE: 4, OMIT: 5 } as const;

/** `optname` under IPPROTO_TCP. */
export const TCP = {
  NODELAY: 1,
  DEFER_ACCEPT: 9,
  INFO: 11,
  USER_TIMEOUT: 18,
  SAVE_SYN: 27,
  SAVED_SYN: 28,
} as const;

export const MSG = { DONTWAIT: 0x40, NOSIGNAL: 0x4000, ERRQUEUE: 0x2000, TRUNC: 0x20 } as const;
export const SHUT = { RD: 0, WR: 1, RDWR: 2 } as const;

export const EPOLL_CTL = { ADD: 1, DEL: 2, MOD: 3 } as const;
/** Bits of epoll events; POLLIN, POLLOUT, POLLERR and POLLHUP have the same values. */
export const EPOLL = { IN: 0x001, OUT: 0x004, ERR: 0x008, HUP: 0x010, RDHUP: 0x2000 } as const;

/** Errors that a loop tells apart. */
export const ERRNO = {
  EPERM: 1,
  EINTR: 4,
  EBADF: 9,
  EAGAIN: 11,
  ENOMEM: 12,
  EINVAL: 22,
  ENFILE: 23,
  EMFILE: 24,
  EPIPE: 32,
  EMSGSIZE: 90,
  EADDRINUSE: 98,
  ECONNABORTED: 103,
  ECONNRESET: 104,
  ENOBUFS: 105,
  ECONNREFUSED: 111,
  EINPROGRESS: 115,
} as const;

/** Where an entry of the error queue comes from (linux/errqueue.h). */
export const EE_ORIGIN = { LOCAL: 1, ICMP: 2, ICMP6: 3 } as const;
