/** NSEC3PARAM: how the names of a zone are hashed, at its apex (RFC 5155 §4). */
import type { RdataCodec } from './codec.ts';
import { type Nsec3Parameters, nsec3Fields } from './nsec3.ts';

export const nsec3param = {
  mnemonic: 'NSEC3PARAM',
  type: 51,
  ...nsec3Fields,
} satisfies RdataCodec<Nsec3Parameters>;
