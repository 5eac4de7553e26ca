/** Evidence: rows of TCP answers wait here, until the kernel can say whether the answer's last octet was acknowledged. */
import type { Stream } from '../../kernel/stream.ts';
import { FIELD } from '../../record/layout.ts';
import { patchTcp } from '../../record/mark.ts';
import { type RowSink, SLOT_OCTETS } from '../../record/sink.ts';
import { Line } from './line.ts';
import type { PathMtus } from './path-mtus.ts';
import type { Peer } from './tcp-peer.ts';

/** Rows that wait at a time, in all and of one connection; beyond it the oldest go on without a verdict. */
const CELLS = 4096;
const MAX_ROWS_OF_PEER = 256;
/** With fewer waiting, more answers of that connection need no look first. */
const ROWS_A_LOOK = 64;
/** A row of either size fits a cell. */
const CELL_OCTETS = 2 * SLOT_OCTETS;
/** A connection that stays open is looked at this long after its answer, and again. */
const LOOK_MS = 100;
/** From then on an answer counts as not acknowledged, unless the round trip itself takes so long. */
const UNACKED_MS = 500;
const TWO_32 = 2 ** 32;

/** Why a look may end the waiting of rows that are not acknowledged. */
export type Look = 'open' | 'closing' | 'reset' | 'full';

/** Where the service puts its rows: the sink of one thread's TCP. `reserve` never fails after {@link makeRoom}. */
export class Evidence implements RowSink {
  readonly octets = new Uint8Array(CELLS * CELL_OCTETS);
  readonly view = new DataView(this.octets.buffer);
  /** A row gets its number when it is handed over. */
  readonly seq = 0;
  private readonly rows: RowSink;
  private readonly stream: Stream;
  /** Next cell of the same connection, or of the free ones. */
  private readonly next = Int32Array.from({ length: CELLS }, (_, cell) => (cell + 1 < CELLS ? cell + 1 : -1));
  private free = 0;
  /** Offset in the stream behind the answer, 0 where nothing was sent; and when. */
  private readonly endsAt = new Float64Array(CELLS);
  private readonly sentAt = new Float64Array(CELLS);
  /** The last cell reserved and not yet taken by its connection. */
  private reserved = -1;
  private readonly waiting = new Line<Peer>();
  private readonly pathMtus: PathMtus;
  private readonly wallClock: () => number;
  private readonly address = new DataView(new ArrayBuffer(16));
  private readonly facts = { rttUs: 0, mss: 0, pmtu: 0, synMss: 0, acked: undefined as boolean | undefined };

  /** @param wallClock milliseconds since the epoch, by which path MTUs grow old */
  constructor(rows: RowSink, stream: Stream, pathMtus: PathMtus, wallClock: () => number) {
    this.rows = rows;
    this.stream = stream;
    this.pathMtus = pathMtus;
    this.wallClock = wallClock;
  }

  /** Ends the waiting of the connection that waits longest where no cell is free. */
  makeRoom(now: number): void {
    if (this.free < 0 && this.waiting.first) this.look(this.waiting.first.member, now, 'full');
  }

  /** To be called before more queries of a connection are answered: what has been acknowledged is handed over first. */
  beforeAnswers(peer: Peer, now: number): void {
    if (peer.waitingRows < ROWS_A_LOOK) return;
    this.look(peer, now, 'open');
    if (peer.waitingRows > MAX_ROWS_OF_PEER) this.look(peer, now, 'full');
  }

  reserve(): number {
    const cell = this.free;
    // One message, one row.
    if (cell < 0 || this.reserved >= 0) return -1;
    this.free = this.next[cell]!;
    this.reserved = cell;
    return cell * CELL_OCTETS;
  }

  commit(): void {
    // Rows are committed when they are handed over.
  }

