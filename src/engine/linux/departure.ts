/** Departure of answers that do not leave at once or not in the usual way: each by its arm (DESIGN: arms). */
import { randomInt } from 'node:crypto';
import type { Arm } from '../../behaviors/behavior.ts';
import { ERRNO, IP, IPPROTO, IPV6, PMTUDISC } from '../../kernel/constants.ts';
import { kernelError } from '../../kernel/error.ts';
import type { Kernel } from '../../kernel/library.ts';
import { addressAt, portAt, SOCKADDR, SOCKADDR_OCTETS } from '../../kernel/sockaddr.ts';
import { setOption, setUsualPath } from '../../kernel/socket.ts';
import type { Facts } from '../../record/facts.ts';
import { unsent } from '../../server/record.ts';
import type { Special } from '../../server/service.ts';
import { fragment } from './fragment.ts';
import type { LoopHooks, UdpSocket } from './hooks.ts';
import { Outbox } from './outbox.ts';
import { truncate, truncatedFacts } from './truncate.ts';

/** Largest packet of the arm `frag`: what every IPv6 path carries (RFC 8200 §5). */
const FRAGMENT_MTU = 1280;

export class Departure {
  private readonly kernel: Kernel;
  private readonly hooks: LoopHooks;
  private readonly outbox: Outbox;
  private readonly onTrouble: (error: unknown) => void;

  constructor(
    kernel: Kernel,
    hooks: LoopHooks,
    drain: (socket: UdpSocket) => number,
    onTrouble: (error: unknown) => void,
  ) {
    this.kernel = kernel;
    this.hooks = hooks;
    this.outbox = new Outbox(kernel, 1, drain);
    this.onTrouble = onTrouble;
  }

  /** Sends it now and records what became of it. @param name socket address of the destination */
  leave(socket: UdpSocket, special: Special, name: Uint8Array): void {
    let facts: Facts = unsent(special.facts);
    try {
      facts = this.send(socket, special, name);
    } catch (error) {
      this.onTrouble(error);
    }
    this.hooks.record(facts);
  }

  /** @throws {KernelError} where it cannot leave */
  private send(socket: UdpSocket, { arm, octets, facts }: Special, name: Uint8Array): Facts {
    if (arm === 'frag' && needsFragments(octets, socket)) {
      const packets = this.sendFragments(socket, octets, name);
      return { ...facts, fragments: packets };
    }
    const errno = this.sendOne(socket, arm, octets, name);
    if (errno === 0) return facts;
    if (errno !== ERRNO.EMSGSIZE || arm !== 'df') throw kernelError(errno, 'sendmmsg', facts.src);
    // It may not be cut, and does not fit what the kernel knows of the path.
    const short = truncate(octets);
    const again = this.sendOne(socket, 'default', short, name);
    if (again !== 0) throw kernelError(again, 'sendmmsg', facts.src);
    return truncatedFacts(facts, short.length);
  }

  /** @returns errno, 0 where it left */
  private sendOne(socket: UdpSocket, arm: Arm, octets: Uint8Array, name: Uint8Array): number {
    this.outbox.put(0, octets, name);
    if (!hasOptions(arm, socket)) return this.outbox.send(socket, 1) ? 0 : this.outbox.failures[0]!;
    // Around this one send: a socket of its own for the arm would be in the group and be sent queries.
    try {
      setArm(this.kernel, socket, arm);
      return this.outbox.send(socket, 1) ? 0 : this.outbox.failures[0]!;
    } finally {
      setUsualPath(this.kernel, socket.fd, socket.family);
    }
  }

  private sendFragments(socket: UdpSocket, payload: Uint8Array, name: Uint8Array): number {
    if (socket.raw === undefined)
      throw new Error('the arm frag needs CAP_NET_RAW, which this process has not');
    const datagram = {
      source: socket.local.octets,
      sourcePort: socket.port,
      destination: addressAt(name, 0),
      destinationPort: portAt(name, 0),
      payload,
    };
    const packets = fragment(datagram, FRAGMENT_MTU, randomInt(1, 2 ** 32));
    // For a raw IPv6 socket the port would be a protocol.
    const target = name.slice();
    target.fill(0, SOCKADDR.port, SOCKADDR.port + 2);
    const length = socket.family === 4 ? 16 : SOCKADDR_OCTETS;
    for (const packet of packets)
      if (this.kernel.sendto(socket.raw, packet, packet.length, 0, target, length) < 0)
        throw kernelError(this.kernel.errno(), 'sendto');
    return packets.length;
  }
}

const UDP_HEADER = 8;

function needsFragments(octets: Uint8Array, { family }: UdpSocket): boolean {
  return octets.length + UDP_HEADER + (family === 4 ? 20 : 40) > FRAGMENT_MTU;
}

/** IPv4 leaves without DF by default already. */
function hasOptions(arm: Arm, { family }: UdpSocket): boolean {
  return arm === 'df' || (arm === 'nodf' && family === 6);
}

function setArm(kernel: Kernel, { fd, family }: UdpSocket, arm: Arm): void {
  if (family === 4) {
    setOption(kernel, fd, IPPROTO.IP, IP.MTU_DISCOVER, PMTUDISC.DO);
    return;
  }
  setOption(kernel, fd, IPPROTO.IPV6, IPV6.MTU_DISCOVER, arm === 'df' ? PMTUDISC.DO : PMTUDISC.OMIT);
  if (arm !== 'df') return;
  setOption(kernel, fd, IPPROTO.IPV6, IPV6.DONTFRAG, 1);
  // The fragment size would count as what fits: 1280 octets on a link of 1500.
  setOption(kernel, fd, IPPROTO.IPV6, IPV6.MTU, 0);
}
