/** Peer: all that is kept of one TCP connection; next to nothing while it is idle (RFC 9210 §5). */
import type { Inbound, LocalAddress } from '../../server/inbound.ts';
import { Place } from './line.ts';
import type { Delayed } from './tcp-delayed.ts';

/** Least room for the octets of a query that has not come whole. */
const LEAST_KEPT = 128;

export class Peer {
  readonly fd: number;
  readonly local: LocalAddress;
  readonly family: 4 | 6;
  /** Source address as big-endian words; an IPv4 one in the first. */
  readonly words: readonly [number, number, number, number];
  readonly port: number;
  /** Of the SYN; 0 unknown. */
  readonly ttl: number;
  /** Segment size that the SYN offered; 0 unknown. */
  readonly synMss: number;
  /** Among all, the one longest without a whole query first. */
  readonly quietPlace = new Place<Peer>(this);
  /** Among those whose answers wait to be acknowledged, by the time of the next look. */
  readonly lookPlace = new Place<Peer>(this);
  lookAt = 0;
  /** When a whole query came last, and when that or the end of reading our answers was: milliseconds of the loop's clock. */
  queriedAt: number;
  activeAt: number;
  /** Events that epoll watches for; -1 where it does not know this connection. */
  events = -1;
  /** A whole query has come. */
  hasAsked = false;
  /** Waits for its turn already. */
  isQueued = false;
  /** Has not been given up to epoll: it may have more to say at once. */
  isFresh = true;
  /** The peer has closed its side. */
  isEnded = false;
  /** We have closed ours. */
  isShut = false;
  isClosed = false;
  /** Octets of our stream so far, those owed included. */
  written = 0;
  /** What the kernel has not taken yet. */
  owed: Uint8Array | undefined = undefined;
  delayed: Set<Delayed> | undefined = undefined;
  delayedOctets = 0;
  /** Rows whose answers wait to be acknowledged: cells of {@link Evidence}. */
  firstCell = -1;
  lastCell = -1;
  waitingRows = 0;
  private kept: Uint8Array | undefined = undefined;
  private keptLength = 0;

  constructor(
    fd: number,
    local: LocalAddress,
    family: 4 | 6,
    name: Readonly<{ octets: Uint8Array; at: number; port: number }>,
    syn: Readonly<{ synTtl: number; synMss: number }>,
    now: number,
  ) {
    this.fd = fd;
    this.local = local;
    this.family = family;
    const { octets, at } = name;
    const isIpv6 = family === 6;
    this.words = [
      wordAt(octets, at),
      isIpv6 ? wordAt(octets, at + 4) : 0,
      isIpv6 ? wordAt(octets, at + 8) : 0,
      isIpv6 ? wordAt(octets, at + 12) : 0,
    ];
    this.port = name.port;
    this.ttl = syn.synTtl;
    this.synMss = syn.synMss;
    this.queriedAt = now;
    this.activeAt = now;
  }

  /** What limits count by: an IPv4 address; of IPv6 the /64, all of which one host has. */
  get sourceKey(): number | string {
    return this.family === 4 ? this.words[0] : `${this.words[0]}:${this.words[1]}`;
  }

  /** Says in `inbound` who asks. */
  introduce(inbound: Inbound): void {
    const { words, family } = this;
    inbound.local = this.local;
    inbound.family = family;
    inbound.port = this.port;
    inbound.ttl = this.ttl;
    const length = family === 4 ? 4 : 16;
    for (let at = 0; at < length; at++) inbound.source[at] = words[at >> 2]! >>> (24 - 8 * (at & 3));
  }

  /** Octets received and not answered yet. */
  get keptOctets(): number {
    return this.keptLength;
  }

  /** Copies what is kept to the start of `into`, and goes on keeping it until `keep`. @returns octets */
  copyKept(into: Uint8Array): number {
    if (this.kept) into.set(this.kept.subarray(0, this.keptLength));
    return this.keptLength;
  }

  /**
   * Keeps the octets from `start` to `end`, and nothing else.
   * @param isMore they begin with what is kept already
   */
  keep(octets: Uint8Array, start: number, end: number, isMore: boolean): void {
    const length = end - start;
    if (length === 0) {
      this.kept = undefined;
    } else if (this.kept && this.kept.length >= length) {
      const from = isMore ? this.keptLength : 0;
      this.kept.set(octets.subarray(start + from, end), from);
    } else {
      // Twice as much each time it is too little: a query that comes octet by octet is not copied as often.
      const room = Math.max(LEAST_KEPT, isMore ? 2 * length : length);
      this.kept = new Uint8Array(room);
      this.kept.set(octets.subarray(start, end));
    }
    this.keptLength = length;
  }
}

function wordAt(octets: Uint8Array, at: number): number {
  return ((octets[at]! << 24) | (octets[at + 1]! << 16) | (octets[at + 2]! << 8) | octets[at + 3]!) >>> 0;
}
