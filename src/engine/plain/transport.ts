/** Transport: what the sockets of node:dgram and node:net owe to the answering core, and it to them. */
import type { Facts } from '../../record/facts.ts';
import type { Respond } from '../../server/respond.ts';
import type { ListenAddress } from '../listen.ts';

/** What a transport calls. */
export interface Handler {
  /** Looked up for each message, so that a reload takes effect at once. */
  respond(): Respond;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Facts of each message answered or left in silence, and of connections refused. */
  record(facts: Facts): void;
  /** A socket failed to send or to accept; answers go on. */
  onTrouble(error: Error): void;
}

export interface Listening {
  /** With the port that the kernel chose. */
  readonly address: ListenAddress;
  /** Takes no new queries, finishes what is in flight, closes. */
  stop(): Promise<void>;
}

/** @throws {Error} with `code` EADDRINUSE, EACCES, … where the address cannot be had */
export type StartTransport = (address: ListenAddress, handler: Handler) => Promise<Listening>;
