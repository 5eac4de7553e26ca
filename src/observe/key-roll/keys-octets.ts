/** Octets of an answer to DNSKEY of a zone that rolls: what the path had to take when the answer left with TC=1 (RFC 4034 §2, §3.1). */

import { parseName } from '../../wire/name.ts';
import { dataBits } from '../../zone/roll/keys.ts';
import { parseRollLabel } from '../../zone/roll/label.ts';
import type { RollPhase } from '../../zone/roll/phase.ts';
import type { RollAlgorithm } from '../../zone/roll/profile.ts';
import type { Observation } from '../observation.ts';

/** KSKs that stand in DNSKEY in each phase, and how many of them sign it; a ZSK stands there always, and never signs it. */
const KSKS: Readonly<Record<RollPhase, { readonly published: number; readonly signing: number }>> = {
  init: { published: 1, signing: 1 },
  prepub: { published: 2, signing: 1 },
  rolled: { published: 2, signing: 1 },
  revoked: { published: 2, signing: 2 },
  removed: { published: 1, signing: 1 },
};

/** Of a key in a Public Key field and of a signature (RFC 3110 §2, RFC 6605 §4, RFC 8080 §3, §4); of RSA the modulus, of 2048 bits for a KSK. */
const CURVES = { 13: { key: 64, signature: 64 }, 15: { key: 32, signature: 64 } } as const;
const RSA_MODULUS = 256;
/** The exponent 65537 and its length (RFC 3110 §2). */
const RSA_EXPONENT = 4;

const HEADER = 12;
/** QTYPE and QCLASS. */
const QUESTION = 4;
/** Compressed owner, TYPE, CLASS, TTL and RDLENGTH. */
const RECORD = 12;
/** Flags, protocol and algorithm (RFC 4034 §2.1). */
const DNSKEY = 4;
/** What stands in front of the signer's name, which is never compressed (RFC 4034 §3.1). */
const RRSIG = 18;
/** OPT without options, and the COOKIE that everybody gets who sends one (RFC 7873 §5.2). */
const OPT = 11;
const COOKIE = 28;

/**
 * Of the whole answer to a query for DNSKEY with DO=1 over UDP, whether it left whole or not.
 * @returns undefined where the label of the zone is none that this release knows
 */
export function keysOctets({ zone, phase, cookie }: Observation): number | undefined {
  const apex = zone.toLowerCase();
  const label = parseRollLabel(apex.split('.', 1)[0]!);
  if (label === undefined || phase === '') return undefined;
  const { published, signing } = KSKS[phase];
  const { ksk, zsk, signature } = octetsOf(label.algorithm, apex);
  const apexOctets = parseName(apex).length;
  return (
    HEADER +
    apexOctets +
    QUESTION +
    published * (RECORD + DNSKEY + ksk) +
    (RECORD + DNSKEY + zsk) +
    signing * (RECORD + RRSIG + apexOctets + signature) +
    OPT +
    (cookie === 'none' ? 0 : COOKIE)
  );
}

function octetsOf(algorithm: RollAlgorithm, apex: string): { ksk: number; zsk: number; signature: number } {
  if (algorithm !== 8) {
    const { key, signature } = CURVES[algorithm];
    return { ksk: key, zsk: key, signature };
  }
  return {
    ksk: RSA_EXPONENT + RSA_MODULUS,
    zsk: RSA_EXPONENT + dataBits(apex) / 8,
    signature: RSA_MODULUS,
  };
}
