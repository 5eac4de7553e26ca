/** What a loop over sockets is given, and what it calls. */
import type { Facts } from '../../record/facts.ts';
import type { PathEvent } from '../../record/path-event.ts';
import type { RowSink } from '../../record/sink.ts';
import type { LocalAddress } from '../../server/inbound.ts';
import type { Service } from '../../server/service.ts';

/** One socket of a listen address; another thread may have its own on the same address, never the same one. */
export interface UdpSocket {
  readonly fd: number;
  readonly local: LocalAddress;
  readonly port: number;
  readonly family: 4 | 6;
  /** By `openRaw`, and shared by all sockets of its family: without it the arm `frag` cannot leave. */
  readonly raw?: number;
}

export interface LoopHooks {
  /** Looked up once a round, so that a reload takes effect. */
  readonly service: () => Service;
  readonly rows: RowSink;
  /** Rows of answers that leave later: encodes the facts and reserves room itself. */
  record(facts: Facts): void;
  /** From the error queue. */
  recordPathEvent(event: PathEvent): void;
  /** Called once a round where `control.generation` changed. */
  onGeneration(): void;
  /** Something that an operator should know failed, at most once a second for each kind; answers go on. */
  onTrouble(error: Error): void;
  /** Milliseconds since the epoch. */
  now(): number;
  /** By `makePathMtus`, shared by all threads; without it each thread learns alone. */
  readonly pathMtus?: SharedArrayBuffer;
}
