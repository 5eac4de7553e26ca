/** Inbound: one message as a loop over sockets hands it in. One a loop, refilled for each message: the packet path allocates nothing. */
import type { Transport } from '../record/facts.ts';

/** One of our addresses, with all that answering needs to know of it. */
export interface LocalAddress {
  /** Presentation form. */
  readonly text: string;
  /** By `addressKey`. */
  readonly key: string;
  /** 4 or 16. */
  readonly octets: Uint8Array;
  /** Place in the list of listen addresses. */
  readonly index: number;
  /** MTU of the link that answers leave on, 0 where unknown. */
  readonly linkMtu: number;
}

export class Inbound {
  /** The message stands at `start`, `length` octets long. */
  octets: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;
  /** The source address in its first 4 or 16 octets; an IPv4-mapped one has been made IPv4. */
  readonly source = new Uint8Array(16);
  family: 4 | 6 = 4;
  port = 0;
  /** When the loop read it, milliseconds since the epoch: one look at the clock for many messages. */
  time = 0;
  transport: Transport = 'udp';
  /** TTL or hop limit as received, 0 where unknown. */
  ttl = 0;
  /** Path MTU that the kernel knows towards the source, 0 where unknown. */
  pathMtu = 0;
  local: LocalAddress;

  constructor(local: LocalAddress) {
    this.local = local;
  }
}
