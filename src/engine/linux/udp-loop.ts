/** UDP by the kernel's batches: receive, answer in place, send, record; nothing is allocated for a message (recvmmsg(2), sendmmsg(2)). */
import { performance } from 'node:perf_hooks';
import { MESSAGE_OCTETS, ReceiveBatch } from '../../kernel/batch.ts';
import { EPOLL, ERRNO } from '../../kernel/constants.ts';
import { Epoll } from '../../kernel/epoll.ts';
import { kernelError } from '../../kernel/error.ts';
import { type Kernel, requireKernel } from '../../kernel/library.ts';
import { markLatency, markUnsent } from '../../record/mark.ts';
import { Inbound } from '../../server/inbound.ts';
import { unsent } from '../../server/record.ts';
import type { Service, Special } from '../../server/service.ts';
import type { LoopControl } from './control.ts';
import { Departure } from './departure.ts';
import { DueHeap } from './due-heap.ts';
import type { LoopHooks, UdpSocket } from './hooks.ts';
import { Outbox } from './outbox.ts';
import { PathErrors } from './path-errors.ts';
import { makePathMtus, PathMtus } from './path-mtus.ts';
import { ReassemblyErrors } from './reassembly.ts';
import { makeTroubles } from './troubles.ts';

export type { LoopHooks, UdpSocket } from './hooks.ts';

/** Datagrams a call. */
const BATCH = 32;
/** A socket that gave so many is asked again without waiting: while they were answered more have come. */
const STAY_FROM = 4;
/** Batches that a socket may give before the others, and what is due, are looked after. */
const MAX_ROUNDS = 8;
/** So soon a loop sees that it is to stop. */
const MAX_WAIT_MS = 50;
/** Delayed answers that may wait at a time; more are dropped, and their rows say so. */
const MAX_DELAYED = 10_000;
/** For what is in the socket buffers when the loop is told to stop. */
const STOP_WITHIN_MS = 1000;

/**
 * Runs until `control.isStopping`; then answers what is in the socket buffers already, and returns. Delayed answers are then
 * recorded as unsent. The sockets stay open.
 *
 * @param icmp by `openIcmp`, in one loop only; without it ICMPv4 errors of reassembly are not seen
 * @throws {Error} where the kernel library is missing or refuses epoll
 */
export function runUdpLoop(
  sockets: readonly UdpSocket[],
  hooks: LoopHooks,
  control: LoopControl,
  icmp?: number,
): void {
  const kernel = requireKernel();
  const epoll = new Epoll(kernel, sockets.length + 1);
  try {
    for (const [index, { fd }] of sockets.entries()) epoll.add(fd, EPOLL.IN, index);
    if (icmp !== undefined) epoll.add(icmp, EPOLL.IN, sockets.length);
    new UdpLoop(kernel, epoll, sockets, hooks, icmp).run(control);
  } finally {
    epoll.close();
  }
}

/** A delayed answer. */
interface Waiting {
  /** By `performance.now()`. */
  readonly dueAt: number;
  readonly special: Special;
  readonly socket: UdpSocket;
  /** Socket address of the destination. */
  readonly name: Uint8Array;
}

class UdpLoop {
  private readonly kernel: Kernel;
  private readonly epoll: Epoll;
  private readonly sockets: readonly UdpSocket[];
  private readonly hooks: LoopHooks;
  private readonly received: ReceiveBatch;
  private readonly outbox: Outbox;
  /** By slot of the outbox: where the row of that answer begins, -1 where it has none. */
  private readonly rowsAt = new Int32Array(BATCH);
  private readonly inbound: Inbound;
  private readonly pathMtus: PathMtus;
  private readonly pathErrors: PathErrors;
  private readonly reassemblyErrors: ReassemblyErrors | undefined;
  private readonly delayed = new DueHeap<Waiting>();
  private delayedCount = 0;
  private readonly departure: Departure;
  private readonly onTrouble: (error: unknown) => void;
  /** Indexes of sockets that may hold more, in its first `busyCount` places. */
  private readonly busy: Int32Array;
  private busyCount = 0;
  private service: Service;

  constructor(
    kernel: Kernel,
    epoll: Epoll,
    sockets: readonly UdpSocket[],
    hooks: LoopHooks,
    icmp: number | undefined,
  ) {
    this.kernel = kernel;
    this.epoll = epoll;
    this.sockets = sockets;
    this.hooks = hooks;
    this.service = hooks.service();
    this.onTrouble = makeTroubles((error) => hooks.onTrouble(error));
    this.pathMtus = new PathMtus(hooks.pathMtus ?? makePathMtus());
    this.pathErrors = new PathErrors(kernel, hooks, this.pathMtus);
    if (icmp !== undefined) this.reassemblyErrors = new ReassemblyErrors(kernel, icmp, sockets, hooks);
    const drain = (socket: UdpSocket) => this.pathErrors.drain(socket);
    this.received = new ReceiveBatch(kernel, BATCH);
    this.outbox = new Outbox(kernel, BATCH, drain);
    this.departure = new Departure(kernel, hooks, drain, this.onTrouble);
    this.busy = new Int32Array(sockets.length);
    this.inbound = new Inbound(sockets[0]!.local);
    this.inbound.octets = this.received.octets;
  }

  run(control: LoopControl): void {
    let generation = 0;
    while (!control.isStopping) {
      if (control.generation !== generation) {
        generation = control.generation;
        this.hooks.onGeneration();
      }
      this.service = this.hooks.service();
      this.wait();
      for (let round = 0; round < MAX_ROUNDS && this.busyCount > 0; round++) this.serveBusy();
      if (this.delayedCount > 0) this.sendDue(performance.now());
    }
    this.finish();
  }

