/** DS: the digest of a child's DNSKEY, published by the parent (RFC 4034 §5). */

import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import type { Fields, RdataCodec } from './codec.ts';

export interface Ds {
  /** Narrows the search for the DNSKEY; two keys may share one (RFC 4034 Appendix B). */
  readonly keyTag: number;
  readonly algorithm: number;
  /** 2 is SHA-256 (32 octets), 4 is SHA-384 (48 octets). */
  readonly digestType: number;
  readonly digest: Uint8Array;
}

/** DS and CDS share their RDATA (RFC 7344 §3.1). */
export const dsFields = {
  // No check for rdlength < 4: the reader refuses a negative count.
  decode: (reader: Reader, rdlength: number): Ds => ({
    keyTag: reader.u16(),
    algorithm: reader.u8(),
    digestType: reader.u8(),
    digest: reader.octets(rdlength - 4),
  }),
  encode(writer: Writer, { keyTag, algorithm, digestType, digest }: Ds) {
    writer.u16(keyTag);
    writer.u8(algorithm);
    writer.u8(digestType);
    writer.octets(digest);
  },
  parse: (fields: Fields): Ds => ({
    keyTag: fields.number('key tag', 0xffff),
    algorithm: fields.number('algorithm', 0xff),
    digestType: fields.number('digest type', 0xff),
    digest: fields.hex('digest'),
  }),
};

export const ds = { mnemonic: 'DS', type: 43, ...dsFields } satisfies RdataCodec<Ds>;
