/** Batches of datagrams for recvmmsg(2) and sendmmsg(2), laid out once: no call and no datagram allocates anything. */
import { AF, IP, IPPROTO, IPV6, MSG } from './constants.ts';
import type { Kernel } from './library.ts';
import { SOCKADDR, SOCKADDR_OCTETS } from './sockaddr.ts';

/** struct mmsghdr: a msghdr of 56 octets, then the octets of the datagram. */
const MMSGHDR = {
  octets: 64,
  name: 0,
  nameLength: 8,
  iov: 16,
  iovCount: 24,
  control: 32,
  controlLength: 40,
  length: 56,
};
const IOVEC = { octets: 16, base: 0, length: 8 };
/** struct cmsghdr with one int behind it; `length` counts header and int. */
const CMSG = { octets: 24, length: 20, level: 8, type: 12, value: 16 };

/** Largest UDP payload and then some, so that nothing is ever cut; memory is touched only as far as messages reach. */
export const MESSAGE_OCTETS = 65_535;
/** An odd number of cache lines, so that messages do not all begin in the same cache set. */
const STRIDE = 1027 * 64;
const NAME_STRIDE = 32;
const CONTROL_STRIDE = 32;
const IPV4_NAME_OCTETS = 16;

/** Where the parts of a batch stand in its memory. */
function layOut(count: number) {
  const iovecs = count * MMSGHDR.octets;
  const names = iovecs + count * IOVEC.octets;
  const controls = names + count * NAME_STRIDE;
  const messages = controls + count * CONTROL_STRIDE;
  return { iovecs, names, controls, messages, octets: messages + count * STRIDE };
}

/** Memory of one batch; all addresses in it point into itself, so it lives exactly as long as they do. */
class Batch {
  /** Slots. */
  readonly count: number;
  /** Everything; messages begin at {@link startOf}. */
  readonly octets: Uint8Array<ArrayBuffer>;
  /** Addresses of the headers, one a slot. */
  protected readonly headers: readonly bigint[];
  /** Everything in front of the messages. */
  readonly words: Int32Array;
  protected readonly kernel: Kernel;
  protected readonly names: number;
  protected readonly controls: number;
  protected readonly iovecs: number;
  private readonly messages: number;

  constructor(kernel: Kernel, count: number, hasControl: boolean) {
    this.kernel = kernel;
    this.count = count;
    const { iovecs, names, controls, messages, octets } = layOut(count);
    this.iovecs = iovecs;
    this.names = names;
    this.controls = controls;
    this.messages = messages;
    this.octets = new Uint8Array(octets);
    this.words = new Int32Array(this.octets.buffer, 0, messages / 4);
    const base = kernel.address(this.octets);
    this.headers = Array.from({ length: count }, (_, slot) => base + BigInt(slot * MMSGHDR.octets));
    const view = new DataView(this.octets.buffer);
    const point = (at: number, to: number) => view.setBigUint64(at, base + BigInt(to), true);
    for (let slot = 0; slot < count; slot++) {
      const header = slot * MMSGHDR.octets;
      const iovec = iovecs + slot * IOVEC.octets;
      point(header + MMSGHDR.name, names + slot * NAME_STRIDE);
      point(header + MMSGHDR.iov, iovec);
      view.setUint32(header + MMSGHDR.iovCount, 1, true);
      if (hasControl) point(header + MMSGHDR.control, controls + slot * CONTROL_STRIDE);
      point(iovec + IOVEC.base, messages + slot * STRIDE);
      view.setUint32(iovec + IOVEC.length, MESSAGE_OCTETS, true);
    }
  }

  /** Where in `octets` the message of a slot begins; {@link MESSAGE_OCTETS} are its own. */
  startOf(slot: number): number {
    return this.messages + slot * STRIDE;
  }

  /** Where in `octets` the socket address of a slot begins. */
  nameOf(slot: number): number {
    return this.names + slot * NAME_STRIDE;
  }
}

/** Datagrams as received. */
export class ReceiveBatch extends Batch {
  /** Slots that the kernel has written since they were last made ready. */
  private written: number;

