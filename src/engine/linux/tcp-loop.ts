/** The loop of the thread that serves all TCP: it waits for many connections and gives each its turns (RFC 7766, RFC 9210). */
import { performance } from 'node:perf_hooks';
import { EPOLL } from '../../kernel/constants.ts';
import { Epoll } from '../../kernel/epoll.ts';
import { requireKernel } from '../../kernel/library.ts';
import { boundUnsent, Stream } from '../../kernel/stream.ts';
import { Inbound } from '../../server/inbound.ts';
import { unsent } from '../../server/record.ts';
import type { Service } from '../../server/service.ts';
import type { LoopControl } from './control.ts';
import { makePathMtus, PathMtus } from './path-mtus.ts';
import { Answers, MAX_OWED, type TurnEnd } from './tcp-answers.ts';
import { DelayedAnswers } from './tcp-delayed.ts';
import { Door } from './tcp-door.ts';
import { Evidence, type Look } from './tcp-evidence.ts';
import type { TcpHooks, TcpListener } from './tcp-hooks.ts';
import type { Peer } from './tcp-peer.ts';
import { Peers } from './tcp-peers.ts';
import { Wordless } from './tcp-wordless.ts';
import { makeTroubles } from './troubles.ts';

const EVENTS = 256;
/** Longest wait: how late control words are seen. */
const WAIT_MS = 50;
const SWEEP_MS = 250;
/** What is written is delivered within this time after the stop, or not at all. */
const STOP_MS = 500;
const STOP_WAIT_MS = 5;
/** Connections kept for nothing but their evidence after both sides have closed. */
const MAX_LINGERING = 1024;

/** Runs until `control.isStopping`; then delivers what is written and closes every connection, within {@link STOP_MS}. */
export function runTcpLoop(listeners: readonly TcpListener[], hooks: TcpHooks, control: LoopControl): void {
  const loop = new TcpLoop(listeners, hooks, control);
  try {
    while (loop.round()) {
      // Until it is over.
    }
  } finally {
    loop.close();
  }
}

export class TcpLoop {
  private readonly kernel = requireKernel();
  private readonly stream = new Stream(this.kernel);
  private readonly epoll = new Epoll(this.kernel, EVENTS);
  private readonly peers = new Peers();
  private readonly lingering = new Set<Peer>();
  private readonly delayed = new DelayedAnswers();
  private readonly evidence: Evidence;
  private readonly wordless: Wordless;
  private readonly answers: Answers;
  private readonly door: Door;
  private readonly hooks: TcpHooks;
  private readonly control: LoopControl;
  private readonly tell: (error: unknown) => void;
  private service: Service;
  private generation = 0;
  private now = performance.now();
  private sweepAt = 0;
  private committed: number;
  /** When the last connection is cut, once the thread is to finish. */
  private stopBy: number | undefined;
  private queue: Peer[] = [];
  private turns: Peer[] = [];
  private readonly takeIn = (peer: Peer): void => this.takeTurn(peer);

  constructor(listeners: readonly TcpListener[], hooks: TcpHooks, control: LoopControl) {
    const { kernel, stream, epoll, peers, delayed } = this;
    this.hooks = hooks;
    this.control = control;
    this.service = hooks.service();
    this.committed = hooks.rows.seq;
    this.tell = makeTroubles((error) => hooks.onTrouble(error));
    this.evidence = new Evidence(
      hooks.rows,
      stream,
      new PathMtus(hooks.pathMtus ?? makePathMtus()),
      hooks.now,
    );
    this.wordless = new Wordless(hooks);
    const touch = (peer: Peer, now: number) => peers.touch(peer, now);
    const record: TcpHooks['record'] = (facts) => hooks.record(facts);
    const parts = {
      kernel,
      stream,
      evidence: this.evidence,
      delayed,
      record,
      touch,
      time: hooks.now,
      tell: this.tell,
    };
    this.answers = new Answers(parts, new Inbound(listeners[0]!.local));
    const { wordless } = this;
    const putOut = (peer: Peer) => this.end(peer, 'closing', 'budget');
    this.door = new Door(listeners, { stream, epoll, peers, hooks, tell: this.tell, wordless, putOut });
    // Connections inherit it. Not TCP_DEFER_ACCEPT: what it saves is lost in the noise, and the first round trip that the
    // kernel measures would include the time until the peer asks.
    for (const { fd } of listeners) boundUnsent(kernel, fd, MAX_OWED);
  }

  /**
   * Waits for something to do, and does it.
   * @returns false when everything is over after a stop
   */
  round(waitMs = WAIT_MS): boolean {
    const { hooks, control } = this;
    if (control.generation !== this.generation) {
      this.generation = control.generation;
      hooks.onGeneration();
    }
    this.service = hooks.service();
    const events = this.epoll.wait(this.timeout(waitMs));
    this.now = performance.now();
    this.handleEvents(events);
    this.giveTurns();
    // Last, for a newcomer may get the descriptor of one that has just left.
    if (this.stopBy === undefined) this.door.open(this.now, this.takeIn);
    this.keepTime();
    if (control.isStopping) this.stop();
    this.commit();
    return this.stopBy === undefined || this.peers.count + this.lingering.size > 0;
  }

  /** Closes every connection at once, and hands over all rows. */
  close(): void {
    for (const peer of this.peers) this.end(peer, 'closing');
    for (const peer of this.lingering) this.end(peer, 'closing');
    this.commit();
    this.epoll.close();
  }

  private timeout(waitMs: number): number {
    if (this.queue.length > 0) return 0;
    if (this.stopBy !== undefined) return Math.min(waitMs, STOP_WAIT_MS);
    const next = Math.min(this.delayed.nextAt, this.evidence.nextAt);
    return Math.max(0, Math.min(waitMs, Math.ceil(next - performance.now())));
  }

