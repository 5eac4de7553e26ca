/** Descriptors that a thread leaves behind when it ends in the middle: its epoll instance, and its TCP connections (proc(5)). */
import { readdirSync, readFileSync, readlinkSync } from 'node:fs';
import type { Kernel } from '../../kernel/library.ts';

const OWN = '/proc/self';
/** State of a socket in the tables of proc. */
const LISTEN = '0A';

/** A local address and port. */
export interface LocalEnd {
  /** 4 or 16. */
  readonly octets: Uint8Array;
  readonly port: number;
}

/**
 * Closes what no thread will look at again, so that peers see the end of their connections.
 *
 * @param fds sockets that the thread was started on, which stay open; nobody else watches them
 * @param ends where it took connections; none for a thread of UDP
 */
export function closeOrphans(kernel: Kernel, fds: readonly number[], ends: readonly LocalEnd[]): void {
  const connections = ends.length === 0 ? new Set<string>() : connectionsAt(ends);
  for (const fd of readdirSync(`${OWN}/fd`).map(Number)) {
    const target = targetOf(fd);
    const isEpoll = target === 'anon_inode:[eventpoll]';
    if (isEpoll ? watchedBy(fd).some((one) => fds.includes(one)) : connections.has(target)) kernel.close(fd);
  }
}

function targetOf(fd: number): string {
  try {
    return readlinkSync(`${OWN}/fd/${fd}`);
  } catch {
    return ''; // closed since
  }
}

/** Descriptors in an epoll instance: `tfd: 17 events: 1 …`. */
function watchedBy(epoll: number): number[] {
  return [...read(`fdinfo/${epoll}`).matchAll(/^tfd:\s*(\d+)/gm)].map(([, fd]) => Number(fd));
}

/** Connections as links of descriptors name them, `socket:[4711]`. */
function connectionsAt(ends: readonly LocalEnd[]): Set<string> {
  const wanted = new Set(ends.map(procAddress));
  const lines = [read('net/tcp'), read('net/tcp6')].join('\n').split('\n');
  const found = new Set<string>();
  for (const line of lines) {
    const [, local = '', , state, , , , , , inode] = line.trim().split(/\s+/);
    if (wanted.has(local) && state !== LISTEN && inode !== '0') found.add(`socket:[${inode}]`);
  }
  return found;
}

/** `0100007F:14B4`: words of the address in the order of this host, which is little endian. */
function procAddress({ octets, port }: LocalEnd): string {
  let text = '';
  for (let word = 0; word < octets.length; word += 4)
    text += Buffer.from(octets.slice(word, word + 4).reverse()).toString('hex');
  return `${text}:${port.toString(16).padStart(4, '0')}`.toUpperCase();
}

/** Empty where it is gone. */
function read(file: string): string {
  try {
    return readFileSync(`${OWN}/${file}`, 'utf8');
  } catch {
    return '';
  }
}
