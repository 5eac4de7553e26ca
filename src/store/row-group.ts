/** Row group: rows of a segment on their way into Parquet, side by side as they will stand in the file. */
import { FIELD, FLAGS, MAX_OPTION_CODES } from '../record/layout.ts';
import { formatNameInto, makeNameText } from '../record/name-text.ts';

/** Rows of one group: fewer make a longer footer, more leave the caches of a processor. */
export const GROUP_ROWS = 16_384;

/** Offsets in a copied row behind the fixed fields: the number of the thread, and places in the lists of the group. */
export const COPIED = { thread: FIELD.tail, name: FIELD.tail + 4, codes: FIELD.tail + 8 } as const;
export const COPIED_OCTETS = FIELD.tail + 12;

/** Some bits of one octet of a copied row. */
export interface Bits {
  readonly at: number;
  readonly bits: number;
}

/** What columns are read from; `at` is where a copied row begins. */
export interface Rows {
  readonly octets: Uint8Array;
  readonly view: DataView;
  /** Query name and zone, in presentation form. */
  qname(at: number): string;
  zone(at: number): string;
  /** Codes of the EDNS options. */
  codes(at: number): readonly number[];
}

export class RowGroup implements Rows {
  readonly octets = new Uint8Array(GROUP_ROWS * COPIED_OCTETS);
  readonly view = new DataView(this.octets.buffer);
  length = 0;
  /** By word of a copied row: the bits in which some row differs from the first. */
  private readonly differing = new Uint32Array(COPIED_OCTETS / 4);
  private qnames: string[] = [];
  private zones: string[] = [];
  private lists: number[][] = [];
  private readonly text = makeNameText();
  private readonly lastName = new Tail();
  private readonly lastCodes = new Tail();

  get isFull(): boolean {
    return this.length === GROUP_ROWS;
  }

  /** Copies a row of any kind but a filler. */
  add(source: Uint8Array, from: DataView, at: number, thread: number): void {
    const to = COPIED_OCTETS * this.length++;
    const isIpv6 = (source[at + FIELD.flags]! & FLAGS.ipv6) !== 0;
    const words = isIpv6 ? WORDS : IPV4_WORDS;
    for (let index = 0; index < words.length; index++) {
      const word = words[index]!;
      this.put(to, word, from.getUint32(at + word, true));
    }
    const codes = 2 * Math.min(source[at + FIELD.optionCount]!, MAX_OPTION_CODES);
    const tail = at + FIELD.tail;
    this.put(to, COPIED.thread, thread);
    this.put(to, COPIED.codes, this.placeOfCodes(source, from, tail, codes));
    const length = from.getUint16(at + FIELD.qnameLength, true);
    this.put(to, COPIED.name, this.placeOfName(source, tail + codes, length, source[at + FIELD.zoneLength]!));
  }

  clear(): void {
    this.length = 0;
    this.differing.fill(0);
    this.qnames = [];
    this.zones = [];
    this.lists = [];
    this.lastName.forget();
    this.lastCodes.forget();
  }

  /** Whether all rows are alike in these bits. */
  isAlike(parts: readonly Bits[]): boolean {
    return parts.every(({ at, bits }) => ((this.differing[at >> 2]! >>> (8 * (at & 3))) & bits) === 0);
  }

  qname(at: number): string {
    return this.qnames[this.view.getUint32(at + COPIED.name, true)]!;
  }

  zone(at: number): string {
    return this.zones[this.view.getUint32(at + COPIED.name, true)]!;
  }

  codes(at: number): readonly number[] {
    return this.lists[this.view.getUint32(at + COPIED.codes, true)]!;
  }

  private put(row: number, word: number, value: number): void {
    this.view.setUint32(row + word, value, true);
    this.differing[word >> 2]! |= value ^ this.view.getUint32(word, true);
  }

  /** A load repeats one name; others are told apart when the group is encoded. */
  private placeOfName(source: Uint8Array, start: number, length: number, apex: number): number {
    if (this.lastName.isAgain(source, start, length, apex)) return this.qnames.length - 1;
    const { text } = this;
    formatNameInto(text, source, start, length, apex);
    const qname = text.octets.toString('latin1', 0, text.length);
    const zone = this.zones.at(-1);
    const isSameZone = zone !== undefined && zone.length === text.apexLength && qname.endsWith(zone);
    this.zones.push(isSameZone ? zone : qname.slice(text.length - text.apexLength).toLowerCase());
    return this.qnames.push(qname) - 1;
  }

  private placeOfCodes(source: Uint8Array, view: DataView, start: number, size: number): number {
    if (this.lastCodes.isAgain(source, start, size, 0)) return this.lists.length - 1;
    const list = Array.from({ length: size / 2 }, (_, index) => view.getUint16(start + 2 * index, true));
    return this.lists.push(list) - 1;
  }
}

const WORDS: readonly number[] = Array.from({ length: FIELD.tail / 4 }, (_, word) => 4 * word);
/** Behind an IPv4 address stands what another row left there. */
const IPV4_WORDS = WORDS.filter(
  (word) => !(word >= FIELD.src + 4 && word < FIELD.dst) && !(word >= FIELD.dst + 4 && word < FIELD.dst + 16),
);

/** The octets of variable length that came last. */
class Tail {
  private readonly octets = new Uint8Array(0xffff);
  private length = -1;
  private note = 0;

  /** Whether these are the same; they are remembered. */
  isAgain(source: Uint8Array, start: number, length: number, note: number): boolean {
    const isSame = length === this.length && note === this.note && this.has(source, start);
    if (isSame) return true;
    this.length = length;
    this.note = note;
    for (let index = 0; index < length; index++) this.octets[index] = source[start + index]!;
    return false;
  }

  forget(): void {
    this.length = -1;
  }

  private has(source: Uint8Array, start: number): boolean {
    for (let index = 0; index < this.length; index++)
      if (source[start + index] !== this.octets[index]) return false;
    return true;
  }
}