  private handleEvents(events: number): void {
    for (let event = 0; event < events; event++) {
      const fd = this.epoll.tagOf(event);
      const peer = this.peers.of(fd);
      if (!peer) this.door.knock(fd);
      else if (peer.isShut) this.watchEnd(peer);
      // It is not watched for anything, so what came is its end.
      else if (peer.events === 0) this.end(peer, 'reset');
      else if (!peer.isQueued) this.takeTurn(peer);
    }
  }

  private giveTurns(): void {
    const turns = this.queue;
    this.queue = this.turns;
    this.turns = turns;
    for (const peer of turns) {
      peer.isQueued = false;
      if (!peer.isClosed && !peer.isShut) this.takeTurn(peer);
    }
    turns.length = 0;
  }

  private takeTurn(peer: Peer): void {
    const isOpen = this.stopBy === undefined;
    const end = this.answers.turn(peer, this.service, this.now, isOpen);
    this.afterTurn(peer, end);
  }

  private afterTurn(peer: Peer, end: TurnEnd): void {
    if (end === 'more') this.enqueue(peer);
    else if (end === 'dead') this.end(peer, 'closing');
    else if (end === 'reset') this.end(peer, 'reset');
    else if (end === 'write') this.watch(peer, EPOLL.OUT);
    else if (this.stopBy !== undefined) this.shut(peer);
    else if (end === 'done') this.finish(peer);
    else if (end === 'later') this.watch(peer, 0);
    else this.watchForMore(peer);
  }

  private watchForMore(peer: Peer): void {
    // Most peers ask once and close: a second look costs less than epoll does.
    if (peer.isFresh && peer.written > 0) this.enqueue(peer);
    else this.watch(peer, EPOLL.IN);
    peer.isFresh = false;
  }

  private enqueue(peer: Peer): void {
    if (peer.isQueued) return;
    peer.isQueued = true;
    this.queue.push(peer);
  }

  private watch(peer: Peer, events: number): void {
    if (peer.events === events) return;
    try {
      if (peer.events < 0) this.epoll.add(peer.fd, events, peer.fd);
      else this.epoll.modify(peer.fd, events, peer.fd);
      peer.events = events;
    } catch (error) {
      this.tell(error);
      this.end(peer, 'closing');
    }
  }

  /** Both sides are done: only evidence may keep the connection a little. */
  private finish(peer: Peer): void {
    this.evidence.look(peer, this.now, 'open');
    if (peer.waitingRows === 0) {
      this.end(peer, 'closing');
      return;
    }
    if (peer.events >= 0) this.epoll.remove(peer.fd);
    this.peers.leave(peer);
    peer.isShut = true;
    this.stream.shut(peer.fd);
    this.lingering.add(peer);
    if (this.lingering.size > MAX_LINGERING) this.end(first(this.lingering), 'closing');
  }

  private end(peer: Peer, why: Look, excluded: '' | 'budget' = ''): void {
    if (peer.isClosed) return;
    peer.isClosed = true;
    if (!peer.hasAsked) this.wordless.note(peer, this.stopBy === undefined ? excluded : 'budget', this.now);
    this.evidence.look(peer, this.now, why);
    for (const { facts } of this.delayed.giveUp(peer)) this.hooks.record(unsent(facts));
    this.peers.leave(peer);
    this.lingering.delete(peer);
    this.stream.close(peer.fd);
  }

  private keepTime(): void {
    const { evidence, now } = this;
    if (this.stopBy === undefined) this.sendDue();
    for (let peer = evidence.due(now); peer; peer = evidence.due(now)) {
      evidence.look(peer, now, 'open');
      if (this.lingering.has(peer) && peer.waitingRows === 0) this.end(peer, 'closing');
    }
    if (now < this.sweepAt) return;
    this.sweepAt = now + SWEEP_MS;
    // Only a whole query or a read answer counts as activity: an octet now and then does not keep a connection (RFC 9210 §5).
    const idleMs = this.hooks.limits().idle * 1000;
    for (const peer of this.peers.idleSince(now - idleMs)) this.end(peer, 'closing');
  }

  private sendDue(): void {
    const { delayed, now } = this;
    for (let due = delayed.takeDue(now); due; due = delayed.takeDue(now)) {
      if (this.answers.leave(due.peer, due.special, now) === 'reset') this.end(due.peer, 'reset');
      else this.enqueue(due.peer);
    }
  }

  private commit(): void {
    const { rows } = this.hooks;
    if (rows.seq === this.committed) return;
    rows.commit();
    this.committed = rows.seq;
  }

  private stop(): void {
    if (this.stopBy === undefined) {
      this.stopBy = this.now + STOP_MS;
      this.door.shut();
      for (const peer of this.peers) {
        for (const { facts } of this.delayed.giveUp(peer)) this.hooks.record(unsent(facts));
        this.enqueue(peer);
      }
    }
    const isLate = this.now >= this.stopBy;
    for (const peer of this.peers) if (isLate || this.isDelivered(peer)) this.end(peer, 'closing');
    if (isLate) for (const peer of this.lingering) this.end(peer, 'closing');
  }

  /** Nothing more will be written: our FIN says so. */
  private shut(peer: Peer): void {
    peer.isShut = true;
    this.stream.shut(peer.fd);
    this.watch(peer, EPOLL.IN);
  }

  private watchEnd(peer: Peer): void {
    if (!this.answers.discard(peer)) this.end(peer, 'closing');
  }

  private isDelivered(peer: Peer): boolean {
    return peer.isShut && this.stream.readInfo(peer.fd) && this.stream.ackedOctets >= peer.written;
  }
}

function first(peers: Iterable<Peer>): Peer {
  return peers[Symbol.iterator]().next().value!;
}
