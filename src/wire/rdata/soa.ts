/** SOA: start of a zone of authority (RFC 1035 §3.3.13). */
import type { Name } from '../name.ts';
import type { RdataCodec } from './codec.ts';

export interface Soa {
  readonly mname: Name;
  readonly rname: Name;
  readonly serial: number;
  /** Seconds, as are retry, expire and minimum. */
  readonly refresh: number;
  readonly retry: number;
  readonly expire: number;
  /** TTL of negative answers, with the TTL of the SOA itself as its cap (RFC 2308 §5). */
  readonly minimum: number;
}

const MAX_U32 = 0xffff_ffff;

export const soa = {
  mnemonic: 'SOA',
  type: 6,
  decode: (reader) => ({
    mname: reader.name(),
    rname: reader.name(),
    serial: reader.u32(),
    refresh: reader.u32(),
    retry: reader.u32(),
    expire: reader.u32(),
    minimum: reader.u32(),
  }),
  encode(writer, { mname, rname, serial, refresh, retry, expire, minimum }) {
    writer.name(mname);
    writer.name(rname);
    for (const value of [serial, refresh, retry, expire, minimum]) writer.u32(value);
  },
  parse: (fields) => ({
    mname: fields.name('mname'),
    rname: fields.name('rname'),
    serial: fields.number('serial', MAX_U32),
    refresh: fields.number('refresh', MAX_U32),
    retry: fields.number('retry', MAX_U32),
    expire: fields.number('expire', MAX_U32),
    minimum: fields.number('minimum', MAX_U32),
  }),
} satisfies RdataCodec<Soa>;
