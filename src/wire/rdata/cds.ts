/** CDS: the DS that a child wants its parent to publish (RFC 7344 §3.1). */
import type { RdataCodec } from './codec.ts';
import { type Ds, dsFields } from './ds.ts';

export const cds = {
  mnemonic: 'CDS',
  type: 59,
  decode: dsFields.decode,
  encode: dsFields.encode,
} satisfies RdataCodec<Ds>;
