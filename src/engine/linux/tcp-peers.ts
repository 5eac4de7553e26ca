/** TCP connections as a whole: who may have one, and who has been quiet longest (RFC 7766 §6.2, RFC 9210 §6). */
import type { TcpLimits } from '../tcp-limits.ts';
import { Line } from './line.ts';
import type { Peer } from './tcp-peer.ts';

export class Peers {
  /** By file descriptor. */
  private readonly byFd: (Peer | undefined)[] = [];
  private readonly bySource = new Map<number | string, number>();
  /** Longest without a query first. */
  private readonly quiet = new Line<Peer>();

  get count(): number {
    return this.quiet.length;
  }

  of(fd: number): Peer | undefined {
    return this.byFd[fd];
  }

  /** False where its source has as many as it may. */
  mayJoin(peer: Peer, limits: TcpLimits): boolean {
    return (this.bySource.get(peer.sourceKey) ?? 0) < limits.perSource;
  }

  join(peer: Peer): void {
    const key = peer.sourceKey;
    this.bySource.set(key, (this.bySource.get(key) ?? 0) + 1);
    this.byFd[peer.fd] = peer;
    this.quiet.join(peer.quietPlace);
  }

  /** Its place is free for others; calls after the first change nothing. */
  leave(peer: Peer): void {
    if (!peer.quietPlace.isTaken) return;
    this.quiet.leave(peer.quietPlace);
    this.byFd[peer.fd] = undefined;
    const key = peer.sourceKey;
    const left = (this.bySource.get(key) ?? 1) - 1;
    if (left > 0) this.bySource.set(key, left);
    else this.bySource.delete(key);
  }

  /** A whole query came: the connection is the least quiet one now. */
  touch(peer: Peer, now: number): void {
    peer.queriedAt = now;
    peer.hasAsked = true;
    peer.activeAt = now;
    this.quiet.join(peer.quietPlace);
  }

  /** The connection that makes room for a newcomer. */
  get quietest(): Peer | undefined {
    return this.quiet.first?.member;
  }

  /** Those that have neither asked nor read an answer since `before`, and are owed none that waits for its time. */
  *idleSince(before: number): Iterable<Peer> {
    let place = this.quiet.first;
    while (place && place.member.queriedAt < before) {
      const { member } = place;
      place = place.after;
      if (member.activeAt < before && !member.delayed?.size) yield member;
    }
  }

  *[Symbol.iterator](): Iterator<Peer> {
    let place = this.quiet.first;
    while (place) {
      const { member } = place;
      place = place.after;
      yield member;
    }
  }
}
