/** HINFO: CPU and OS once, now the minimal answer to QTYPE ANY (RFC 1035 §3.3.2, RFC 8482 §4.2). */
import type { RdataCodec } from './codec.ts';
import { readCharacterString } from './txt.ts';

export interface Hinfo {
  readonly cpu: Uint8Array;
  readonly os: Uint8Array;
}

export const hinfo = {
  mnemonic: 'HINFO',
  type: 13,
  decode(reader, rdlength) {
    const end = reader.offset + rdlength;
    return { cpu: readCharacterString(reader, end), os: readCharacterString(reader, end) };
  },
  encode(writer, { cpu, os }) {
    for (const text of [cpu, os]) {
      writer.u8(text.length);
      writer.octets(text);
    }
  },
  parse: (fields) => ({ cpu: fields.characterString('cpu'), os: fields.characterString('os') }),
} satisfies RdataCodec<Hinfo>;
