/** Path errors: empties the error queues of UDP sockets into path events and learned path MTUs (ip(7) IP_RECVERR). */
import { ERRNO } from '../../kernel/constants.ts';
import { ErrorQueue, type QueuedError } from '../../kernel/error-queue.ts';
import type { Kernel } from '../../kernel/library.ts';
import type { LoopHooks, UdpSocket } from './hooks.ts';
import type { PathMtus } from './path-mtus.ts';

/** Entries taken at a time, so that a flood of forged errors cannot hold up answers. */
const MAX_ENTRIES = 64;

export class PathErrors {
  private readonly queue: ErrorQueue;
  private readonly hooks: LoopHooks;
  private readonly pathMtus: PathMtus;

  constructor(kernel: Kernel, hooks: LoopHooks, pathMtus: PathMtus) {
    this.queue = new ErrorQueue(kernel);
    this.hooks = hooks;
    this.pathMtus = pathMtus;
  }

  /** @returns how many entries there were, up to 64 */
  drain(socket: UdpSocket): number {
    for (let count = 0; count < MAX_ENTRIES; count++) {
      const entry = this.queue.take(socket.fd);
      if (entry === undefined) return count;
      // What this host itself refuses is no event of the path.
      if (entry.origin === 'icmp' && entry.destination.length > 0) this.record(socket, entry);
    }
    return MAX_ENTRIES;
  }

  private record({ local, family }: UdpSocket, entry: QueuedError): void {
    const { offender, destination } = entry;
    const time = this.hooks.now();
    const icmpMtu = entry.errno === ERRNO.EMSGSIZE ? entry.info : 0;
    if (icmpMtu > 0) this.pathMtus.learn(destination, family, icmpMtu, time);
    this.hooks.recordPathEvent({
      time,
      local,
      family,
      source: destination,
      sourcePort: entry.destinationPort,
      icmpType: entry.type,
      icmpCode: entry.code,
      icmpMtu,
      offender,
      offenderFamily: offender.length === 4 ? 4 : offender.length === 16 ? 6 : 0,
      quoted: entry.quoted,
    });
  }
}