  constructor(kernel: Kernel, count: number) {
    super(kernel, count, true);
    this.written = count;
  }

  /** Receives what waits, up to `count` datagrams. @returns how many, or -1: see `errno` */
  receive(fd: number): number {
    const { words } = this;
    for (let slot = 0; slot < this.written; slot++) {
      const header = slot * (MMSGHDR.octets / 4);
      words[header + MMSGHDR.nameLength / 4] = SOCKADDR_OCTETS;
      words[header + MMSGHDR.controlLength / 4] = CMSG.octets;
    }
    this.written = 0;
    const received = this.kernel.recvmmsg(fd, this.headers[0]!, this.count, MSG.DONTWAIT, null);
    if (received > 0) this.written = received;
    return received;
  }

  /** A copy of the socket address that a slot came from. */
  copyName(slot: number): Uint8Array {
    const at = this.nameOf(slot);
    return this.octets.slice(at, at + SOCKADDR_OCTETS);
  }

  lengthOf(slot: number): number {
    return this.words[(slot * MMSGHDR.octets + MMSGHDR.length) / 4]!;
  }

  /** Source port. */
  portOf(slot: number): number {
    const at = this.nameOf(slot) + SOCKADDR.port;
    return this.octets[at]! * 0x100 + this.octets[at + 1]!;
  }

  /** Copies the source address, 4 or 16 octets. */
  copySource(slot: number, family: 4 | 6, into: Uint8Array): void {
    const { octets } = this;
    const at = this.nameOf(slot) + (family === 4 ? SOCKADDR.ipv4 : SOCKADDR.ipv6);
    const length = family === 4 ? 4 : 16;
    for (let index = 0; index < length; index++) into[index] = octets[at + index]!;
  }

  /** TTL or hop limit, 0 where the kernel did not say. */
  ttlOf(slot: number, family: 4 | 6): number {
    const { words } = this;
    const at = (this.controls + slot * CONTROL_STRIDE) / 4;
    const isThere =
      words[(slot * MMSGHDR.octets + MMSGHDR.controlLength) / 4]! >= CMSG.length &&
      words[at] === CMSG.length &&
      words[at + CMSG.level / 4] === (family === 4 ? IPPROTO.IP : IPPROTO.IPV6) &&
      words[at + CMSG.type / 4] === (family === 4 ? IP.TTL : IPV6.HOPLIMIT);
    return isThere ? words[at + CMSG.value / 4]! : 0;
  }
}

/** Datagrams to be sent. */
export class SendBatch extends Batch {
  constructor(kernel: Kernel, count: number) {
    super(kernel, count, false);
  }

  /** Addresses a slot to where the datagram in slot `from` of `received` came from. @param octets of its message */
  answer(slot: number, octets: number, received: ReceiveBatch, from: number): void {
    const { words } = this;
    const target = this.nameOf(slot) / 4;
    const source = received.nameOf(from) / 4;
    const others = received.words;
    for (let word = 0; word < SOCKADDR_OCTETS / 4; word++) words[target + word] = others[source + word]!;
    this.finish(slot, octets);
  }

  /** Addresses a slot by a socket address. @param octets of its message */
  address(slot: number, octets: number, name: Uint8Array): void {
    this.octets.set(name, this.nameOf(slot));
    this.finish(slot, octets);
  }

  private finish(slot: number, octets: number): void {
    const { words } = this;
    const isIpv4 = (words[this.nameOf(slot) / 4]! & 0xffff) === AF.INET;
    words[(slot * MMSGHDR.octets + MMSGHDR.nameLength) / 4] = isIpv4 ? IPV4_NAME_OCTETS : SOCKADDR_OCTETS;
    words[(this.iovecs + slot * IOVEC.octets + IOVEC.length) / 4] = octets;
  }

  /** Sends the slots from `first` on. @returns how many left, or -1 where the first did not: see `errno` */
  send(fd: number, first: number, count: number): number {
    return this.kernel.sendmmsg(fd, this.headers[first]!, count, MSG.DONTWAIT);
  }
}
