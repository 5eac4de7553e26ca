/** NS: a name server of a zone (RFC 1035 §3.3.11). */
import type { Name } from '../name.ts';
import type { RdataCodec } from './codec.ts';

export interface Ns {
  readonly nsdname: Name;
}

export const ns = {
  mnemonic: 'NS',
  type: 2,
  decode: (reader) => ({ nsdname: reader.name() }),
  encode: (writer, { nsdname }) => writer.name(nsdname),
  parse: (fields) => ({ nsdname: fields.name('nsdname') }),
} satisfies RdataCodec<Ns>;
