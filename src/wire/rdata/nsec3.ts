/** NSEC3: the next hashed owner name and the types at the name of this one (RFC 5155 §3). */
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';
import type { RdataCodec } from './codec.ts';
import { readBitmap, writeBitmap } from './nsec.ts';

/** How owner names are hashed. */
export interface Nsec3Parameters {
  /** 1 is SHA-1. */
  readonly hashAlgorithm: number;
  readonly flags: number;
  /** Further rounds: 0 is one hash. */
  readonly iterations: number;
  /** At most 255 octets. */
  readonly salt: Uint8Array;
}

export interface Nsec3 extends Nsec3Parameters {
  /** The hash itself; in owner names it stands as base32hex. */
  readonly nextHash: Uint8Array;
  /** RR TYPE numbers, in any order. */
  readonly types: readonly number[];
}

export const NSEC3_FLAG = { OPT_OUT: 1 } as const;

/** NSEC3 and NSEC3PARAM begin alike (RFC 5155 §4.2). */
export const nsec3Fields = {
  decode: (reader: Reader): Nsec3Parameters => ({
    hashAlgorithm: reader.u8(),
    flags: reader.u8(),
    iterations: reader.u16(),
    salt: reader.octets(reader.u8()),
  }),
  encode(writer: Writer, { hashAlgorithm, flags, iterations, salt }: Nsec3Parameters) {
    writer.u8(hashAlgorithm);
    writer.u8(flags);
    writer.u16(iterations);
    writer.u8(salt.length);
    writer.octets(salt);
  },
};

export const nsec3 = {
  mnemonic: 'NSEC3',
  type: 50,
  decode(reader, rdlength) {
    const end = reader.offset + rdlength;
    const parameters = nsec3Fields.decode(reader);
    return { ...parameters, nextHash: reader.octets(reader.u8()), types: readBitmap(reader, end) };
  },
  encode(writer, rdata) {
    nsec3Fields.encode(writer, rdata);
    writer.u8(rdata.nextHash.length);
    writer.octets(rdata.nextHash);
    writeBitmap(writer, rdata.types);
  },
} satisfies RdataCodec<Nsec3>;
