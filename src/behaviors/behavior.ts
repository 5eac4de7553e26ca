/** Behavior: one family of test names, as a pure function from a query and its parameters to a plan. */
import type { Name } from '../wire/name.ts';
import type { RdataCodec } from '../wire/rdata/codec.ts';
import type { Made, Signal } from '../zone/made.ts';
import { ARM, FAULT, FILLER, type OptionField, type Options, SILENT } from '../zone/test-name.ts';

/** What a behavior may know of a query: facts of its arrival, no octets, no keys, no clock. */
export interface TestQuery {
  /** Source address in presentation form. */
  readonly source: string;
  readonly sourcePort: number;
  /** Address of ours that was asked. */
  readonly local: string;
  readonly transport: 'udp' | 'tcp' | 'tls';
  /** EDNS payload size as the query gave it, undefined without EDNS. */
  readonly udpPayloadSize: number | undefined;
  readonly dnssecOk: boolean;
  readonly checkingDisabled: boolean;
  readonly recursionDesired: boolean;
  readonly cookie: 'none' | 'client' | 'valid' | 'stale';
  readonly ednsOptions: readonly number[];
  readonly requestOctets: number;
  /** Name of this node. */
  readonly node: string;
  /** Apex of the zone, presentation form. */
  readonly zone: string;
  /** Labels of the query name below the apex, from the left, lower case. */
  readonly labels: readonly string[];
  /** What the zone knows of itself, where it was made for whoever asks. */
  readonly made: Made | undefined;
  /** Addresses of the zone's name servers, presentation form. */
  readonly addresses: readonly string[];
  /** Milliseconds since the epoch. */
  readonly now: number;
  /** Milliseconds since the gate was made through which the query came; undefined where it came through none. */
  readonly gateAgeMs: number | undefined;
  /** Prefixes (/24, /48) that have a part in the gate through which the query came, its own included; 0 where it came through none. */
  readonly networks: number;
  /** IP packets that a UDP message of so many octets leaves in towards the source; 0 unknown. */
  packets(octets: number): number;
  /** This node's view of the source address, as lines of text. */
  ledger(): readonly string[];
  /**
   * A name that only who reads this answer can ask for, in presentation form; undefined where it would be too long. No resolver
   * follows it by itself, so that whoever asks for it shows that the answer reached a client.
   */
  proofName(): string | undefined;
  /** What `new-<wish>` says in this zone, undefined where it makes no such zones. */
  mint(wish: string): readonly string[] | undefined;
  /** The name in a fresh zone of the kind that `label` names, for one trial; undefined where there is none. */
  mintTrial(label: string): Name | undefined;
  /** The calendar of replicas in this zone, a line each. */
  calendar(): readonly string[] | undefined;
}

/** What a name says of one trial. `state` is what a gate carried for a behavior without options. */
export interface Trial {
  readonly n: number;
  readonly options: Options;
  readonly state: number;
}

/**
 * What the answer says. `receipt` and `gate` are CNAMEs to names that the server makes for this one message: every QTYPE gets
 * them. `filler` is TXT of whatever length makes the size. `more` lines of text are said where there is room for them. `alias` is
 * a CNAME to a name that stands; `absent`: there is no such name here.
 */
export type Answer =
  | { readonly kind: 'receipt' }
  | { readonly kind: 'gate'; readonly n: number; readonly state: number }
  | { readonly kind: 'filler' }
  | { readonly kind: 'text'; readonly lines: readonly string[]; readonly more?: readonly string[] }
  | { readonly kind: 'alias'; readonly target: Name }
  | { readonly kind: 'records'; readonly sets: readonly RecordSet[] }
  | { readonly kind: 'absent' };

/** Records at the query name, without their owner; made with `recordSet`. */
export interface RecordSet {
  readonly type: number;
  readonly rdatas: readonly unknown[];
}

/** A set whose RDATA the compiler checks against the TYPE. */
export function recordSet<T>(codec: RdataCodec<T>, rdatas: readonly T[]): RecordSet {
  return { type: codec.type, rdatas };
}

/** What a name says of itself before any grammar. */
export interface Claim {
  readonly n: number;
  /** 12 hex digits, empty for none. */
  readonly run: string;
}

