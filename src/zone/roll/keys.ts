/** The keys of a roll, which of them stand in DNSKEY in each phase, and which sign it (RFC 5011 §2, RFC 7583 §3.3.4). */
import { type DerivedChoice, deriveKey, deriveKeys, expand, revoked } from '../../dnssec/derive.ts';
import type { SigningKey, ZoneKey } from '../../dnssec/key.ts';
import { parseName } from '../../wire/name.ts';
import type { Ds } from '../../wire/rdata/ds.ts';
import type { RollLabel } from './label.ts';
import type { RollPhase } from './phase.ts';

/** The KSK that goes, the KSK that comes, and the ZSK, which stays. */
export interface RollKeys {
  readonly old: ZoneKey;
  readonly fresh: ZoneKey;
  readonly data: ZoneKey;
}

export interface KeySet {
  /** Those of the DNSKEY RRset. */
  readonly published: readonly SigningKey[];
  /** Those that sign it. */
  readonly signing: readonly SigningKey[];
}

/** What resolvers advertise since the DNS Flag Day of 2020. */
const USUAL_PAYLOAD = 1232;
/** Octets of a ZSK's RSA modulus; shorter ones are refused by some validators. */
const DATA_MODULUS = { least: 128, most: 160 };
/**
 * Octets of an answer to DNSKEY with two KSKs of 2048 bits and one signature, but for the modulus of the ZSK and the zone's name, which
 * stands there twice. With DO and COOKIE: header 12, question 4, KSKs 552, ZSK 20, RRSIG 286, OPT 11 and 28 (RFC 3110 §2, RFC 4034 §2, §3.1).
 */
const PUBLISHED_OCTETS = 913;

/** With RSA, a ZSK so short that as with the root one phase alone, that of the revocation, is above 1232 octets: our names are longer. */
export function dataBits(zone: string): number {
  const room = USUAL_PAYLOAD - PUBLISHED_OCTETS - 2 * parseName(zone).length;
  return 8 * Math.min(DATA_MODULUS.most, Math.max(DATA_MODULUS.least, room));
}

/**
 * @param zone name of the zone, lower case with final dot
 * @param round of a zone that rolls again and again: its new key is the old one of the next round
 */
export function rollKeys(secret: Uint8Array, zone: string, label: RollLabel, round: number): RollKeys {
  const { algorithm, profile } = label;
  const of = (flags: 256 | 257, purpose: string): DerivedChoice => ({ zone, algorithm, flags, purpose });
  if (profile.kind === 'always')
    return {
      old: keyInClass(secret, of(257, `roll-${round}`), classOf(round)),
      fresh: keyInClass(secret, of(257, `roll-${round + 1}`), classOf(round + 1)),
      data: keyInClass(secret, of(256, 'roll-data'), DATA_CLASS),
    };
  const [old, fresh, data] = deriveKeys(secret, [
    of(257, 'roll-old'),
    of(257, 'roll-new'),
    { ...of(256, 'roll-data'), bits: dataBits(zone) },
  ]);
  return { old: old!, fresh: fresh!, data: data! };
}

/**
 * Key tags of keys that follow each other without end must differ, also once revoked, and no key may depend on the one before it.
 * So every third key has tags of its own class, and the ZSK those of a fourth.
 */
const DATA_CLASS = 3;
const CLASS_SHIFT = 10;
/** Within a class: what REVOKE adds to a tag, 128 or 129, leads to no other class. */
const ROOM = 0x1ff;

function classOf(round: number): number {
  return ((round % 3) + 3) % 3;
}

function keyInClass(secret: Uint8Array, choice: DerivedChoice, wanted: number): ZoneKey {
  for (let count = 0; ; count++) {
    const key = deriveKey(secret, { ...choice, purpose: `${choice.purpose}-${count}` });
    const place = key.keyTag & ((1 << CLASS_SHIFT) - 1);
    if (((key.keyTag >> CLASS_SHIFT) & 3) === wanted && place <= ROOM) return key;
  }
}

/** What is served in a phase. */
export function keySetIn(phase: RollPhase, { old, fresh, data }: RollKeys): KeySet {
  switch (phase) {
    case 'init':
      return { published: [old, data], signing: [old] };
    case 'prepub':
      return { published: [old, fresh, data], signing: [old] };
    case 'rolled':
      return { published: [old, fresh, data], signing: [fresh] };
    case 'revoked': {
      const gone = revoked(old);
      return { published: [gone, fresh, data], signing: [gone, fresh] };
    }
    case 'removed':
      return { published: [fresh, data], signing: [fresh] };
  }
}

/** The key to start from in a phase: the one that signs, and goes on to. */
export function anchorIn(phase: RollPhase, { old, fresh }: RollKeys): ZoneKey {
  return phase === 'init' || phase === 'prepub' ? old : fresh;
}

/** DS data that no key matches: who has no anchor of his own finds the zone bogus (RFC 4035 §5.2), never insecure. */
export function strayDs(secret: Uint8Array, { old, fresh, data }: RollKeys): Ds {
  const taken = [old, fresh, data, revoked(old), revoked(fresh)].map(({ keyTag }) => keyTag);
  const keyTag = [1, 2, 3, 4, 5, 6].find((tag) => !taken.includes(tag))!;
  return { keyTag, algorithm: old.algorithm, digestType: 2, digest: expand(secret, 'padzone roll ds', 32) };
}
