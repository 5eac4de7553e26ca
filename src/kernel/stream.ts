/** TCP connections: taking them in, octets in and out, and what the kernel knows of their path (tcp(7), accept4(2)). */
import { ERRNO, IPPROTO, MSG, SHUT, SOCK, TCP } from './constants.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';
import { portAt, SOCKADDR, SOCKADDR_OCTETS } from './sockaddr.ts';
import { setOption } from './socket.ts';

/** `linux/tcp.h` */
const TCP_NOTSENT_LOWAT = 25;

/** Offsets in struct tcp_info; bytes_acked came with Linux 4.1. */
const INFO = { sndMss: 16, pmtu: 60, rtt: 68, bytesAcked: 120, octets: 128 };
/** IP header, up to 60 octets with options, and TCP header, up to 60. */
const SYN_OCTETS = 128;
const IPV6_HEADER = 40;
const TCP_HEADER = 20;
const TWO_32 = 2 ** 32;

/** Calls of one thread, on memory laid out once. Results below 0 are `-errno`. */
export class Stream {
  /** Source address of the connection accepted last: struct sockaddr_in or sockaddr_in6. */
  readonly name: Uint8Array = stableOctets(SOCKADDR_OCTETS);
  /** TTL or hop limit of the SYN read last, and the segment size that it offered: 0 where the kernel kept none. */
  synTtl = 0;
  synMss = 0;
  private readonly kernel: Kernel;
  private readonly length = stableOctets(4);
  private readonly lengthView = new DataView(this.length.buffer);
  private readonly info = stableOctets(INFO.octets);
  private readonly infoView = new DataView(this.info.buffer);
  private readonly syn = stableOctets(SYN_OCTETS);

  constructor(kernel: Kernel) {
    this.kernel = kernel;
  }

  /** Takes in the next connection, non-blocking; its source address then stands in `name`. */
  accept(listener: number): number {
    this.lengthView.setUint32(0, SOCKADDR_OCTETS, true);
    return this.orErrno(this.kernel.accept4(listener, this.name, this.length, SOCK.NONBLOCK | SOCK.CLOEXEC));
  }

  /** Port of the connection accepted last. */
  get port(): number {
    return portAt(this.name, 0);
  }

  /** Where in `name` the source address begins. */
  static addressAt(family: 4 | 6): number {
    return family === 4 ? SOCKADDR.ipv4 : SOCKADDR.ipv6;
  }

  /** @returns octets received, 0 where the peer has closed its side */
  receive(fd: number, into: Uint8Array | bigint, length: number): number {
    return this.orErrno(this.kernel.recv(fd, into, length, MSG.DONTWAIT));
  }

  /** @returns octets that the kernel has taken: it then delivers them, whatever becomes of the descriptor */
  send(fd: number, octets: Uint8Array | bigint, length: number): number {
    return this.orErrno(this.kernel.send(fd, octets, length, MSG.DONTWAIT | MSG.NOSIGNAL));
  }

  /** Closes our side: the peer sees the end behind the last octet. */
  shut(fd: number): void {
    this.kernel.shutdown(fd, SHUT.WR);
  }

  close(fd: number): void {
    this.kernel.close(fd);
  }

  /** Reads the SYN, which can be done once: `synTtl` and `synMss` then speak of it (TCP_SAVE_SYN on the listener). */
  takeSyn(fd: number, family: 4 | 6): void {
    const { syn } = this;
    const octets = this.read(fd, TCP.SAVED_SYN, syn, SYN_OCTETS);
    const header = family === 4 ? 4 * (syn[0]! & 0xf) : IPV6_HEADER;
    this.synTtl = octets < header ? 0 : syn[family === 4 ? 8 : 7]!; // RFC 791 §3.1, RFC 8200 §3
    this.synMss = maxSegment(syn, header, octets);
  }

  /** Reads TCP_INFO: the getters below then speak of this connection. @returns false where the kernel has none */
  readInfo(fd: number): boolean {
    return this.read(fd, TCP.INFO, this.info, INFO.octets) === INFO.octets;
  }

  /** Microseconds, 0 unknown. */
  get rttUs(): number {
    return this.infoView.getUint32(INFO.rtt, true);
  }

  /** Octets of a segment that we may send. */
  get sendMss(): number {
    return this.infoView.getUint32(INFO.sndMss, true);
  }

  get pathMtu(): number {
    return this.infoView.getUint32(INFO.pmtu, true);
  }

  /** Octets of our stream that the peer has acknowledged, from its first; our FIN counts as one more. */
  get ackedOctets(): number {
    const { infoView } = this;
    return infoView.getUint32(INFO.bytesAcked + 4, true) * TWO_32 + infoView.getUint32(INFO.bytesAcked, true);
  }

  private read(fd: number, option: number, into: Uint8Array, octets: number): number {
    this.lengthView.setUint32(0, octets, true);
    const result = this.kernel.getsockopt(fd, IPPROTO.TCP, option, into, this.length);
    return result < 0 ? 0 : this.lengthView.getUint32(0, true);
  }

  private orErrno(result: number): number {
    return result < 0 ? -this.kernel.errno() : result;
  }
}

/** The option of a SYN that says the largest segment; 0 where there is none (RFC 9293 §3.7.1). @param at where TCP begins */
function maxSegment(packet: Uint8Array, at: number, octets: number): number {
  const end = Math.min(octets, at + 4 * ((packet[at + 12] ?? 0) >> 4));
  for (let option = at + TCP_HEADER; option + 1 < end; ) {
    const kind = packet[option]!;
    if (kind === 0) return 0;
    const length = kind === 1 ? 1 : packet[option + 1]!;
    if (kind === 2 && length === 4 && option + 4 <= end)
      return (packet[option + 2]! << 8) | packet[option + 3]!;
    if (length === 0) return 0;
    option += length;
  }
  return 0;
}

/** Whether a result means "not now": nothing is wrong. */
export function isNotNow(result: number): boolean {
  return result === -ERRNO.EAGAIN || result === -ERRNO.EINTR;
}

/** Bounds what the kernel takes for a peer that does not read; a listening socket hands it on to its connections. @throws {KernelError} */
export function boundUnsent(kernel: Kernel, fd: number, octets: number): void {
  setOption(kernel, fd, IPPROTO.TCP, TCP_NOTSENT_LOWAT, octets);
}
