/** DS records in presentation form, as dnssec-dsfromkey writes them (RFC 4034 §5.3). */
import { dsOf } from './key-sets.ts';
import type { Zone } from './zone.ts';

export interface DsRow {
  readonly zone: string;
  readonly keyTag: number;
  readonly algorithm: number;
  readonly digestType: number;
  /** Upper-case hexadecimal. */
  readonly digest: string;
  /** The whole record on one line, without TTL. */
  readonly text: string;
}

/** One row for each key with SEP, empty for an unsigned zone. */
export function formatDs({ apex, text: zone, signer }: Zone): DsRow[] {
  if (!signer) return [];
  return dsOf(apex, signer).map(({ keyTag, algorithm, digestType, digest }) => {
    const hex = Buffer.from(digest).toString('hex').toUpperCase();
    return {
      zone,
      keyTag,
      algorithm,
      digestType,
      digest: hex,
      text: `${zone} IN DS ${keyTag} ${algorithm} ${digestType} ${hex}`,
    };
  });
}
