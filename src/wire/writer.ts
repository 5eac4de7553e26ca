/** Writer: builds one message, or the canonical form of its records for signing (RFC 1035 §4.1.4, RFC 4034 §6.2). */
import { lower, lowerOctet, type Name } from './name.ts';

/** The largest message TCP can carry (RFC 1035 §4.2.2). */
export const MAX_MESSAGE = 65_535;
const LAST_POINTER_TARGET = 0x3fff;

export class Writer {
  private buffer: Uint8Array;
  private view: DataView;
  private at = 0;
  private readonly canonical: boolean;
  /** Where each label written in full begins: what a pointer may point to. */
  private readonly labelsAt: number[] = [];

  /** @param form `message` compresses names; `canonical` never does, and lower-cases what RFC 4034 §6.2 lists */
  constructor(form: 'message' | 'canonical', capacity = 512) {
    this.canonical = form === 'canonical';
    this.buffer = new Uint8Array(capacity);
    this.view = new DataView(this.buffer.buffer);
  }

  /** Empties it for the next message; what `finish` gave stays valid. */
  reset(): this {
    this.at = 0;
    this.labelsAt.length = 0;
    return this;
  }

  get length(): number {
    return this.at;
  }

  u8(value: number): void {
    this.grow(1);
    this.buffer[this.at++] = value;
  }

  u16(value: number): void {
    this.grow(2);
    this.view.setUint16(this.at, value);
    this.at += 2;
  }

  u32(value: number): void {
    this.grow(4);
    this.view.setUint32(this.at, value);
    this.at += 4;
  }

  octets(octets: Uint8Array): void {
    this.grow(octets.length);
    this.buffer.set(octets, this.at);
    this.at += octets.length;
  }

  /** An owner, or a name in the RDATA of a type of RFC 1035: may be compressed (RFC 3597 §4). */
  name(name: Name): void {
    if (this.canonical) this.octets(lower(name));
    else this.compressed(name);
  }

  /** A name in newer RDATA: never compressed; `lower` where the canonical form lower-cases it (RFC 6840 §5.1). */
  plainName(name: Name, canonicalCase: 'lower' | 'kept'): void {
    this.octets(this.canonical && canonicalCase === 'lower' ? lower(name) : name);
  }

  /** Writes a 16-bit length in front of what `body` writes. */
  counted(body: () => void): void {
    this.u16(0);
    const start = this.at;
    body();
    this.view.setUint16(start - 2, this.at - start);
  }

  patchU16(offset: number, value: number): void {
    this.view.setUint16(offset, value);
  }

  /** A copy, owned by the caller. */
  finish(): Uint8Array {
    return this.buffer.slice(0, this.at);
  }

  private compressed(name: Name): void {
    let from = 0;
    const known = this.labelsAt.length;
    while (name[from]! > 0) {
      const seen = this.find(name, from, known);
      if (seen !== undefined) {
        this.u16(0xc000 | seen);
        return;
      }
      if (this.at <= LAST_POINTER_TARGET) this.labelsAt.push(this.at);
      const next = from + name[from]! + 1;
      this.octets(name.subarray(from, next));
      from = next;
    }
    this.u8(0);
  }

  /** Where the rest of `name` stands already, among the first `known` labels. */
  private find(name: Name, from: number, known: number): number | undefined {
    for (let index = 0; index < known; index++) {
      const start = this.labelsAt[index]!;
      if (this.matches(name, from, start)) return start;
    }
    return undefined;
  }

  /** Compared without case, so that the size of a message never depends on the case of the query (0x20). */
  private matches(name: Name, from: number, start: number): boolean {
    let at = start;
    let k = from;
    for (;;) {
      while (this.buffer[at]! >= 0xc0) at = this.view.getUint16(at) & 0x3fff;
      const length = name[k]!;
      if (this.buffer[at] !== length) return false;
      if (length === 0) return true;
      for (let octet = 1; octet <= length; octet++)
        if (lowerOctet(name[k + octet]!) !== lowerOctet(this.buffer[at + octet]!)) return false;
      k += length + 1;
      at += length + 1;
    }
  }

  private grow(count: number): void {
    const needed = this.at + count;
    if (needed <= this.buffer.length) return;
    const larger = new Uint8Array(Math.max(needed, this.buffer.length * 2));
    larger.set(this.buffer);
    this.buffer = larger;
    this.view = new DataView(larger.buffer);
  }
}
