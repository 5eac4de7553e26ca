/** Habits: what each resolver software does when an answer does not arrive, as known before anything is measured. */
import type { EdnsSetting } from './contract.ts';

/** What is tried after a UDP answer that did not arrive. */
export type AfterLoss =
  /** Asks again with a smaller EDNS size, and over TCP where that brings TC=1. */
  | 'smaller'
  /** Asks again, then over TCP without having seen TC=1. */
  | 'tcp'
  /** Asks each server once over UDP. */
  | 'next-server';

export interface Habit {
  readonly afterLoss: AfterLoss;
  /** Whether the second try over UDP offers less already. */
  readonly secondTry: 'as-before' | 'smaller';
  /**
   * EDNS size after a loss, where it changes.
   *
   * @param lost octets of the answer that was lost
   */
  readonly smallerSize?: (family: 4 | 6, lost: number) => number;
  /** Whether that size tells of an answer that came before. */
  readonly echoes?: true;
  /** What servers see when TC=1 leads to TCP that reaches none of them. */
  readonly afterTcpFails: /** Asks over UDP again, a second or more later. */
    | 'asks-again'
    /** Asks each server once; where TCP is refused, both within a millisecond. */
    | 'asks-each'
    /** Nothing more of this name, but the cookie of the TC=1 comes back with whatever it asks next. */
    | 'returns-cookie'
    /** Nothing more. */
    | 'silent';
  /** MSS that its SYN announces. */
  readonly mss: Readonly<Record<4 | 6, number>>;
  /** When it notices that signatures are missing: at the end of a chain of names, at each answer, or before it asks at all. */
  readonly validates: 'last' | 'each-answer' | 'before-asking';
}

/** Since the flag day of 2020 all of them offer this much when nobody says otherwise. */
const DEFAULT_EDNS = 1232;
const USUAL_MSS = { 4: 1460, 6: 1440 } as const;

const unbound: Habit = {
  afterLoss: 'smaller',
  secondTry: 'smaller',
  smallerSize: (family) => (family === 4 ? 1472 : 1232),
  afterTcpFails: 'asks-again',
  mss: USUAL_MSS,
  validates: 'last',
};

/** By name in the table of resolvers. */
export const HABITS: Readonly<Record<string, Habit>> = {
  unbound,
  bind: {
    afterLoss: 'smaller',
    secondTry: 'as-before',
    // The size of the largest answer that ever came from that server: sizes ascend, so all of those were smaller.
    smallerSize: (_family, lost) => lost - 1,
    echoes: true,
    afterTcpFails: 'returns-cookie',
    mss: { 4: 1220, 6: 1220 },
    validates: 'each-answer',
  },
  knot: {
    afterLoss: 'tcp',
    secondTry: 'as-before',
    afterTcpFails: 'silent',
    mss: USUAL_MSS,
    validates: 'before-asking',
  },
  powerdns: {
    afterLoss: 'next-server',
    secondTry: 'as-before',
    afterTcpFails: 'asks-each',
    mss: USUAL_MSS,
    validates: 'last',
  },
  // It forwards to an Unbound with the same EDNS size, and the servers see that one.
  dnsmasq: unbound,
};

/** EDNS size of the first query, octets. */
export function offeredSize(edns: EdnsSetting): number {
  return edns === 'default' ? DEFAULT_EDNS : edns;
}

/** @throws {Error} a resolver that the table does not know */
export function habitOf(resolver: string): Habit {
  const habit = HABITS[resolver];
  if (habit === undefined)
    throw new Error(`resolver '${resolver}' is unknown, want some of ${Object.keys(HABITS).join(', ')}`);
  return habit;
}
