/** Core: what answering depends on besides the query: zones, settings, keyed hashes, tables of fixed size. Made once a start or reload. */

import type { Arm } from '../behaviors/behavior.ts';
import { type Mac, macOfKey, makeMac } from '../zone/mac.ts';
import type { ZoneTree } from '../zone/zone.ts';
import { type Buckets, makeBuckets, makeRecentProofs, type RecentProofs } from './budget.ts';
import type { CookieLayout } from './cookie.ts';
import type { SizeSettings } from './limit.ts';
import {
  instanceCounter,
  makeSharedTables,
  PREFIX_SLOTS,
  PROOF_SLOTS,
  type SharedTables,
  WORK_SLOTS,
} from './shared.ts';
import type { Taggers } from './source.ts';
import type { TokenMacs } from './trial-context.ts';

export interface ResponderSettings extends SizeSettings {
  readonly node: { readonly name: string; readonly id: number };
  /** Answered to version.bind; empty hides it. */
  readonly version: string;
  /** Shared by all nodes, at least 16 octets. */
  readonly secret: Uint8Array;
  readonly cookieLayout: CookieLayout;
  /** Seconds. */
  readonly tcpIdle: number;
  /** No proof, no budgets: for closed networks. */
  readonly isOpen: boolean;
  /** Whether the source address in the first 4 or 16 octets needs no proof; it still pays the budgets. */
  isAllowed(octets: Uint8Array, length: number): boolean;
  /** Large UDP octets a second: to one prefix, its burst, and in all; 0 is no limit. */
  readonly udpBudget: number;
  readonly udpBudgetBurst: number;
  readonly udpBudgetTotal: number;
  /** Ways in which this host can send a datagram. */
  readonly arms: readonly Arm[];
  /**
   * Percent of a core that sources without proof may spend on signatures, and on zones and hashes made; proven sources have as much
   * for what is dear.
   */
  readonly signingBudget: number;
}

/** Everything that is not a function of the query: brought in once, at the edge. */
export interface Surroundings {
  readonly tree: ZoneTree;
  readonly settings: ResponderSettings;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Microseconds from any origin, never backwards. */
  monotonic(): number;
  /** Octets that nobody can guess. */
  random(octets: number): Uint8Array;
  /** This node's view of a source address, as lines of text. */
  ledger(source: string): readonly string[];
  /** A bug of ours in answering one query; the answer was SERVFAIL. */
  onBug(error: unknown, query: Uint8Array): void;
  /** Budgets and numbers that all threads share; without them this core has its own. */
  readonly shared?: SharedTables;
  /** Which of those threads this is, 0 for the only one. */
  readonly thread?: number;
}

export interface Core extends Surroundings {
  readonly macs: TokenMacs;
  readonly taggers: Taggers;
  readonly cookieMac: Mac;
  readonly recent: RecentProofs;
  /** Octets of large UDP answers, by destination prefix and for all together. */
  readonly prefixOctets: Buckets;
  readonly allOctets: Buckets;
  /** Microseconds of signatures, and of zones and hashes made, by WORK_BUDGETS; and what either bucket holds. */
  readonly signing: Buckets;
  readonly signingBurst: number;
  /** The number of the next response, 32 bits; no other answer of this node has it. */
  nextInstance(): number;
}

const MICROSECONDS_PER_PERCENT = 10_000;

export function makeCore(surroundings: Surroundings): Core {
  const { settings, shared = makeSharedTables(1, surroundings.random), thread = 0 } = surroundings;
  const mac = (purpose: Parameters<typeof makeMac>[1]) => makeMac(settings.secret, purpose);
  const signing = settings.signingBudget * MICROSECONDS_PER_PERCENT;
  return {
    ...surroundings,
    macs: { gate: mac('gate'), receipt: mac('receipt'), proof: mac('proof') },
    taggers: { source: mac('source'), prefix: mac('prefix') },
    // RFC 9018 §4.4: servers of several kinds share the very key, the first 16 octets of the secret.
    cookieMac:
      settings.cookieLayout === 'rfc9018' ? macOfKey(settings.secret.subarray(0, 16)) : mac('cookie'),
    recent: makeRecentProofs(PROOF_SLOTS, shared.recent),
    prefixOctets: makeBuckets(settings.udpBudget, settings.udpBudgetBurst, PREFIX_SLOTS, shared.prefixOctets),
    allOctets: makeBuckets(settings.udpBudgetTotal, settings.udpBudgetTotal, 1, shared.allOctets),
    signing: makeBuckets(signing, signing, WORK_SLOTS, shared.signing),
    signingBurst: signing,
    nextInstance: instanceCounter(shared, thread),
  };
}
