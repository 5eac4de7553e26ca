/**
 * How much may leave over UDP, in prose.
 *
 * Nothing exceeds what the query allows: 512 octets without EDNS, else its payload size (RFC 6891 §6.2.5).
 * Measured answers of a source whose address is proven go up to `udpMax`. Everything else keeps to `udpPlainMax`, which OPT
 * advertises. A source without proof gets about eight times its query, so that we are no amplifier worth the name; one that
 * proved its address a while ago gets keys, denials and our view of it up to 1750 octets whole. Over a limit the answer is TC=1, never silence.
 */

import type { Proof } from '../record/facts.ts';
import type { Edns } from '../wire/query.ts';

/** `measured`: sized answers. `infrastructure`: DNSKEY, DS and denials, which validation needs. `view`: what `me` says. */
export type AnswerClass = 'measured' | 'infrastructure' | 'view' | 'other';

export interface SizeSettings {
  readonly udpMax: number;
  readonly udpPlainMax: number;
}

const NO_EDNS = 512;
const AMPLIFICATION = 8;
/** Room for the gate answer under RSA-2048 to the shortest query. */
const AMPLIFICATION_FLOOR = 64;
const RECENT_MAX = 1750;

/** Octets that a UDP answer may have; more is TC=1. */
export function udpLimit(
  edns: Edns | undefined,
  queryOctets: number,
  what: AnswerClass,
  proof: Proof,
  settings: SizeSettings,
): number {
  const offered = edns ? Math.max(NO_EDNS, edns.udpPayloadSize) : NO_EDNS;
  if (proof === 'recent' && (what === 'infrastructure' || what === 'view'))
    return Math.min(offered, RECENT_MAX);
  if (proof === 'none' || proof === 'recent')
    return Math.min(offered, settings.udpPlainMax, AMPLIFICATION * queryOctets + AMPLIFICATION_FLOOR);
  return Math.min(offered, what === 'measured' ? settings.udpMax : settings.udpPlainMax);
}
