/** The C library of the running process, through koffi: the system calls that Node does not offer (socket(7), recvmmsg(2), epoll(7)). */
import { createRequire } from 'node:module';
import { endianness } from 'node:os';
import { kernelError } from './error.ts';
import { selfCheck } from './self-check.ts';

/**
 * What a call takes for a pointer: octets, or an address by {@link Kernel.address}.
 *
 * An array has more than 64 octets, else it may lie in the garbage-collected heap and move. A call does not keep it alive, and
 * neither does a struct that holds its address: whoever stores an address keeps the array, for as long as the address.
 */
export type Memory = Uint8Array | bigint | null;

/** Results are as in C: negative is failure, {@link errno} then says why, and nothing is thrown. */
export interface Kernel {
  socket(domain: number, type: number, protocol: number): number;
  bind(fd: number, name: Memory, length: number): number;
  connect(fd: number, name: Memory, length: number): number;
  listen(fd: number, backlog: number): number;
  accept4(fd: number, name: Memory, length: Memory, flags: number): number;
  getsockname(fd: number, name: Memory, length: Memory): number;
  setsockopt(fd: number, level: number, option: number, value: Memory, length: number): number;
  getsockopt(fd: number, level: number, option: number, value: Memory, length: Memory): number;
  ioctl(fd: number, request: number, argument: Memory): number;
  shutdown(fd: number, how: number): number;
  close(fd: number): number;
  read(fd: number, into: Memory, length: number): number;
  write(fd: number, octets: Memory, length: number): number;
  recv(fd: number, into: Memory, length: number, flags: number): number;
  send(fd: number, octets: Memory, length: number, flags: number): number;
  sendto(fd: number, octets: Memory, length: number, flags: number, name: Memory, nameLength: number): number;
  sendmsg(fd: number, header: Memory, flags: number): number;
  recvmsg(fd: number, header: Memory, flags: number): number;
  sendmmsg(fd: number, headers: Memory, count: number, flags: number): number;
  recvmmsg(fd: number, headers: Memory, count: number, flags: number, timeout: Memory): number;
  poll(fds: Memory, count: number, timeoutMs: number): number;
  epoll_create1(flags: number): number;
  epoll_ctl(epoll: number, operation: number, fd: number, event: Memory): number;
  epoll_wait(epoll: number, events: Memory, count: number, timeoutMs: number): number;
  eventfd(initial: number, flags: number): number;
  /** Of the last call of this thread; to be read before anything else happens. */
  errno(): number;
  /** Address of an array's first octet, which stays the same for the array's life. */
  address(octets: Uint8Array): bigint;
}

const PROTOTYPES = {
  socket: 'int socket(int domain, int type, int protocol)',
  bind: 'int bind(int fd, const void *name, uint32_t length)',
  connect: 'int connect(int fd, const void *name, uint32_t length)',
  listen: 'int listen(int fd, int backlog)',
  accept4: 'int accept4(int fd, void *name, void *length, int flags)',
  getsockname: 'int getsockname(int fd, void *name, void *length)',
  setsockopt: 'int setsockopt(int fd, int level, int option, const void *value, uint32_t length)',
  getsockopt: 'int getsockopt(int fd, int level, int option, void *value, void *length)',
  ioctl: 'int ioctl(int fd, unsigned long request, void *argument)',
  shutdown: 'int shutdown(int fd, int how)',
  close: 'int close(int fd)',
  read: 'intptr_t read(int fd, void *into, size_t length)',
  write: 'intptr_t write(int fd, const void *octets, size_t length)',
  recv: 'intptr_t recv(int fd, void *into, size_t length, int flags)',
  send: 'intptr_t send(int fd, const void *octets, size_t length, int flags)',
  sendto:
    'intptr_t sendto(int fd, const void *octets, size_t length, int flags, const void *name, uint32_t nameLength)',
  sendmsg: 'intptr_t sendmsg(int fd, const void *header, int flags)',
  recvmsg: 'intptr_t recvmsg(int fd, void *header, int flags)',
  sendmmsg: 'int sendmmsg(int fd, void *headers, unsigned int count, int flags)',
  recvmmsg: 'int recvmmsg(int fd, void *headers, unsigned int count, int flags, void *timeout)',
  poll: 'int poll(void *fds, unsigned long count, int timeout)',
  epoll_create1: 'int epoll_create1(int flags)',
  epoll_ctl: 'int epoll_ctl(int epoll, int operation, int fd, void *event)',
  epoll_wait: 'int epoll_wait(int epoll, void *events, int count, int timeout)',
  eventfd: 'int eventfd(unsigned int initial, int flags)',
} as const satisfies Record<Exclude<keyof Kernel, 'errno' | 'address'>, string>;

export interface Missing {
  /** Why this process cannot have it, for a log line. */
  readonly missing: string;
}

let opened: Kernel | Missing | undefined;

/** Opens the library, once a thread. That it is missing is an ordinary answer: node:dgram and node:net then serve. */
export function openKernel(): Kernel | Missing {
  opened ??= tryOpen();
  return opened;
}

/** @throws {Error} where it is missing */
export function requireKernel(): Kernel {
  const kernel = openKernel();
  if ('missing' in kernel) throw new Error(`no packet engine here: ${kernel.missing}`);
  return kernel;
}

function tryOpen(): Kernel | Missing {
  if (process.platform !== 'linux') return { missing: 'not Linux' };
  if (!['x64', 'arm64'].includes(process.arch) || endianness() !== 'LE')
    return { missing: `neither x86-64 nor arm64 but ${process.arch}` };
  let kernel: Kernel;
  try {
    kernel = load();
  } catch (error) {
    return { missing: `koffi cannot be loaded: ${(error as Error).message.split('\n')[0]}` };
  }
  const problem = selfCheck(kernel);
  return problem === undefined ? kernel : { missing: problem };
}

function load(): Kernel {
  const koffi = createRequire(import.meta.url)('koffi') as typeof import('koffi');
  const library = koffi.load(null);
  const calls = Object.entries(PROTOTYPES).map(([name, prototype]) => [name, library.func(prototype)]);
  return {
    ...Object.fromEntries(calls),
    errno: () => koffi.errno(),
    address: (octets: Uint8Array) => koffi.address(octets),
  };
}

/** What a call returned, where that is no failure. @throws {KernelError} where it is */
export function succeed(kernel: Kernel, result: number, syscall: string, where?: string): number {
  if (result < 0) throw kernelError(kernel.errno(), syscall, where);
  return result;
}
