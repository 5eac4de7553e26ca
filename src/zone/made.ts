/**
 * Zones that are made when somebody asks for them, and what such a zone may say of itself (DESIGN: key roll).
 *
 * A family cuts zones out of one parent zone. Everything about a zone of it follows from its label, the shared secret and the clock:
 * every node serves the same, and nothing is stored.
 */
import type { Signer } from '../dnssec/signer.ts';
import type { Name } from '../wire/name.ts';
import type { Ds } from '../wire/rdata/ds.ts';
import type { Rrset } from '../wire/rrset.ts';
import type { Role, Zone } from './zone.ts';

/** Phases of a key roll in their order (RFC 5011, RFC 7583); '' is none. Rows hold the place: added to at the end only. */
export const PHASES = ['', 'init', 'prepub', 'rolled', 'revoked', 'removed'] as const;
export type Phase = (typeof PHASES)[number];

/**
 * What a query tells besides its name, for rows. Of trust anchors (RFC 8145): which of the two KSKs of the zone it lists, `other` for
 * neither. Of a name that only a client knows: whether it came from the address that was sent it. Places as in PHASES.
 */
export const SIGNALS = ['', 'old', 'old+new', 'new', 'other', 'own', 'relayed', 'replay'] as const;
export type Signal = (typeof SIGNALS)[number];

/** What a made zone knows of itself besides records. */
export interface Made {
  /** Of the key roll at this time. */
  readonly phase: Phase;
  /** Key tags of the old and the new KSK, as they are before a REVOKE bit. */
  readonly oldTag?: number;
  readonly newTag?: number;
  /** What `status.<zone>` says, a line each. */
  readonly status?: readonly string[];
  /** Run that the label carries, 12 hex digits; empty for none. */
  readonly run: string;
  /** Octets that the answer to DNSKEY is meant to have, to a query with DO=1 and no COOKIE; then it may leave whole to a proven source. */
  readonly dnskeyOctets?: number;
  /** Whether the label proves that a source of this prefix asked for it a short while ago. */
  opensTo?(prefixTag: number, now: number): boolean;
}

export interface ZoneFamily {
  /** Lower-case characters that labels of the family begin with. */
  readonly letters: string;
  /**
   * The zone at a label (lower case) as it stands now, undefined where the label is none of the family. The same object as long as
   * nothing about it changes, so that its signatures are remembered; a bounded number is kept.
   * @param now milliseconds since the epoch, may go back
   */
  find(label: string, now: number): Zone | undefined;
  /** Microseconds that `find` with these takes beyond looking up, about: 0 for a zone that is kept, and where there is none. */
  cost(label: string, now: number): number;
  /** What `new-<wish>` says: lines with the name of a fresh zone, when it starts, its anchor. Undefined for a wish that it does not know. */
  mint?(wish: string, now: number): readonly string[] | undefined;
  /** A fresh zone of the kind that `label` names, for one trial: the name in it to ask for. */
  mintTrial?(label: string, run: string, prefixTag: number, now: number): Name | undefined;
  /** What `roots` says, a line each. */
  readonly calendar?: readonly string[];
}

/** What a family says of a zone; the rest follows from the parent. */
export interface MadeParts {
  readonly label: string;
  readonly summary: string;
  readonly role: Role;
  /** Absent where `script` speaks, or the zone is unsigned. */
  readonly signer?: Signer;
  readonly script?: Script;
  /** DS at the parent; empty where the parent denies it. */
  readonly ds: readonly Ds[];
  /** TTL of DNSKEY, and of denials and `status`, seconds. */
  readonly keyTtl: number;
  readonly made: Made;
}

/** What zones below a parent are made from. */
export interface Ground {
  readonly parent: Zone;
  /** The secret that all nodes share. */
  readonly secret: Uint8Array;
  makeZone(parts: MadeParts): Zone;
  /** Whether a zone at this label leaves room for test names below it; one without must not be made. */
  hasRoom(label: string): boolean;
  /** The same for what is cut out of a zone below. */
  below(zone: Zone): Ground;
  /** SOA and NS of the zone of these parts, as `makeZone` gives them, for a script to say. */
  apexSets(parts: Pick<MadeParts, 'label' | 'role' | 'keyTtl'>): { readonly soa: Rrset; readonly ns: Rrset };
}

export type MakeFamily = (ground: Ground) => ZoneFamily;

/** A zone that says word for word what it was written to say: its own signatures and denials, right or wrong. */
export interface Script {
  answer(question: ScriptQuestion): Statement;
  /** Microseconds that `answer` takes beyond looking up, about. */
  cost(question: ScriptQuestion): number;
}

export interface ScriptQuestion {
  /** As asked, any case. */
  readonly qname: Name;
  readonly qtype: number;
  readonly dnssecOk: boolean;
  /** Codes of the EDNS options of the query. */
  readonly options: readonly number[];
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** Seconds since the epoch. */
  readonly nowSeconds: number;
}

/** RRSIGs stand in the sections as RRsets of their own. */
export interface Statement {
  readonly rcode: number;
  readonly answer: readonly Rrset[];
  readonly authority: readonly Rrset[];
  readonly additional: readonly Rrset[];
  /** Not authoritative: NS of a zone below, with its DS or their denial (RFC 4035 §3.1.4). */
  readonly referral?: true;
  /** TC=1 and no records. */
  readonly truncated?: true;
  /** Over which transport nothing is said. */
  readonly silent?: 'udp' | 'tcp' | 'both';
}