  private wait(): void {
    const timeout =
      this.delayedCount === 0 ? MAX_WAIT_MS : Math.ceil(this.delayed.nextAt - performance.now());
    const events = this.epoll.wait(Math.max(0, Math.min(MAX_WAIT_MS, timeout)));
    this.busyCount = 0;
    for (let event = 0; event < events; event++) {
      const index = this.epoll.tagOf(event);
      if (index === this.sockets.length) {
        this.takeReassemblyErrors();
        continue;
      }
      if ((this.epoll.eventsOf(event) & EPOLL.ERR) !== 0) this.drainErrors(this.sockets[index]!);
      this.busy[this.busyCount++] = index;
    }
  }

  private takeReassemblyErrors(): void {
    try {
      this.reassemblyErrors?.take();
    } catch (error) {
      this.onTrouble(error);
    }
    this.hooks.rows.commit();
  }

  private drainErrors(socket: UdpSocket): void {
    this.pathErrors.drain(socket);
    this.hooks.rows.commit();
  }

  /** One batch of each busy socket; those that may hold more stay busy. */
  private serveBusy(): void {
    const { busy, sockets } = this;
    let left = 0;
    for (let place = 0; place < this.busyCount; place++) {
      const index = busy[place]!;
      if (this.serve(sockets[index]!)) busy[left++] = index;
    }
    this.busyCount = left;
  }

  /** Answers one batch. @returns true where the socket may hold more */
  private serve(socket: UdpSocket): boolean {
    const count = this.received.receive(socket.fd);
    if (count < 0) return this.receiveFailed(socket);
    const { inbound, hooks } = this;
    inbound.local = socket.local;
    inbound.family = socket.family;
    inbound.time = hooks.now();
    const readAt = performance.now();
    let answers = 0;
    for (let slot = 0; slot < count; slot++) answers = this.answer(socket, slot, answers);
    this.markLatencies(answers, (performance.now() - readAt) * 1000);
    if (answers > 0 && !this.outbox.send(socket, answers)) this.markFailures(answers);
    hooks.rows.commit();
    return count >= STAY_FROM;
  }

  /** @param answers slots of the outbox that are taken @returns the same with this answer */
  private answer(socket: UdpSocket, slot: number, answers: number): number {
    const { inbound, received, outbox, hooks, service } = this;
    inbound.port = received.portOf(slot);
    // Port 0 cannot be answered.
    if (inbound.port === 0) return answers;
    inbound.start = received.startOf(slot);
    inbound.length = received.lengthOf(slot);
    received.copySource(slot, socket.family, inbound.source);
    inbound.ttl = received.ttlOf(slot, socket.family);
    inbound.pathMtu = this.pathMtus.isEmpty
      ? 0
      : this.pathMtus.of(inbound.source, socket.family, hooks.now());
    let octets = 0;
    try {
      octets = service.answer(inbound, outbox.octets, outbox.startOf(answers), MESSAGE_OCTETS, hooks.rows);
    } catch (error) {
      // A bug in one answer is told; the others go on.
      this.onTrouble(error);
      return answers;
    }
    if (service.special !== undefined) this.depart(socket, slot, service.special);
    if (octets === 0) return answers;
    outbox.answer(answers, octets, received, slot);
    this.rowsAt[answers] = service.rowAt;
    return answers + 1;
  }

  private depart(socket: UdpSocket, slot: number, special: Special): void {
    const name = this.received.copyName(slot);
    if (special.delayMs <= 0) this.departure.leave(socket, special, name);
    else if (this.delayedCount === MAX_DELAYED) this.hooks.record(unsent(special.facts));
    else this.delay({ dueAt: performance.now() + special.delayMs, special, socket, name });
  }

  private delay(waiting: Waiting): void {
    this.delayed.add(waiting);
    this.delayedCount += 1;
  }

  private takeDelayed(): Waiting | undefined {
    const waiting = this.delayed.take();
    if (waiting) this.delayedCount -= 1;
    return waiting;
  }

  private sendDue(now: number): void {
    while (this.delayed.nextAt <= now) {
      const { socket, special, name } = this.takeDelayed()!;
      this.departure.leave(socket, special, name);
    }
    this.hooks.rows.commit();
  }

  private markLatencies(answers: number, microseconds: number): void {
    const { view } = this.hooks.rows;
    for (let slot = 0; slot < answers; slot++) {
      const rowAt = this.rowsAt[slot]!;
      if (rowAt >= 0) markLatency(view, rowAt, microseconds);
    }
  }

  private markFailures(answers: number): void {
    const { failures } = this.outbox;
    const { octets, view } = this.hooks.rows;
    for (let slot = 0; slot < answers; slot++) {
      const errno = failures[slot]!;
      if (errno === 0) continue;
      const rowAt = this.rowsAt[slot]!;
      if (rowAt >= 0) markUnsent(octets, view, rowAt);
      this.onTrouble(kernelError(errno, 'sendmmsg'));
    }
  }

  private receiveFailed(socket: UdpSocket): boolean {
    const errno = this.kernel.errno();
    if (errno === ERRNO.EAGAIN) return false;
    if (errno === ERRNO.EINTR) return true;
    // With IP_RECVERR an error of the path comes up here too, once.
    if (this.pathErrors.drain(socket) > 0) return true;
    this.onTrouble(kernelError(errno, 'recvmmsg', socket.local.text));
    return false;
  }

  private finish(): void {
    const until = performance.now() + STOP_WITHIN_MS;
    for (const socket of this.sockets) while (performance.now() < until && this.serve(socket));
    for (let waiting = this.takeDelayed(); waiting; waiting = this.takeDelayed())
      this.hooks.record(unsent(waiting.special.facts));
    this.hooks.rows.commit();
  }
}
