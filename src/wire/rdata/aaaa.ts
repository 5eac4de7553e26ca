/** AAAA: an IPv6 address (RFC 3596 §2). */
import { parseIpv6 } from '../address.ts';
import type { RdataCodec } from './codec.ts';

export interface Aaaa {
  /** 16 octets. */
  readonly address: Uint8Array;
}

export const aaaa = {
  mnemonic: 'AAAA',
  type: 28,
  decode: (reader) => ({ address: reader.octets(16) }),
  encode: (writer, { address }) => writer.octets(address),
  parse: (fields) => ({ address: parseIpv6(fields.text('address')) }),
} satisfies RdataCodec<Aaaa>;
