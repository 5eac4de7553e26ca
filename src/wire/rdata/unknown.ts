/** RDATA of a TYPE that we do not know: octets as they are (RFC 3597). */
import type { RdataCodec } from './codec.ts';

/** Stands in for every TYPE without a line in the table; `type` is therefore never read. */
export const unknown = {
  mnemonic: 'TYPE',
  type: -1,
  decode: (reader, rdlength) => reader.octets(rdlength),
  encode: (writer, octets) => writer.octets(octets),
} satisfies RdataCodec<Uint8Array>;
