/** Trust anchors as records on one line: read field by field, since what is printed of them is pasted (RFC 4034 §2.2, §5.3). */
import { ROLL_ALGORITHMS } from '../../zone/roll/profile.ts';

export type DnskeyFields = readonly [flags: string, protocol: string, algorithm: string, key: string];
export type DsFields = readonly [keyTag: string, algorithm: string, digestType: string, digest: string];

const DNSKEY = /^([!-~]+) IN DNSKEY 257 3 (\d{1,3}) ([A-Za-z0-9+/= ]+)$/;
const DS = /^([!-~]+) IN DS (\d{1,5}) (\d{1,3}) 2 ([0-9A-Fa-f ]+)$/;
const MAX_KEY_TAG = 0xffff;
const DIGEST_DIGITS = 64;

/** The fields of a KSK of this zone, undefined for any other text. The key may have spaces within, and comes back without. */
export function readDnskey(text: string, zone: string): DnskeyFields | undefined {
  const [, owner, algorithm = '', spaced = ''] = DNSKEY.exec(text) ?? [];
  const key = spaced.replaceAll(' ', '');
  const isBase64 = key !== '' && Buffer.from(key, 'base64').toString('base64') === key;
  return owner === zone && isOurs(algorithm) && isBase64 ? ['257', '3', algorithm, key] : undefined;
}

/** The fields of a DS of this zone with a digest of SHA-256, undefined for any other text. */
export function readDs(text: string, zone: string): DsFields | undefined {
  const [, owner, keyTag = '', algorithm = '', spaced = ''] = DS.exec(text) ?? [];
  const digest = spaced.replaceAll(' ', '').toUpperCase();
  const isTag = `${Number(keyTag)}` === keyTag && Number(keyTag) <= MAX_KEY_TAG;
  const isWhole = digest.length === DIGEST_DIGITS;
  return owner === zone && isOurs(algorithm) && isTag && isWhole
    ? [keyTag, algorithm, '2', digest]
    : undefined;
}

export function dnskeyText(zone: string, fields: DnskeyFields): string {
  return `${zone} IN DNSKEY ${fields.join(' ')}`;
}

export function dsText(zone: string, fields: DsFields): string {
  return `${zone} IN DS ${fields.join(' ')}`;
}

function isOurs(algorithm: string): boolean {
  return ROLL_ALGORITHMS.some((one) => `${one}` === algorithm);
}
