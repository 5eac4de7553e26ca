/** Outbox: a batch of messages that leaves by one socket, whatever its error queue and its buffer say in between (sendmmsg(2)). */
import { type ReceiveBatch, SendBatch } from '../../kernel/batch.ts';
import { EPOLL, ERRNO } from '../../kernel/constants.ts';
import type { Kernel } from '../../kernel/library.ts';
import { stableOctets } from '../../kernel/memory.ts';
import type { UdpSocket } from './hooks.ts';

/** A full buffer is waited for so many times a batch, a millisecond each. */
const MAX_WAITS = 4;
/** Pending errors come from other datagrams: so often one message is tried again. */
const MAX_ATTEMPTS = 3;

export class Outbox {
  /** Errno by slot after a `send` that returned false: 0 where the message left. */
  readonly failures: Int32Array;
  readonly octets: Uint8Array;
  private readonly kernel: Kernel;
  private readonly batch: SendBatch;
  private readonly drain: (socket: UdpSocket) => number;
  private readonly pollfd = stableOctets(8);
  private readonly pollWords = new DataView(this.pollfd.buffer);

  /** @param drain empties the error queue and says how many entries it held */
  constructor(kernel: Kernel, count: number, drain: (socket: UdpSocket) => number) {
    this.kernel = kernel;
    this.batch = new SendBatch(kernel, count);
    this.octets = this.batch.octets;
    this.failures = new Int32Array(count);
    this.drain = drain;
  }

  /** Where in `octets` the message of a slot is to be written. */
  startOf(slot: number): number {
    return this.batch.startOf(slot);
  }

  /** Addresses the message of a slot to where a received one came from. */
  answer(slot: number, octets: number, received: ReceiveBatch, from: number): void {
    this.batch.answer(slot, octets, received, from);
  }

  /** Copies a message into a slot. @param name socket address of the destination */
  put(slot: number, message: Uint8Array, name: Uint8Array): void {
    this.octets.set(message, this.startOf(slot));
    this.batch.address(slot, message.length, name);
  }

  /** Sends the messages of the first slots. @returns true where all left; else see `failures` */
  send(socket: UdpSocket, count: number): boolean {
    const sent = this.batch.send(socket.fd, 0, count);
    return sent === count || this.sendRest(socket, count, sent);
  }

  // The failure so far needs no look: what was pending is gone, and what stays shows again.
  private sendRest(socket: UdpSocket, count: number, sent: number): boolean {
    const { batch, failures, kernel } = this;
    failures.fill(0);
    let slot = Math.max(0, sent);
    let attempts = 0;
    let waits = 0;
    let allLeft = true;
    while (slot < count) {
      const more = batch.send(socket.fd, slot, count - slot);
      if (more > 0) {
        slot += more;
        attempts = 0;
        continue;
      }
      const errno = kernel.errno();
      if (errno === ERRNO.EINTR) continue;
      if (errno === ERRNO.EAGAIN || errno === ERRNO.ENOBUFS) {
        if (waits++ < MAX_WAITS) this.wait(socket.fd, errno);
        else return this.giveUp(slot, count, errno);
        continue;
      }
      attempts += 1;
      const drained = this.drain(socket);
      if (attempts === 1 || (drained > 0 && attempts < MAX_ATTEMPTS)) continue;
      failures[slot++] = errno;
      attempts = 0;
      allLeft = false;
    }
    return allLeft;
  }

  private giveUp(from: number, to: number, errno: number): false {
    this.failures.fill(errno, from, to);
    return false;
  }

  /** Until there is room, a millisecond at most; ENOBUFS comes from the queue of the link, which cannot be polled. */
  private wait(fd: number, errno: number): void {
    this.pollWords.setInt32(0, fd, true);
    this.pollWords.setUint32(4, EPOLL.OUT, true);
    this.kernel.poll(this.pollfd, errno === ERRNO.EAGAIN ? 1 : 0, 1);
  }
}
