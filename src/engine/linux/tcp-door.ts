/** The door: takes in new TCP connections, within the limits (RFC 7766 §6.2.2, RFC 9210 §6.5). */
import { EPOLL, ERRNO } from '../../kernel/constants.ts';
import type { Epoll } from '../../kernel/epoll.ts';
import { kernelError } from '../../kernel/error.ts';
import { isNotNow, Stream } from '../../kernel/stream.ts';
import type { TcpHooks, TcpListener } from './tcp-hooks.ts';
import { Peer } from './tcp-peer.ts';
import type { Peers } from './tcp-peers.ts';
import type { Wordless } from './tcp-wordless.ts';

/** Newcomers of one address a round: those inside have turns too. */
const MAX_NEWCOMERS = 64;
/** No descriptor, no memory: others may give some back meanwhile. */
const PAUSE_MS = 100;

export interface DoorParts {
  readonly stream: Stream;
  readonly epoll: Epoll;
  readonly peers: Peers;
  readonly hooks: TcpHooks;
  readonly tell: (error: unknown) => void;
  readonly wordless: Wordless;
  /** Closes a connection. */
  readonly putOut: (peer: Peer) => void;
}

export class Door {
  private readonly listeners: readonly TcpListener[];
  private readonly byFd: Map<number, TcpListener>;
  private readonly parts: DoorParts;
  private readonly knocked: TcpListener[] = [];
  private resumeAt = Number.POSITIVE_INFINITY;

  constructor(listeners: readonly TcpListener[], parts: DoorParts) {
    this.listeners = listeners;
    this.byFd = new Map(listeners.map((listener) => [listener.fd, listener]));
    this.parts = parts;
    this.resume();
  }

  /** Somebody waits at a listening socket. */
  knock(fd: number): void {
    const listener = this.byFd.get(fd);
    if (listener) this.knocked.push(listener);
  }

  /** Lets in who waits, and hands each one to `serve`. */
  open(now: number, serve: (peer: Peer) => void): void {
    if (now >= this.resumeAt) this.resume();
    for (const listener of this.knocked) {
      for (let count = 0; count < MAX_NEWCOMERS && this.letIn(listener, now, serve); count++);
    }
    this.knocked.length = 0;
  }

  /** For good. */
  shut(): void {
    if (this.resumeAt === Number.POSITIVE_INFINITY) this.pause();
    this.resumeAt = Number.POSITIVE_INFINITY;
  }

  /** @returns false where nobody waits any more */
  private letIn(listener: TcpListener, now: number, serve: (peer: Peer) => void): boolean {
    const { stream, peers, hooks, putOut } = this.parts;
    const fd = stream.accept(listener.fd);
    if (fd < 0) return this.isPassing(-fd, now);
    const { local, family } = listener;
    const name = { octets: stream.name, at: Stream.addressAt(family), port: stream.port };
    stream.takeSyn(fd, family);
    const peer = new Peer(fd, local, family, name, stream, now);
    const limits = hooks.limits();
    if (!peers.mayJoin(peer, limits)) {
      // Over its limit a source is refused at once.
      this.parts.wordless.note(peer, 'budget', now);
      stream.close(fd);
      return true;
    }
    // Where all places are taken the one that has been quiet longest makes room.
    while (peers.count >= limits.connections && peers.quietest) putOut(peers.quietest);
    peers.join(peer);
    serve(peer);
    return true;
  }

  /** @returns true where the next one may be let in at once */
  private isPassing(errno: number, now: number): boolean {
    if (errno === ERRNO.ECONNABORTED || errno === ERRNO.EINTR) return true;
    if (isNotNow(-errno)) return false;
    this.parts.tell(kernelError(errno, 'accept4'));
    if (this.resumeAt === Number.POSITIVE_INFINITY) this.pause();
    this.resumeAt = now + PAUSE_MS;
    return false;
  }

  private pause(): void {
    for (const { fd } of this.listeners) this.parts.epoll.remove(fd);
  }

  private resume(): void {
    for (const { fd } of this.listeners) this.parts.epoll.add(fd, EPOLL.IN, fd);
    this.resumeAt = Number.POSITIVE_INFINITY;
  }
}
