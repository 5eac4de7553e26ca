/** A: an IPv4 address (RFC 1035 §3.4.1). */
import { parseIpv4 } from '../address.ts';
import type { RdataCodec } from './codec.ts';

export interface A {
  /** 4 octets. */
  readonly address: Uint8Array;
}

export const a = {
  mnemonic: 'A',
  type: 1,
  decode: (reader) => ({ address: reader.octets(4) }),
  encode: (writer, { address }) => writer.octets(address),
  parse: (fields) => ({ address: parseIpv4(fields.text('address')) }),
} satisfies RdataCodec<A>;
