/** ICMPv4 "fragment reassembly time exceeded", which only a raw socket sees, as path events (RFC 792, RFC 1122 §3.3.2). Anybody can forge one. */
import { ReceiveBatch } from '../../kernel/batch.ts';
import { ERRNO, IPPROTO } from '../../kernel/constants.ts';
import { kernelError } from '../../kernel/error.ts';
import { ICMP_TIME_EXCEEDED } from '../../kernel/icmp.ts';
import type { Kernel } from '../../kernel/library.ts';
import type { PathEvent } from '../../record/path-event.ts';
import type { LoopHooks, UdpSocket } from './hooks.ts';

/** Messages taken at a time, so that a flood of them cannot hold up answers. */
const MAX_MESSAGES = 32;
const REASSEMBLY = 1;
const IPV4_HEADER = 20;
const UDP_HEADER = 8;
const ICMP_HEADER = 8;
/** As many as the error queue gives of other errors. */
const QUOTED_OCTETS = 512;

export class ReassemblyErrors {
  private readonly kernel: Kernel;
  private readonly fd: number;
  private readonly sockets: readonly UdpSocket[];
  private readonly hooks: LoopHooks;
  private readonly received: ReceiveBatch;

  /** @param fd by `openIcmp` */
  constructor(kernel: Kernel, fd: number, sockets: readonly UdpSocket[], hooks: LoopHooks) {
    this.kernel = kernel;
    this.fd = fd;
    this.sockets = sockets;
    this.hooks = hooks;
    this.received = new ReceiveBatch(kernel, MAX_MESSAGES);
  }

  /** Records what waits, up to 32 messages; the caller commits. @throws {KernelError} */
  take(): void {
    const { received, hooks } = this;
    const count = received.receive(this.fd);
    if (count < 0) {
      const errno = this.kernel.errno();
      if (errno === ERRNO.EAGAIN || errno === ERRNO.EINTR) return;
      throw kernelError(errno, 'recvmmsg', 'ICMP');
    }
    const time = hooks.now();
    for (let slot = 0; slot < count; slot++) {
      const start = received.startOf(slot);
      const packet = received.octets.subarray(start, start + received.lengthOf(slot));
      const event = reassemblyError(packet, this.sockets);
      if (event) hooks.recordPathEvent({ ...event, time });
    }
  }
}

/**
 * What an ICMP message says about a datagram of ours; undefined where it says something else, or is garbage.
 *
 *     IPv4 header of the offender │ ICMP type 11, code 1 │ our IPv4 header │ our UDP header │ DNS message, its begin
 *
 * @param packet with its IP header, as a raw socket receives it
 * @param sockets a datagram is ours if it left from address and port of one of them
 */
export function reassemblyError(
  packet: Uint8Array,
  sockets: readonly UdpSocket[],
): Omit<PathEvent, 'time'> | undefined {
  const icmp = payloadOf(packet, IPPROTO.ICMP);
  if (icmp[0] !== ICMP_TIME_EXCEEDED || icmp[1] !== REASSEMBLY) return undefined;
  const ours = quotedPacket(icmp);
  // RFC 792: who has not the first fragment need not tell, and only that one has the ports.
  const udp = payloadOf(ours, IPPROTO.UDP);
  if (udp.length < UDP_HEADER) return undefined;
  const socket = sockets.find((one) => one.port === portAt(udp, 0) && isAddress(one.local.octets, ours));
  if (!socket) return undefined;
  return {
    local: socket.local,
    family: 4,
    source: ours.slice(16, 20),
    sourcePort: portAt(udp, 2),
    icmpType: ICMP_TIME_EXCEEDED,
    icmpCode: REASSEMBLY,
    icmpMtu: 0,
    offender: packet.slice(12, 16),
    offenderFamily: 4,
    quoted: udp.slice(UDP_HEADER, UDP_HEADER + QUOTED_OCTETS),
  };
}

/** What stands behind the IPv4 header; empty where that is none, of another protocol, or not of a first fragment. */
function payloadOf(packet: Uint8Array, protocol: number): Uint8Array {
  const header = (packet[0]! & 0x0f) * 4;
  const isIpv4 = packet[0]! >> 4 === 4 && header >= IPV4_HEADER && header <= packet.length;
  const isFirst = (packet[6]! & 0x1f) === 0 && packet[7] === 0;
  return isIpv4 && isFirst && packet[9] === protocol ? packet.subarray(header) : NOTHING;
}

function quotedPacket(icmp: Uint8Array): Uint8Array {
  // RFC 4884 §4: where this is not 0, it is the length of the quotation in words, and extensions follow.
  const words = icmp[5] ?? 0;
  return icmp.subarray(ICMP_HEADER, words === 0 ? undefined : ICMP_HEADER + words * 4);
}

/** True for the source address of the packet. */
function isAddress(address: Uint8Array, packet: Uint8Array): boolean {
  return address.length === 4 && address.every((octet, index) => octet === packet[12 + index]);
}

function portAt(octets: Uint8Array, at: number): number {
  return octets[at]! * 0x100 + octets[at + 1]!;
}

const NOTHING = new Uint8Array(0);
