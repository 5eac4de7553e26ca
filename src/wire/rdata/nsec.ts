/** NSEC: the next name and the types at this one (RFC 4034 §4). */
import { WireError } from '../error.ts';
import type { Name } from '../name.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import type { RdataCodec } from './codec.ts';

export interface Nsec {
  readonly nextName: Name;
  /** RR TYPE numbers, in any order. */
  readonly types: readonly number[];
}

export const nsec = {
  mnemonic: 'NSEC',
  type: 47,
  decode(reader, rdlength) {
    const end = reader.offset + rdlength;
    return { nextName: reader.name(), types: readBitmap(reader, end) };
  },
  encode(writer, { nextName, types }) {
    // RFC 6840 §5.1: the next name is not lower-cased in the canonical form.
    writer.plainName(nextName, 'kept');
    writeBitmap(writer, types);
  },
} satisfies RdataCodec<Nsec>;

/** Window block, length of the bitmap, bitmap; window and bits ascending (RFC 4034 §4.1.2). */
export function writeBitmap(writer: Writer, types: readonly number[]): void {
  const sorted = [...new Set(types)].sort((a, b) => a - b);
  for (const window of new Set(sorted.map((type) => type >> 8))) {
    const bits = sorted.filter((type) => type >> 8 === window).map((type) => type & 0xff);
    const bitmap = new Uint8Array((bits.at(-1)! >> 3) + 1);
    for (const bit of bits) bitmap[bit >> 3]! |= 0x80 >> (bit & 7);
    writer.u8(window);
    writer.u8(bitmap.length);
    writer.octets(bitmap);
  }
}

export function readBitmap(reader: Reader, end: number): number[] {
  const types: number[] = [];
  while (reader.offset < end) {
    const window = reader.u8();
    const length = reader.u8();
    if (length < 1 || length > 32 || reader.offset + length > end)
      throw new WireError('RDLENGTH', reader.offset - 1, `type bitmap of ${length} octets (RFC 4034 §4.1.2)`);
    reader.octets(length).forEach((octet, index) => {
      for (let bit = 0; bit < 8; bit++) if (octet & (0x80 >> bit)) types.push(window * 256 + index * 8 + bit);
    });
  }
  return types;
}
