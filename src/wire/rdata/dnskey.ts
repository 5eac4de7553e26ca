/** DNSKEY: a public key of the zone (RFC 4034 §2). */
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import type { RdataCodec } from './codec.ts';

export interface Dnskey {
  /** 256 is a ZSK, 257 (SEP) a KSK or CSK, 128 is added on revocation (RFC 5011 §3). */
  readonly flags: number;
  /** Always 3. */
  readonly protocol: number;
  readonly algorithm: number;
  readonly publicKey: Uint8Array;
}

/** DNSKEY and CDNSKEY share their RDATA (RFC 7344 §3.2). */
export const dnskeyFields = {
  decode: (reader: Reader, rdlength: number): Dnskey => ({
    flags: reader.u16(),
    protocol: reader.u8(),
    algorithm: reader.u8(),
    publicKey: reader.octets(rdlength - 4),
  }),
  encode(writer: Writer, { flags, protocol, algorithm, publicKey }: Dnskey) {
    writer.u16(flags);
    writer.u8(protocol);
    writer.u8(algorithm);
    writer.octets(publicKey);
  },
};

export const dnskey = { mnemonic: 'DNSKEY', type: 48, ...dnskeyFields } satisfies RdataCodec<Dnskey>;