  /**
   * The row just written, if any, waits for the answer that ends at `end` of this peer's stream.
   * @param end 0 where nothing was sent
   */
  attach(peer: Peer, end: number, now: number): void {
    const cell = this.reserved;
    if (cell < 0) return;
    this.reserved = -1;
    this.next[cell] = -1;
    this.endsAt[cell] = end;
    this.sentAt[cell] = now;
    if (peer.lastCell < 0) peer.firstCell = cell;
    else this.next[peer.lastCell] = cell;
    peer.lastCell = cell;
    peer.waitingRows++;
    if (!peer.lookPlace.isTaken) this.lookLater(peer, now);
  }

  /** When the next look is due, milliseconds of the loop's clock; infinite where no row waits. */
  get nextAt(): number {
    return this.waiting.first?.member.lookAt ?? Number.POSITIVE_INFINITY;
  }

  /** The next connection whose look is due. */
  due(now: number): Peer | undefined {
    return this.nextAt <= now ? this.waiting.first?.member : undefined;
  }

  /** Asks the kernel, and hands over all rows that need wait no longer: those of a connection that closes without exception. */
  look(peer: Peer, now: number, why: Look): void {
    if (peer.firstCell < 0) return;
    const { facts } = this;
    const acked = this.ask(peer);
    facts.synMss = peer.synMss;
    const patience = Math.max(UNACKED_MS, (2 * facts.rttUs) / 1000);
    for (let cell = peer.firstCell; cell >= 0; cell = peer.firstCell) {
      const end = this.endsAt[cell]!;
      const isLost = why === 'reset' || now - this.sentAt[cell]! >= patience;
      if (end > acked && !isLost && why === 'open') break;
      facts.acked = acked < 0 || end === 0 ? undefined : isAcked(end, acked, isLost);
      this.handOver(peer, cell);
    }
    if (peer.firstCell < 0) this.waiting.leave(peer.lookPlace);
    else this.lookLater(peer, now);
  }

  /** Octets that the peer has acknowledged, -1 where the kernel does not say; the rest goes to `facts`. */
  private ask(peer: Peer): number {
    const { facts, stream } = this;
    const isKnown = stream.readInfo(peer.fd);
    facts.rttUs = isKnown ? stream.rttUs : 0;
    facts.mss = isKnown ? stream.sendMss : 0;
    facts.pmtu = isKnown ? stream.pathMtu : 0;
    // The kernel keeps it for all it sends there: over IPv6 datagrams that are larger leave in fragments from now on.
    if (facts.pmtu > 0 && facts.pmtu < peer.local.linkMtu) this.learn(peer, facts.pmtu);
    return isKnown ? stream.ackedOctets : -1;
  }

  private learn({ words, family }: Peer, mtu: number): void {
    const { address, pathMtus, wallClock } = this;
    for (const [index, word] of words.entries()) address.setInt32(4 * index, word);
    pathMtus.learn(new Uint8Array(address.buffer), family, mtu, wallClock());
  }

  private lookLater(peer: Peer, now: number): void {
    peer.lookAt = now + LOOK_MS;
    this.waiting.join(peer.lookPlace);
  }

  private handOver(peer: Peer, cell: number): void {
    const { octets, view, rows } = this;
    const from = cell * CELL_OCTETS;
    const slots = octets[from + FIELD.slots] === 2 ? 2 : 1;
    const at = rows.reserve(slots);
    if (at >= 0) {
      patchTcp(view, from, this.facts);
      view.setUint32(from + FIELD.seqLow, rows.seq % TWO_32, true);
      octets[from + FIELD.seqHigh] = Math.floor(rows.seq / TWO_32);
      rows.octets.set(octets.subarray(from, from + slots * SLOT_OCTETS), at);
    }
    peer.firstCell = this.next[cell]!;
    if (peer.firstCell < 0) peer.lastCell = -1;
    peer.waitingRows--;
    this.next[cell] = this.free;
    this.free = cell;
  }
}

/** Undefined where it is too early to say. */
function isAcked(end: number, acked: number, isLost: boolean): boolean | undefined {
  if (end <= acked) return true;
  return isLost ? false : undefined;
}
