/** The error queue of a UDP socket: ICMP errors about datagrams that left (ip(7) IP_RECVERR, ipv6(7) IPV6_RECVERR). */
import { EE_ORIGIN, IP, IPPROTO, IPV6, MSG } from './constants.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';
import { addressAt, familyAt, portAt, SOCKADDR_OCTETS } from './sockaddr.ts';

export interface QueuedError {
  /** Positive, as the next send or receive would have failed. */
  readonly errno: number;
  /** `local`: this host itself refused, for its own MTU. */
  readonly origin: 'local' | 'icmp' | 'other';
  readonly type: number;
  readonly code: number;
  /** The MTU where `errno` is EMSGSIZE. */
  readonly info: number;
  /** Who sent the ICMP message: 4 or 16 octets, empty where the kernel does not say. */
  readonly offender: Uint8Array;
  /** Where the datagram was going: 4 or 16 octets. */
  readonly destination: Uint8Array;
  readonly destinationPort: number;
  /** The first octets of the UDP payload that the ICMP message quoted; may be empty. */
  readonly quoted: Uint8Array;
}

const QUOTED_OCTETS = 512;
const CONTROL_OCTETS = 512;
const MSGHDR = { octets: 56, name: 0, nameLength: 8, iov: 16, iovCount: 24, control: 32, controlLength: 40 };
const IOVEC_OCTETS = 16;
/** struct sock_extended_err; the socket address of the offender follows. */
const EXTENDED = { errno: 0, origin: 4, type: 5, code: 6, info: 8, offender: 16 };
const CMSG = { level: 8, type: 12, data: 16 };

export class ErrorQueue {
  private readonly kernel: Kernel;
  private readonly memory: Uint8Array<ArrayBuffer>;
  private readonly view: DataView;
  private readonly at = {
    iovec: MSGHDR.octets,
    name: MSGHDR.octets + IOVEC_OCTETS,
    control: 128,
    quoted: 128 + CONTROL_OCTETS,
  };

  constructor(kernel: Kernel) {
    this.kernel = kernel;
    const { at } = this;
    this.memory = stableOctets(at.quoted + QUOTED_OCTETS);
    this.view = new DataView(this.memory.buffer);
    const base = kernel.address(this.memory);
    const point = (from: number, to: number) => this.view.setBigUint64(from, base + BigInt(to), true);
    point(MSGHDR.name, at.name);
    point(MSGHDR.iov, at.iovec);
    this.view.setUint32(MSGHDR.iovCount, 1, true);
    point(MSGHDR.control, at.control);
    point(at.iovec, at.quoted);
    this.view.setUint32(at.iovec + 8, QUOTED_OCTETS, true);
  }

  /** Takes the oldest entry, and the pending error of the socket with it; undefined where there is none. */
  take(fd: number): QueuedError | undefined {
    const { view, at } = this;
    view.setUint32(MSGHDR.nameLength, SOCKADDR_OCTETS, true);
    view.setUint32(MSGHDR.controlLength, CONTROL_OCTETS, true);
    const octets = this.kernel.recvmsg(fd, this.memory, MSG.ERRQUEUE | MSG.DONTWAIT);
    if (octets < 0) return undefined;
    const extended = this.findExtended(view.getUint32(MSGHDR.controlLength, true));
    const hasName = view.getUint32(MSGHDR.nameLength, true) > 0 && familyAt(this.memory, at.name) !== 0;
    return {
      ...(extended === undefined ? NOTHING_SAID : this.readExtended(extended)),
      destination: hasName ? addressAt(this.memory, at.name) : EMPTY,
      destinationPort: hasName ? portAt(this.memory, at.name) : 0,
      quoted: this.memory.slice(at.quoted, at.quoted + Math.min(octets, QUOTED_OCTETS)),
    };
  }

  /** Where the sock_extended_err stands among the control messages. */
  private findExtended(controlLength: number): number | undefined {
    const { view, at } = this;
    const end = at.control + controlLength;
    for (let cmsg = at.control; cmsg + CMSG.data + EXTENDED.offender <= end; ) {
      const level = view.getInt32(cmsg + CMSG.level, true);
      const type = view.getInt32(cmsg + CMSG.type, true);
      if (level === IPPROTO.IP && type === IP.RECVERR) return cmsg + CMSG.data;
      if (level === IPPROTO.IPV6 && type === IPV6.RECVERR) return cmsg + CMSG.data;
      const length = view.getUint32(cmsg, true);
      if (length < CMSG.data) return undefined;
      cmsg += Math.ceil(length / 8) * 8;
    }
    return undefined;
  }

  private readExtended(at: number) {
    const { view, memory } = this;
    const origin = memory[at + EXTENDED.origin];
    const isIcmp = origin === EE_ORIGIN.ICMP || origin === EE_ORIGIN.ICMP6;
    const hasOffender = isIcmp && familyAt(memory, at + EXTENDED.offender) !== 0;
    return {
      errno: view.getUint32(at + EXTENDED.errno, true),
      origin: isIcmp ? 'icmp' : origin === EE_ORIGIN.LOCAL ? 'local' : 'other',
      type: memory[at + EXTENDED.type]!,
      code: memory[at + EXTENDED.code]!,
      info: view.getUint32(at + EXTENDED.info, true),
      offender: hasOffender ? addressAt(memory, at + EXTENDED.offender) : EMPTY,
    } as const;
  }
}

const EMPTY = new Uint8Array(0);
const NOTHING_SAID = { errno: 0, origin: 'other', type: 0, code: 0, info: 0, offender: EMPTY } as const;
