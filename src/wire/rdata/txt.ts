/** TXT: one or more character-strings (RFC 1035 §3.3.14). */
import { WireError } from '../error.ts';
import type { Reader } from '../reader.ts';
import type { RdataCodec } from './codec.ts';

export interface Txt {
  /** 0..255 octets each. */
  readonly strings: readonly Uint8Array[];
}

export const txt = {
  mnemonic: 'TXT',
  type: 16,
  decode(reader, rdlength) {
    const end = reader.offset + rdlength;
    const strings: Uint8Array[] = [];
    while (reader.offset < end) strings.push(readCharacterString(reader, end));
    return { strings };
  },
  encode(writer, { strings }) {
    for (const text of strings) {
      writer.u8(text.length);
      writer.octets(text);
    }
  },
  parse(fields) {
    const strings = [fields.characterString('text')];
    while (fields.more) strings.push(fields.characterString('text'));
    return { strings };
  },
} satisfies RdataCodec<Txt>;

/** One character-string that must end at or before `end` (RFC 1035 §3.3). */
export function readCharacterString(reader: Reader, end: number): Uint8Array {
  const at = reader.offset;
  const length = reader.u8();
  const left = end - reader.offset;
  if (length > left)
    throw new WireError(
      'RDLENGTH',
      at,
      `character-string of ${length} octets overruns RDATA (${left} left; RFC 1035 §3.3)`,
    );
  return reader.octets(length);
}
