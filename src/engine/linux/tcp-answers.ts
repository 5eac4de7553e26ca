/** Answers the queries of one connection: messages behind two octets of length, several in one piece (RFC 7766 §6.2.1, §8). */
import { performance } from 'node:perf_hooks';
import type { Kernel } from '../../kernel/library.ts';
import { isNotNow, type Stream } from '../../kernel/stream.ts';
import { recordInto } from '../../record/encode.ts';
import type { Facts } from '../../record/facts.ts';
import { markLatency } from '../../record/mark.ts';
import type { Inbound } from '../../server/inbound.ts';
import { unsent } from '../../server/record.ts';
import type { Service, Special } from '../../server/service.ts';
import type { DelayedAnswers } from './tcp-delayed.ts';
import type { Evidence } from './tcp-evidence.ts';
import type { Peer } from './tcp-peer.ts';

const MAX_MESSAGE = 65_535;
const LENGTH_OCTETS = 2;
/** What one turn reads at most, besides a query that had begun before. */
const READ_OCTETS = 64 * 1024;
/** A turn ends behind the answer that reaches one of these, so that no connection keeps the others waiting. */
const TURN_OCTETS = 64 * 1024;
const TURN_ANSWERS = 64;
const TURN_MS = 2;
/** Looking at the clock costs as much as a small part of an answer. */
const ANSWERS_A_LOOK = 4;
/** Octets of answers that a peer may leave unread or waiting before its next query is looked at. */
export const MAX_OWED = 1024 * 1024;
/** Delayed answers of one connection that may wait at a time. */
const MAX_DELAYED = 100;

/**
 * What became of a turn: `more` queries have been received already, `read` waits for octets, `write` for room, `later` for the time
 * of a delayed answer, `done` is all answered after the peer's end, `dead` is to be closed at once.
 */
export type TurnEnd = 'more' | 'read' | 'write' | 'later' | 'done' | 'dead' | 'reset';

export interface Parts {
  readonly kernel: Kernel;
  readonly stream: Stream;
  readonly evidence: Evidence;
  readonly delayed: DelayedAnswers;
  readonly record: (facts: Facts) => void;
  /** Milliseconds since the epoch. */
  readonly time: () => number;
  readonly tell: (error: unknown) => void;
  /** A whole query came. */
  readonly touch: (peer: Peer, now: number) => void;
}

export class Answers {
  private readonly parts: Parts;
  /** Shared by all connections: what a turn leaves over is copied out. */
  private readonly input = new Uint8Array(LENGTH_OCTETS + MAX_MESSAGE + READ_OCTETS);
  private readonly output = new Uint8Array(TURN_OCTETS + LENGTH_OCTETS + MAX_MESSAGE);
  private readonly inputAddress: bigint;
  private readonly outputAddress: bigint;
  private readonly inbound: Inbound;
  /** Octets in `output` that have not been sent. */
  private filled = 0;
  private at = 0;
  private end = 0;

  constructor(parts: Parts, inbound: Inbound) {
    this.parts = parts;
    this.inputAddress = parts.kernel.address(this.input);
    this.outputAddress = parts.kernel.address(this.output);
    this.inbound = inbound;
    inbound.transport = 'tcp';
    inbound.octets = this.input;
  }

  /**
   * One turn of a connection.
   * @param mayRead false where only what has been received is to be answered
   */
  turn(peer: Peer, service: Service, now: number, mayRead: boolean): TurnEnd {
    if (peer.owed) {
      const end = this.payOwed(peer, now);
      if (end) return end;
    }
    // Nothing more for a peer that does not read; it goes on when it has read, or a delayed answer has left.
    if (isOwedTooMuch(peer)) return 'later';
    const had = peer.copyKept(this.input);
    this.at = 0;
    this.end = had;
    if (mayRead && !peer.isEnded && !this.hasQuery()) {
      const failure = this.read(peer, had);
      if (failure) return failure;
    }
    return this.answerAll(peer, service, now, had);
  }

  /** An answer whose time has come. */
  leave(peer: Peer, special: Special, now: number): TurnEnd | undefined {
    this.put(peer, special, now);
    return this.send(peer);
  }

  /** Octets that have come since, thrown away. @returns false where the peer has ended or gone */
  discard(peer: Peer): boolean {
    const received = this.parts.stream.receive(peer.fd, this.inputAddress, READ_OCTETS);
    return received > 0 || isNotNow(received);
  }

  private read(peer: Peer, had: number): TurnEnd | undefined {
    const address = had === 0 ? this.inputAddress : this.inputAddress + BigInt(had);
    const received = this.parts.stream.receive(peer.fd, address, READ_OCTETS);
    if (received > 0) this.end += received;
    else if (received === 0) peer.isEnded = true;
    else return isNotNow(received) ? 'read' : 'reset';
    return undefined;
  }

