/** OPT: the EDNS options of a message; CLASS and TTL carry the rest (RFC 6891 §6.1.2). */
import { WireError } from '../error.ts';
import type { RdataCodec } from './codec.ts';

export interface EdnsOption {
  readonly code: number;
  readonly data: Uint8Array;
}

export interface Opt {
  readonly options: readonly EdnsOption[];
}

export const opt = {
  mnemonic: 'OPT',
  type: 41,
  decode(reader, rdlength) {
    const end = reader.offset + rdlength;
    const options: EdnsOption[] = [];
    while (reader.offset < end) {
      const at = reader.offset;
      if (end - at < 4)
        throw new WireError('OPT', at, 'EDNS option shorter than its header (RFC 6891 §6.1.2)');
      const code = reader.u16();
      const length = reader.u16();
      if (reader.offset + length > end)
        throw new WireError(
          'OPT',
          at,
          `EDNS option ${code} of ${length} octets overruns OPT (RFC 6891 §6.1.2)`,
        );
      options.push({ code, data: reader.octets(length) });
    }
    return { options };
  },
  encode(writer, { options }) {
    for (const { code, data } of options) {
      writer.u16(code);
      writer.u16(data.length);
      writer.octets(data);
    }
  },
} satisfies RdataCodec<Opt>;