/** What a zone is, for names that mean something in some zones only. */
export interface ZoneKind {
  readonly isAgent: boolean;
  readonly hasFamily: boolean;
  readonly made: Made | undefined;
}

/** `df`: in one packet or not at all. `nodf`: routers may fragment. `frag`: in fragments from here. */
export type Arm = keyof typeof ARM;

export interface Plan {
  readonly answer: Answer;
  /** Octets of the UDP answer that the name of this query was learned from, where that is what it proves. */
  readonly proves?: number;
  /** Octets that the DNS message must have, undefined where it may have any. */
  readonly size?: number;
  /** True where no large answer may leave before the source address is proven. */
  readonly gated: boolean;
  readonly filler: 'add' | 'txt' | 'opt';
  /** TC=1 over UDP whatever the size. */
  readonly truncate: boolean;
  readonly silent: 'udp' | 'tcp' | 'both' | undefined;
  readonly delayMs: number;
  readonly fault: 'badsig' | 'expired' | 'nosig' | undefined;
  /** How the datagram is to leave. */
  readonly arm: Arm;
  /** Seconds. */
  readonly ttl: number;
  /** What the query tells of the resolver's trust anchors, for its row. */
  readonly signal: Signal;
}

export interface Behavior {
  /** Name in rows and docs. */
  readonly name: string;
  /** 0..15, in every gate: never given to another behavior. */
  readonly code: number;
  readonly syntax: string;
  /** Without the zone. */
  readonly example: string;
  /** Label of the zone below the origin that alone has such names; absent where they are in the origin. */
  readonly zone?: string;
  readonly summary: string;
  /** What a resolver that works does with it. */
  readonly expect: string;
  readonly references: readonly string[];
  /**
   * The state of a gate that is made anew for another prefix. What a gate of this behavior proves, it proves for the prefix that
   * got the answer it stood in: another one may go on from it, but has received nothing yet.
   */
  handOver?(state: number): number;
  /** The kind of answer of every plan, where the plan follows from the name alone: nothing else of the query is looked at. */
  readonly answers?: Answer['kind'];
  /** Option fields that it understands. */
  readonly options: readonly OptionField[];
  /**
   * Claims a whole name, for names that other people have laid down and that the grammar would misread (RFC 8145, 8509, 9567).
   * @param labels below the apex, from the left, lower case, at least one
   */
  claims?(labels: readonly string[], zone: ZoneKind): Claim | undefined;
  /** The number in the test part of a label (lower case, options removed), 0 where it has none; undefined for other labels. */
  parse(test: string): number | undefined;
  plan(query: TestQuery, trial: Trial): Plan;
}

/** A plan without options: leaves at once, unspoiled, over any transport. */
export const PLAIN = {
  gated: false,
  filler: 'add',
  truncate: false,
  silent: undefined,
  delayMs: 0,
  fault: undefined,
  arm: 'default',
  ttl: 0,
  signal: '',
} as const satisfies Omit<Plan, 'answer'>;

/** The fields of a plan that options decide. */
export function planOptions(options: Options): Omit<Plan, 'answer' | 'size' | 'gated'> {
  return {
    filler: keyOf(FILLER, options.filler),
    truncate: options.tc === 1,
    silent: options.silent === SILENT.none ? undefined : options.silent === SILENT.udp ? 'udp' : 'tcp',
    delayMs: options.delayMs,
    fault:
      options.fault === FAULT.none
        ? undefined
        : (keyOf(FAULT, options.fault) as 'badsig' | 'expired' | 'nosig'),
    arm: keyOf(ARM, options.arm),
    ttl: options.ttl,
    signal: '',
  };
}

function keyOf<K extends string>(table: Readonly<Record<K, number>>, value: number): K {
  return Object.keys(table).find((key) => table[key as K] === value) as K;
}

/** The number behind `letter`, 512..65535, undefined for other text. */
export function parseSize(letter: string, test: string): number | undefined {
  if (!test.startsWith(letter) || !/^[1-9]\d{2,4}$/.test(test.slice(letter.length))) return undefined;
  const octets = Number(test.slice(letter.length));
  return octets >= 512 && octets <= 65_535 ? octets : undefined;
}
