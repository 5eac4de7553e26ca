/** Prospect: what a cell comes to, from the traits of its path and the habits of its resolver. */
import type { Cell } from './contract.ts';
import { type Habit, habitOf, offeredSize } from './habits.ts';
import { isTooBig, type PathTraits, packetsOf, pathTraits, tcpFate, udpPasses } from './path-traits.ts';

/** A cell reduced to what the rules ask about. */
export interface Prospect {
  readonly path: PathTraits;
  readonly habit: Habit;
  /** How the first answer over UDP leaves. */
  readonly leaves: 'whole' | 'fragments' | 'truncated';
  readonly arrives: boolean;
  /** The first answer over UDP is too big for a router that says so; `known`: servers were told at a smaller size. */
  readonly tooBig: 'no' | 'told' | 'known';
  /** What becomes of the answer over TCP. */
  readonly tcp: 'arrives' | 'stalls' | 'cut' | 'blocked';
  /** What follows a loss over UDP; `in-vain` is a smaller EDNS size that the same answer still fits. */
  readonly recovery: 'smaller' | 'in-vain' | 'tcp' | 'next-server';
}

/**
 * What is known of a cell whose queries use that family.
 *
 * @param earlier sizes that the same resolver asked for before
 */
export function prospectOf(
  { resolver, edns, path: name, size }: Cell,
  family: 4 | 6,
  earlier: readonly number[],
): Prospect {
  const path = pathTraits(name);
  const habit = habitOf(resolver);
  const offered = path.edns === 'kept' ? offeredSize(edns) : NO_EDNS;
  const fits = size <= offered;
  const isKnown = earlier.some((each) => each <= offered && isTooBig(each, family, path));
  return {
    path,
    habit,
    leaves: fits ? (packetsOf(size, family).isCut ? 'fragments' : 'whole') : 'truncated',
    arrives: !fits || udpPasses(size, family, path),
    tooBig: fits && isTooBig(size, family, path) ? (isKnown ? 'known' : 'told') : 'no',
    tcp: tcpFate(size, family, habit.mss[family], path),
    recovery: recoveryOf(habit, family, size, offered),
  };
}

/** RFC 6891 §6.2.3: what a query without EDNS can take. */
const NO_EDNS = 512;

function recoveryOf(habit: Habit, family: 4 | 6, lost: number, offered: number): Prospect['recovery'] {
  if (habit.smallerSize === undefined) return habit.afterLoss === 'tcp' ? 'tcp' : 'next-server';
  return Math.min(offered, habit.smallerSize(family, lost)) < lost ? 'smaller' : 'in-vain';
}
