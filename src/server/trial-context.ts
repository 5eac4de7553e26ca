/** TrialContext: one query to a test name, with all that answering it may depend on. */
import type { Arm, TestQuery } from '../behaviors/behavior.ts';
import type { Proof } from '../record/facts.ts';
import type { Question } from '../wire/query.ts';
import type { Mac } from '../zone/mac.ts';
import type { Zone } from '../zone/zone.ts';
import type { Draft } from './draft.ts';
import type { Wishes } from './zone-data.ts';

export interface TokenMacs {
  readonly gate: Mac;
  readonly receipt: Mac;
  readonly proof: Mac;
}

/** What a query shows of the gate through which it came. */
export interface GateSeen {
  /** Milliseconds since it was made. */
  readonly ageMs: number;
  /** Different prefixes that it lists. */
  readonly networks: number;
}

export interface TrialContext extends Wishes {
  readonly zone: Zone;
  readonly question: Question;
  /** Milliseconds since the epoch. */
  readonly now: number;
  readonly macs: TokenMacs;
  /** Proof that the source address is real, gates aside. */
  readonly proof: Proof;
  /** Tags of the source address, in full and of its prefix. */
  readonly sourceTag: number;
  readonly prefixTag: number;
  readonly node: { readonly name: string; readonly id: number };
  /** Counter of this response. */
  readonly instance: number;
  readonly family: 4 | 6;
  readonly fragments: (octets: number, arm: Arm) => number;
  /** Ways in which this host can send a datagram. */
  readonly arms: readonly Arm[];
  newRun(): string;
  query(gate: GateSeen | undefined): TestQuery;
}

export interface TrialAnswer {
  readonly draft: Draft;
  /** Gates included. */
  readonly proof: Proof;
}
