/** Answers of TCP connections that wait for their time, and a bound on all their octets. */
import type { Special } from '../../server/service.ts';
import { DueHeap } from './due-heap.ts';
import type { Peer } from './tcp-peer.ts';

export interface Delayed {
  readonly peer: Peer;
  /** Undefined once it has left or been given up. */
  special: Special | undefined;
  readonly dueAt: number;
}

/** Octets of delayed answers that all connections together may hold. */
const MAX_DELAYED_OCTETS = 64 * 1024 * 1024;

export class DelayedAnswers {
  private readonly heap = new DueHeap<Delayed>();
  private octets = 0;

  /** When the next is due, milliseconds of the loop's clock. */
  get nextAt(): number {
    return this.heap.nextAt;
  }

  /** @returns false where too many octets wait already */
  add(peer: Peer, special: Special, now: number): boolean {
    const { length } = special.octets;
    if (this.octets + length > MAX_DELAYED_OCTETS) return false;
    this.octets += length;
    const one: Delayed = { peer, special, dueAt: now + special.delayMs };
    peer.delayed ??= new Set();
    peer.delayed.add(one);
    peer.delayedOctets += length;
    this.heap.add(one);
    return true;
  }

  /** The next answer whose time has come. */
  takeDue(now: number): { readonly peer: Peer; readonly special: Special } | undefined {
    while (this.heap.nextAt <= now) {
      const one = this.heap.take()!;
      const special = this.forget(one);
      if (special) return { peer: one.peer, special };
    }
    return undefined;
  }

  /** Gives up all that waits for this peer. */
  giveUp(peer: Peer): Special[] {
    const waiting = [...(peer.delayed ?? [])];
    return waiting.map((one) => this.forget(one)).filter((special) => special !== undefined);
  }

  private forget(one: Delayed): Special | undefined {
    const { special, peer } = one;
    if (!special) return undefined;
    one.special = undefined;
    peer.delayed?.delete(one);
    peer.delayedOctets -= special.octets.length;
    this.octets -= special.octets.length;
    return special;
  }
}
