/**
 * Compositions: which keys and signatures stand in an answer to DNSKEY of the root (RFC 4035 §2.2, RFC 5011).
 *
 *     k + parts, each a count and a kind:  k2kr1z = two KSKs of which the older is revoked, and a ZSK
 *      k   KSK, RSA of 2048 bits; the oldest signs        z   ZSK, RSA of 2048 bits
 *      kr  as k, but the oldest is revoked; all sign       zm  of 1536 bits ("medium")
 *      ke  KSK, ECDSA P-256; the oldest signs              zs  of 1024 bits ("short"), before October 2016
 *                                                          ze  ZSK, ECDSA P-256
 */

/** A key as octets are counted with it. */
export interface ReplicaKey {
  /** Tells it from the others: kind without the `r`, and a number, oldest first. No two keys of a composition have the same. */
  readonly role: string;
  readonly isKsk: boolean;
  readonly algorithm: 8 | 13;
  /** Octets of the RSA modulus, 0 for ECDSA. */
  readonly modulus: number;
  readonly isRevoked: boolean;
  /** Signs the DNSKEY RRset. */
  readonly signsKeys: boolean;
}

export interface Composition {
  /** Label of its replica. */
  readonly label: string;
  readonly summary: string;
  readonly keys: readonly ReplicaKey[];
}

const KINDS = {
  k: { isKsk: true, algorithm: 8, modulus: 256 },
  kr: { isKsk: true, algorithm: 8, modulus: 256 },
  ke: { isKsk: true, algorithm: 13, modulus: 0 },
  z: { isKsk: false, algorithm: 8, modulus: 256 },
  zm: { isKsk: false, algorithm: 8, modulus: 192 },
  zs: { isKsk: false, algorithm: 8, modulus: 128 },
  ze: { isKsk: false, algorithm: 13, modulus: 0 },
} as const;

/** Labels and what they are: the root's sets of 2016 to 2027, then those of the proposed roll from algorithm 8 to 13. */
const TABLE: readonly (readonly [label: string, summary: string])[] = [
  ['k1k1zs', 'one KSK, a ZSK of 1024 bits: before 2016-09-20'],
  ['k1k2zs', 'one KSK, two ZSKs of 1024 bits: at the turn of a quarter before 2016-09-20'],
  ['k1k1zs1z', 'one KSK, ZSKs of 1024 and 2048 bits: 2016-09-20'],
  ['k1k1z', 'one KSK, one ZSK: steady state'],
  ['k1k2z', 'one KSK, two ZSKs: turn of a quarter'],
  ['k2k1z', 'two KSKs, one of which signs, one ZSK'],
  ['k2k2z', 'two KSKs, one of which signs, two ZSKs: turn of a quarter'],
  ['k2kr1z', 'two KSKs, the older revoked, both sign, one ZSK: 2019-01-11 and 2027-01-11'],
  ['k3k2z', 'three KSKs, one of which signs, two ZSKs: never seen at the root'],
  ['k2kr2z', 'two KSKs, the older revoked, both sign, two ZSKs: never seen at the root'],
  ['k1k1ke1zm', 'algorithm roll: both KSKs sign, an RSA ZSK of 1536 bits'],
  ['k1k1ke1zm1ze', 'algorithm roll: both KSKs sign, an RSA ZSK of 1536 bits and one of P-256'],
  ['k1k1ke1zm2ze', 'algorithm roll: both KSKs sign, an RSA ZSK of 1536 bits and two of P-256'],
  ['k1k1ke2zm1ze', 'algorithm roll: both KSKs sign, two RSA ZSKs of 1536 bits and one of P-256'],
  ['k1k1ke2zm2ze', 'algorithm roll: both KSKs sign, two RSA ZSKs of 1536 bits and two of P-256'],
  ['k1k1ke1z1ze', 'algorithm roll: both KSKs sign, an RSA ZSK of 2048 bits and one of P-256'],
  ['k1k1ke2z2ze', 'algorithm roll: both KSKs sign, two RSA ZSKs of 2048 bits and two of P-256'],
  ['k1ke1ze', 'after the algorithm roll: KSK and ZSK of P-256'],
  ['k1ke2ze', 'after the algorithm roll: KSK and two ZSKs of P-256'],
];

/** THE TABLE of compositions that are served. */
export const COMPOSITIONS: readonly Composition[] = TABLE.map(([label, summary]) => ({
  label,
  summary,
  keys: keysOf(label),
}));

const BY_LABEL = new Map(COMPOSITIONS.map((composition) => [composition.label, composition]));

/** @param label lower case */
export function findComposition(label: string): Composition | undefined {
  return BY_LABEL.get(label);
}

function keysOf(label: string): ReplicaKey[] {
  return [...label.slice(1).matchAll(/(\d)(kr|ke|k|zm|zs|ze|z)/g)].flatMap(([, count, kind]) => {
    const isRevoking = kind === 'kr';
    const { isKsk, ...rest } = KINDS[kind as keyof typeof KINDS];
    return Array.from({ length: Number(count) }, (_, index) => ({
      ...rest,
      isKsk,
      role: `${isRevoking ? 'k' : kind}${index + 1}`,
      isRevoked: isRevoking && index === 0,
      signsKeys: isKsk && (index === 0 || isRevoking),
    }));
  });
}

/** Octets of RSA's exponent in a Public Key field: its length and 65537 (RFC 3110 §2). */
const EXPONENT = 4;
/** Of P-256, in a Public Key field and in a signature (RFC 6605 §4). */
const POINT = 64;
const HEADER = 12;
/** OPT without options (RFC 6891 §6.1.2). */
const OPT = 11;
/** QTYPE and QCLASS. */
const QUESTION = 4;
/** TYPE, CLASS, TTL and RDLENGTH. */
const RECORD = 10;
/** Flags, protocol and algorithm of a DNSKEY (RFC 4034 §2.1). */
const DNSKEY = 4;
/** What stands in an RRSIG in front of the signer's name (RFC 4034 §3.1). */
const RRSIG = 18;

/** Wire octets of the root's name. */
export const ROOT_OCTETS = 1;

/**
 * Octets of the answer to DNSKEY of a zone with these keys: to a query with EDNS and DO=1, without COOKIE and other options.
 * Owners are compressed to two octets but for the root's one; the signer's name never is (RFC 4034 §3.1.7).
 * @param apexOctets of the zone's name in wire form
 */
export function dnskeyOctets(keys: readonly ReplicaKey[], apexOctets: number): number {
  const owner = Math.min(apexOctets, 2);
  const signatures = keys.filter(({ signsKeys }) => signsKeys);
  const sum = (numbers: readonly number[]) => numbers.reduce((total, one) => total + one, 0);
  return (
    HEADER +
    apexOctets +
    QUESTION +
    OPT +
    sum(keys.map(({ modulus }) => owner + RECORD + DNSKEY + (modulus === 0 ? POINT : EXPONENT + modulus))) +
    sum(signatures.map(({ modulus }) => owner + RECORD + RRSIG + apexOctets + (modulus || POINT)))
  );
}
