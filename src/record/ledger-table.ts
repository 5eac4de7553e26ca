/**
 * Table of the ledger in shared memory: what is remembered of each source address. One thread writes, any number read, nobody waits.
 *
 *     header | source 0 | source 1 | …     a source: sequence, octets of its address, address, last use, then its entries
 *
 * A source stands in one of the few places that its hash allows; the one seen longest ago makes room. The sequence word of a place
 * is odd while it changes: a reader that sees it odd or changed looks again.
 */
import { randomBytes } from 'node:crypto';
import { parseAddress } from '../wire/address.ts';

/** What is known of one size over one transport to one source. */
export interface LedgerEntry {
  /** Octets of the DNS message. */
  readonly size: number;
  readonly transport: 'UDP' | 'TCP';
  readonly sent: number;
  readonly arrived: number;
  /** IP packets of the one that arrived last, 0 where unknown. */
  readonly fragments: number;
  /** Milliseconds since the epoch: of the last arrival, or the last sending where none arrived. */
  readonly lastAt: number;
}

/** Sources that the table of a server holds. */
const CAPACITY = 10_000;
/** Places that one source may stand in. */
const WAYS = 8;
/** Sizes kept of one source; the one seen longest ago makes room. */
const ENTRIES = 16;

/** u32 seed of the hash, so that nobody can choose who makes room; u32 sets; u32 places in a set. */
const HEADER_OCTETS = 16;
const SOURCE = { sequence: 0, length: 4, address: 8, usedAt: 24, entries: 32 } as const;
const ENTRY = { size: 0, transport: 2, fragments: 3, sent: 4, arrived: 8, lastAt: 16, usedAt: 24 } as const;
const ENTRY_OCTETS = 32;
const SOURCE_OCTETS = SOURCE.entries + ENTRIES * ENTRY_OCTETS;
const TRANSPORTS = ['', 'UDP', 'TCP'] as const;
/** A writer that is interrupted in the middle of a change keeps readers from this place no longer than so many looks. */
const LOOKS = 1000;

/** @param capacity sources remembered */
export function ledgerMemory(capacity = CAPACITY): SharedArrayBuffer {
  const ways = Math.min(WAYS, capacity);
  const sets = Math.floor(capacity / ways);
  const memory = new SharedArrayBuffer(HEADER_OCTETS + sets * ways * SOURCE_OCTETS);
  new Uint32Array(memory).set([randomBytes(4).readUInt32LE(), sets, ways]);
  return memory;
}

/** The memory as one thread looks at it. */
class Table {
  readonly words: Int32Array;
  readonly octets: Uint8Array;
  readonly view: DataView;
  private readonly seed: number;
  private readonly sets: number;
  private readonly ways: number;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory);
    this.octets = new Uint8Array(memory);
    this.view = new DataView(memory);
    const [seed = 0, sets = 1, ways = 1] = new Uint32Array(memory, 0, 3);
    this.seed = seed;
    this.sets = sets;
    this.ways = ways;
  }

  /** The place of this source, else the one in which it would make room for itself. */
  placeFor(source: Uint8Array, from: number, length: number): number {
    const first = this.firstPlace(source, from, length);
    let oldest = first;
    for (let way = 0; way < this.ways; way++) {
      const place = first + way * SOURCE_OCTETS;
      if (this.holds(place, source, from, length)) return place;
      if (this.usedAt(place + SOURCE.usedAt) < this.usedAt(oldest + SOURCE.usedAt)) oldest = place;
    }
    return oldest;
  }

  /** Whether the place is that of this source. */
  holds(place: number, source: Uint8Array, from: number, length: number): boolean {
    const { octets } = this;
    if (octets[place + SOURCE.length] !== length) return false;
    for (let at = 0; at < length; at++)
      if (octets[place + SOURCE.address + at] !== source[from + at]) return false;
    return true;
  }

  /** The entry of that size and transport, else the one that would make room for it. */
  entryFor(place: number, transport: number, size: number): number {
    const first = place + SOURCE.entries;
    let oldest = first;
    for (let entry = first; entry < place + SOURCE_OCTETS; entry += ENTRY_OCTETS) {
      if (this.isOf(entry, transport, size)) return entry;
      if (this.usedAt(entry + ENTRY.usedAt) < this.usedAt(oldest + ENTRY.usedAt)) oldest = entry;
    }
    return oldest;
  }

  isOf(entry: number, transport: number, size: number): boolean {
    return (
      this.octets[entry + ENTRY.transport] === transport &&
      this.view.getUint16(entry + ENTRY.size, true) === size
    );
  }

  private firstPlace(source: Uint8Array, from: number, length: number): number {
    // FNV-1a over seed and address.
    let hash = 0x811c9dc5 ^ this.seed;
    for (let at = from; at < from + length; at++) hash = Math.imul(hash ^ source[at]!, 0x0100_0193);
    hash ^= hash >>> 15;
    return HEADER_OCTETS + ((hash >>> 0) % this.sets) * this.ways * SOURCE_OCTETS;
  }

  private usedAt(at: number): number {
    return this.view.getFloat64(at, true);
  }
}

