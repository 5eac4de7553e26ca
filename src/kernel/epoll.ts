/** Waits for many sockets at a time (epoll(7)). */
import { EPOLL_CTL, ERRNO } from './constants.ts';
import { kernelError } from './error.ts';
import type { Kernel } from './library.ts';
import { stableOctets } from './memory.ts';

/** struct epoll_event is packed on x86-64 and on no other. */
const EVENT = process.arch === 'x64' ? { words: 3, tag: 1 } : { words: 4, tag: 2 };
const CLOEXEC = 0x80000;

export class Epoll {
  private readonly fd: number;
  private readonly octets: Uint8Array<ArrayBuffer>;
  private readonly words: Int32Array;
  private readonly argument = stableOctets(EVENT.words * 4);
  private readonly argumentWords = new Int32Array(this.argument.buffer);
  private readonly kernel: Kernel;
  private readonly capacity: number;

  /**
   * @param capacity events that one `wait` can tell
   * @throws {KernelError}
   */
  constructor(kernel: Kernel, capacity: number) {
    this.kernel = kernel;
    this.capacity = capacity;
    this.octets = stableOctets(capacity * EVENT.words * 4);
    this.words = new Int32Array(this.octets.buffer);
    this.fd = kernel.epoll_create1(CLOEXEC);
    if (this.fd < 0) throw kernelError(kernel.errno(), 'epoll_create1');
  }

  /** Level-triggered. @param tag what `tagOf` will say, 0..2147483647 @throws {KernelError} */
  add(fd: number, events: number, tag: number): void {
    this.control(EPOLL_CTL.ADD, fd, events, tag);
  }

  /** @throws {KernelError} */
  modify(fd: number, events: number, tag: number): void {
    this.control(EPOLL_CTL.MOD, fd, events, tag);
  }

  /** Closing the last descriptor of a socket removes it too. @throws {KernelError} */
  remove(fd: number): void {
    this.control(EPOLL_CTL.DEL, fd, 0, 0);
  }

  /** @returns events that now stand at 0 and up; 0 after the timeout or a signal @throws {KernelError} */
  wait(timeoutMs: number): number {
    const ready = this.kernel.epoll_wait(this.fd, this.octets, this.capacity, timeoutMs);
    if (ready >= 0) return ready;
    const errno = this.kernel.errno();
    if (errno === ERRNO.EINTR) return 0;
    throw kernelError(errno, 'epoll_wait');
  }

  tagOf(event: number): number {
    return this.words[event * EVENT.words + EVENT.tag]!;
  }

  /** Bits of EPOLL. */
  eventsOf(event: number): number {
    return this.words[event * EVENT.words]!;
  }

  close(): void {
    this.kernel.close(this.fd);
  }

  private control(operation: number, fd: number, events: number, tag: number): void {
    this.argumentWords[0] = events;
    this.argumentWords[EVENT.tag] = tag;
    if (this.kernel.epoll_ctl(this.fd, operation, fd, this.argument) < 0)
      throw kernelError(this.kernel.errno(), 'epoll_ctl', `descriptor ${fd}`);
  }
}
