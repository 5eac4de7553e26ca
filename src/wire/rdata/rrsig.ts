/** RRSIG: the signature over one RRset (RFC 4034 §3). */
import type { Name } from '../name.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import type { RdataCodec } from './codec.ts';

export interface Rrsig {
  readonly typeCovered: number;
  readonly algorithm: number;
  /** Labels of the owner without the root and without a leading `*`. */
  readonly labels: number;
  readonly originalTtl: number;
  /** Seconds since the epoch, as is inception; compared in serial arithmetic. */
  readonly expiration: number;
  readonly inception: number;
  readonly keyTag: number;
  readonly signerName: Name;
  readonly signature: Uint8Array;
}

/** Octets of RRSIG RDATA in front of the signer's name. */
export const RRSIG_FIXED = 18;

/** All of the RDATA but the signature: what the signature itself covers first (RFC 4034 §3.1.8.1). */
export function encodeUnsigned(writer: Writer, rdata: Omit<Rrsig, 'signature'>): void {
  writer.u16(rdata.typeCovered);
  writer.u8(rdata.algorithm);
  writer.u8(rdata.labels);
  writer.u32(rdata.originalTtl);
  writer.u32(rdata.expiration);
  writer.u32(rdata.inception);
  writer.u16(rdata.keyTag);
  writer.plainName(rdata.signerName, 'lower');
}

export const rrsig = {
  mnemonic: 'RRSIG',
  type: 46,
  decode(reader: Reader, rdlength: number) {
    const end = reader.offset + rdlength;
    return {
      typeCovered: reader.u16(),
      algorithm: reader.u8(),
      labels: reader.u8(),
      originalTtl: reader.u32(),
      expiration: reader.u32(),
      inception: reader.u32(),
      keyTag: reader.u16(),
      signerName: reader.name(),
      signature: reader.octets(end - reader.offset),
    };
  },
  encode(writer, rdata) {
    encodeUnsigned(writer, rdata);
    writer.octets(rdata.signature);
  },
} satisfies RdataCodec<Rrsig>;
