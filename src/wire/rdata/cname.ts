/** CNAME: the canonical name behind an alias (RFC 1035 §3.3.1). */
import type { Name } from '../name.ts';
import type { RdataCodec } from './codec.ts';

export interface Cname {
  readonly target: Name;
}

export const cname = {
  mnemonic: 'CNAME',
  type: 5,
  decode: (reader) => ({ target: reader.name() }),
  encode: (writer, { target }) => writer.name(target),
  parse: (fields) => ({ target: fields.name('target') }),
} satisfies RdataCodec<Cname>;
