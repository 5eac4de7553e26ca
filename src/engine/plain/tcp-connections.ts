/** TCP connections as a whole: who may have one, who has been quiet longest, and whose turn it is (RFC 7766 §6.2, RFC 9210 §6). */
import type { Socket } from 'node:net';
import type { Source } from '../../server/source.ts';
import type { TcpLimits } from '../tcp-limits.ts';
import { WordlessLimit } from '../wordless-limit.ts';

/** Answers one query of a connection; true where another one waits. */
export type Work = () => boolean;

/** Milliseconds in a row that TCP may keep the process from its UDP sockets. */
const TURN_MS = 2;
/** Octets of delayed answers that all connections together may hold. */
const MAX_DELAYED_OCTETS = 64 * 1024 * 1024;

export class Connections {
  private readonly bySource = new Map<string, number>();
  /** Longest without a query first. */
  private readonly sockets = new Set<Socket>();
  private readonly excused = new WeakSet<Socket>();
  private readonly waiting = new Set<Work>();
  private readonly wordless = new WordlessLimit();
  private delayedOctets = 0;
  private isScheduled = false;

  /**
   * Takes a connection in, until it closes. Where all places are taken the one that has been quiet longest makes room.
   * @returns false where its source has as many as it may
   */
  admit(socket: Socket, source: Source, limits: TcpLimits): boolean {
    const key = sourceKey(source);
    const count = this.bySource.get(key) ?? 0;
    if (count >= limits.perSource) return false;
    if (this.sockets.size >= limits.connections) {
      const quietest = this.sockets.values().next().value;
      if (quietest) this.excuse(quietest).destroy();
    }
    this.bySource.set(key, count + 1);
    this.sockets.add(socket);
    socket.once('close', () => {
      this.sockets.delete(socket);
      const left = (this.bySource.get(key) ?? 1) - 1;
      if (left > 0) this.bySource.set(key, left);
      else this.bySource.delete(key);
    });
    return true;
  }

  /** What becomes of this connection is our doing. */
  excuse(socket: Socket): Socket {
    this.excused.add(socket);
    return socket;
  }

  isExcused(socket: Socket): boolean {
    return this.excused.has(socket);
  }

  /** A whole query came: the connection is the least quiet one now. */
  touch(socket: Socket): void {
    if (this.sockets.delete(socket)) this.sockets.add(socket);
  }

  /** Gives `work` its turns, one query at a time, every connection in its turn and UDP in between. */
  schedule(work: Work): void {
    this.waiting.add(work);
    if (this.isScheduled) return;
    this.isScheduled = true;
    setImmediate(() => this.run());
  }

  /** Counts octets of answers that wait for their time; false where there are too many already. */
  delay(octets: number): boolean {
    if (this.delayedOctets + octets > MAX_DELAYED_OCTETS) return false;
    this.delayedOctets += octets;
    return true;
  }

  release(octets: number): void {
    this.delayedOctets -= octets;
  }

  /** Whether a connection of this source that never asked deserves a row: one a second, so that a flood writes no flood. */
  mayNoteWordless({ octets }: Source, now: number): boolean {
    const view = new DataView(octets.buffer, octets.byteOffset, octets.length);
    const words = Array.from({ length: octets.length / 4 }, (_, index) => view.getUint32(4 * index));
    return this.wordless.take(words, now);
  }

  private run(): void {
    const end = performance.now() + TURN_MS;
    // What is added while we walk is walked too: round and round until the time is up.
    for (const work of this.waiting) {
      this.waiting.delete(work);
      if (work()) this.waiting.add(work);
      if (performance.now() > end) break;
    }
    this.isScheduled = this.waiting.size > 0;
    if (this.isScheduled) setImmediate(() => this.run());
  }
}

// One host has a whole /64 of IPv6 addresses.
function sourceKey({ octets, family }: Source): string {
  return Buffer.from(family === 4 ? octets : octets.subarray(0, 8)).toString('hex');
}