/** Everything known of `source`, in no order; empty for one that the table does not hold. For any thread. */
export function readLedger(memory: SharedArrayBuffer, source: string): LedgerEntry[] {
  const address = parseAddress(source);
  const table = new Table(memory);
  const place = table.placeFor(address, 0, address.length);
  const copy = copyWhole(table, place);
  return copy && new Table(copy.buffer).holds(0, address, 0, address.length) ? decode(copy) : [];
}

function copyWhole({ words, octets }: Table, place: number): Uint8Array<SharedArrayBuffer> | undefined {
  const word = (place + SOURCE.sequence) / 4;
  const copy = new Uint8Array(new SharedArrayBuffer(SOURCE_OCTETS));
  for (let look = 0; look < LOOKS; look++) {
    const before = Atomics.load(words, word);
    if (before % 2 !== 0) continue;
    copy.set(octets.subarray(place, place + SOURCE_OCTETS));
    // Adding nothing is a barrier in both directions, which a load is not.
    if (Atomics.add(words, word, 0) === before) return copy;
  }
  return undefined;
}

function decode(copy: Uint8Array): LedgerEntry[] {
  const view = new DataView(copy.buffer);
  const entries: LedgerEntry[] = [];
  for (let at: number = SOURCE.entries; at < copy.length; at += ENTRY_OCTETS) {
    const transport = TRANSPORTS[copy[at + ENTRY.transport]!];
    if (!transport) continue;
    entries.push({
      size: view.getUint16(at + ENTRY.size, true),
      transport,
      sent: view.getUint32(at + ENTRY.sent, true),
      arrived: view.getUint32(at + ENTRY.arrived, true),
      fragments: copy[at + ENTRY.fragments]!,
      lastAt: view.getFloat64(at + ENTRY.lastAt, true),
    });
  }
  return entries;
}

/** The one who writes the table; allocates nothing. */
export class LedgerWriter {
  private readonly table: Table;
  private uses = 0;

  constructor(memory: SharedArrayBuffer) {
    this.table = new Table(memory);
  }

  /**
   * An answer of `size` octets left (`fragments` undefined), or one arrived: its receipt came back.
   * @param source holds the address from `from` on, `length` octets
   */
  note(
    source: Uint8Array,
    from: number,
    length: number,
    transport: 'UDP' | 'TCP',
    size: number,
    time: number,
    fragments?: number,
  ): void {
    const { words, octets, view } = this.table;
    const place = this.table.placeFor(source, from, length);
    this.uses += 1;
    Atomics.add(words, (place + SOURCE.sequence) / 4, 1);
    if (!this.table.holds(place, source, from, length)) {
      octets.fill(0, place + SOURCE.length, place + SOURCE_OCTETS);
      octets[place + SOURCE.length] = length;
      for (let at = 0; at < length; at++) octets[place + SOURCE.address + at] = source[from + at]!;
    }
    view.setFloat64(place + SOURCE.usedAt, this.uses, true);
    const entry = this.entry(place, TRANSPORTS.indexOf(transport), size);
    count(view, entry + (fragments === undefined ? ENTRY.sent : ENTRY.arrived));
    if (fragments !== undefined) octets[entry + ENTRY.fragments] = fragments;
    if (fragments !== undefined || view.getUint32(entry + ENTRY.arrived, true) === 0)
      view.setFloat64(entry + ENTRY.lastAt, time, true);
    Atomics.add(words, (place + SOURCE.sequence) / 4, 1);
  }

  /** The entry of that size and transport, made where it is missing. */
  private entry(place: number, transport: number, size: number): number {
    const { octets, view } = this.table;
    const entry = this.table.entryFor(place, transport, size);
    if (!this.table.isOf(entry, transport, size)) {
      octets.fill(0, entry, entry + ENTRY_OCTETS);
      octets[entry + ENTRY.transport] = transport;
      view.setUint16(entry + ENTRY.size, size, true);
    }
    view.setFloat64(entry + ENTRY.usedAt, this.uses, true);
    return entry;
  }
}

function count(view: DataView, at: number): void {
  view.setUint32(at, Math.min(0xffff_ffff, view.getUint32(at, true) + 1), true);
}
