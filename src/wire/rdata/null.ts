/** NULL: any octets, or none; key-tag queries ask for it (RFC 1035 §3.3.10, RFC 8145 §5.1). */
import type { RdataCodec } from './codec.ts';

export interface Null {
  readonly octets: Uint8Array;
}

// No parse: RFC 1035 §3.3.10 bars NULL from master files.
export const nullRecord = {
  mnemonic: 'NULL',
  type: 10,
  decode: (reader, rdlength) => ({ octets: reader.octets(rdlength) }),
  encode: (writer, { octets }) => writer.octets(octets),
} satisfies RdataCodec<Null>;
