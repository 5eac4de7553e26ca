/** CDNSKEY: the DNSKEY from which a child wants its parent to make the DS (RFC 7344 §3.2). */
import type { RdataCodec } from './codec.ts';
import { type Dnskey, dnskeyFields } from './dnskey.ts';

export const cdnskey = { mnemonic: 'CDNSKEY', type: 60, ...dnskeyFields } satisfies RdataCodec<Dnskey>;
