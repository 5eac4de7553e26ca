/** Reader: a bounds-checked cursor over one message (RFC 1035 §4.1). */
import { WireError } from './error.ts';
import { MAX_NAME, type Name } from './name.ts';

const POINTER = 0xc0;
/** A name has at most 127 labels, so no encoder needs more; without a bound 64 kB of pointers cost 100 ms. */
const MAX_POINTERS = 127;

export class Reader {
  readonly octetsOfMessage: Uint8Array;
  offset: number;

  constructor(octets: Uint8Array, offset = 0) {
    this.octetsOfMessage = octets;
    this.offset = offset;
  }

  get remaining(): number {
    return this.octetsOfMessage.length - this.offset;
  }

  u8(): number {
    this.need(1);
    return this.octetsOfMessage[this.offset++]!;
  }

  u16(): number {
    return this.u8() * 0x100 + this.u8();
  }

  u32(): number {
    return this.u16() * 0x1_0000 + this.u16();
  }

  /** A view, not a copy. A negative count is a record shorter than its fixed fields. */
  octets(count: number): Uint8Array {
    if (count < 0) throw new WireError('RDLENGTH', this.offset, 'RDATA shorter than its fixed fields');
    this.need(count);
    this.offset += count;
    return this.octetsOfMessage.subarray(this.offset - count, this.offset);
  }

  /**
   * A name, decompressed. Pointers must go strictly backwards, which also ends every loop (RFC 1035 §4.1.4).
   */
  name(): Name {
    const parts: number[] = [];
    let at = this.offset;
    let end = -1;
    let limit = at;
    let pointers = 0;
    for (let length = this.octetAt(at); length !== 0; length = this.octetAt(at)) {
      if (length < 64) {
        this.copyLabel(at, length, parts);
        at += length + 1;
        continue;
      }
      if (length < POINTER) throw new WireError('LABEL_TYPE', at, `label type ${length >> 6} (RFC 6891 §5)`);
      const target = (length - POINTER) * 0x100 + this.octetAt(at + 1);
      if (target >= limit)
        throw new WireError('POINTER', at, 'compression pointer that does not go backwards');
      if (++pointers > MAX_POINTERS)
        throw new WireError('POINTER', at, `more than ${MAX_POINTERS} compression pointers`);
      if (end < 0) end = at + 2;
      limit = target;
      at = target;
    }
    this.offset = end < 0 ? at + 1 : end;
    parts.push(0);
    return Uint8Array.from(parts);
  }

  private copyLabel(at: number, length: number, parts: number[]): void {
    if (parts.length + length + 2 > MAX_NAME)
      throw new WireError('NAME_TOO_LONG', at, 'name over 255 octets');
    this.octetAt(at + length);
    for (let k = 0; k <= length; k++) parts.push(this.octetsOfMessage[at + k]!);
  }

  private octetAt(at: number): number {
    const octet = this.octetsOfMessage[at];
    if (octet === undefined) throw new WireError('TRUNCATED', at, 'message ends inside a name');
    return octet;
  }

  private need(count: number): void {
    if (this.remaining < count)
      throw new WireError('TRUNCATED', this.offset, `${count} octets wanted, ${this.remaining} left`);
  }
}