  private answerAll(peer: Peer, service: Service, now: number, had: number): TurnEnd {
    if (!this.hasQuery()) {
      if (this.end > had) peer.keep(this.input, 0, this.end, true);
      return endOf(peer, false);
    }
    this.parts.evidence.beforeAnswers(peer, now);
    this.parts.touch(peer, now);
    peer.introduce(this.inbound);
    this.inbound.time = this.parts.time();
    const isOver = !this.answerSome(peer, service, now);
    const failure = this.send(peer);
    if (failure === 'reset') return failure;
    if (isOver) return 'dead';
    peer.keep(this.input, this.at, this.end, false);
    return failure ?? endOf(peer, this.hasQuery());
  }

  /** Answers up to the bounds of a turn. @returns false where the connection is to end */
  private answerSome(peer: Peer, service: Service, now: number): boolean {
    let until = 0;
    for (let count = 1; ; count++) {
      if (!this.answerNext(peer, service, now)) return false;
      if (!this.hasQuery() || this.filled >= TURN_OCTETS || count === TURN_ANSWERS) return true;
      if (isOwedTooMuch(peer)) return true;
      if (count === 1) until = performance.now() + TURN_MS;
      else if (count % ANSWERS_A_LOOK === 0 && performance.now() > until) return true;
    }
  }

  private answerNext(peer: Peer, service: Service, now: number): boolean {
    const { inbound, input, parts } = this;
    const { evidence } = parts;
    inbound.start = this.at + LENGTH_OCTETS;
    inbound.length = (input[this.at]! << 8) | input[this.at + 1]!;
    this.at = inbound.start + inbound.length;
    evidence.makeRoom(now);
    const start = this.filled + LENGTH_OCTETS;
    const readAt = performance.now();
    const length = this.ask(service, start);
    if (length < 0) return false;
    // A runt or a response: whoever sends that does not speak DNS with us.
    if (service.isNonsense) return false;
    if (service.rowAt >= 0) markLatency(evidence.view, service.rowAt, (performance.now() - readAt) * 1000);
    if (length > 0) this.frame(peer, length);
    evidence.attach(peer, length > 0 ? peer.written : 0, now);
    const { special } = service;
    return !special || this.putLater(peer, special, now);
  }

  /** @returns octets of the answer, -1 where a bug of ours was met: it is told, and costs this connection only */
  private ask(service: Service, start: number): number {
    const { evidence, tell } = this.parts;
    try {
      return service.answer(this.inbound, this.output, start, MAX_MESSAGE, evidence);
    } catch (error) {
      tell(error);
      return -1;
    }
  }

  private putLater(peer: Peer, special: Special, now: number): boolean {
    const { delayed, record } = this.parts;
    if (special.delayMs <= 0) this.put(peer, special, now);
    else if (!delayed.add(peer, special, now)) {
      record(unsent(special.facts));
      return false;
    }
    return true;
  }

  private put(peer: Peer, { octets, facts }: Special, now: number): void {
    const { evidence } = this.parts;
    evidence.makeRoom(now);
    this.output.set(octets, this.filled + LENGTH_OCTETS);
    this.frame(peer, octets.length);
    recordInto(facts, evidence);
    evidence.attach(peer, peer.written, now);
  }

  /** Takes in the message of `length` octets that stands in `output`. */
  private frame(peer: Peer, length: number): void {
    const { output, filled } = this;
    output[filled] = length >> 8;
    output[filled + 1] = length & 0xff;
    this.filled += LENGTH_OCTETS + length;
    peer.written += LENGTH_OCTETS + length;
  }

  /** Sends what is in `output`; what the kernel does not take is owed. */
  private send(peer: Peer): TurnEnd | undefined {
    const { output, filled } = this;
    this.filled = 0;
    if (filled === 0) return undefined;
    const sent = peer.owed ? 0 : this.parts.stream.send(peer.fd, this.outputAddress, filled);
    if (sent === filled) return undefined;
    if (sent < 0 && !isNotNow(sent)) return 'reset';
    const rest = output.subarray(Math.max(0, sent), filled);
    peer.owed = peer.owed ? Buffer.concat([peer.owed, rest]) : rest.slice();
    return 'write';
  }

  private payOwed(peer: Peer, now: number): TurnEnd | undefined {
    const owed = peer.owed!;
    const sent = this.parts.stream.send(peer.fd, owed, owed.length);
    if (sent < 0) return isNotNow(sent) ? 'write' : 'reset';
    if (sent < owed.length) {
      peer.owed = owed.subarray(sent);
      return 'write';
    }
    peer.owed = undefined;
    peer.activeAt = now;
    return undefined;
  }

  private hasQuery(): boolean {
    const { input, at, end } = this;
    return end - at >= LENGTH_OCTETS && end - at - LENGTH_OCTETS >= ((input[at]! << 8) | input[at + 1]!);
  }
}

function isOwedTooMuch(peer: Peer): boolean {
  return peer.delayedOctets > MAX_OWED || (peer.delayed?.size ?? 0) >= MAX_DELAYED;
}

function endOf(peer: Peer, hasQuery: boolean): TurnEnd {
  if (hasQuery) return isOwedTooMuch(peer) ? 'later' : 'more';
  if (!peer.isEnded) return 'read';
  return peer.delayed?.size ? 'later' : 'done';
}
