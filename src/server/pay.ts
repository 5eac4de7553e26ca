/** Who pays for what: octets by the prefix that they go to, work by all strangers together or all proven sources together (DESIGN: safety). */
import type { Proof } from '../record/facts.ts';
import type { Core } from './core.ts';
import type { Exchange } from './exchange.ts';
import { udpLimit } from './limit.ts';
import { WORK_BUDGETS } from './shared.ts';
import { prefixTag } from './source.ts';
import { signsFreely } from './source-proof.ts';

/** What takes as long or longer is paid for whoever asks: a few hundred a second would fill a core. */
const DEAR_MICROSECONDS = 2000;

/** Large UDP answers are paid for by the prefix that they go to, and by all together; who cannot pay gets TC=1. */
export function payOctets(core: Core, { arrival, query, time }: Exchange, octets: number): boolean {
  const small = udpLimit(query.edns, query.length, 'other', 'none', core.settings);
  if (arrival.transport !== 'udp' || core.settings.isOpen || octets <= small) return true;
  const prefix = prefixTag(arrival.source, core.taggers);
  return core.prefixOctets.take(prefix, octets, time) && core.allOctets.take(0, octets, time);
}

/**
 * Pays for signatures and other work of so many microseconds; false where the budget is spent. What takes more than a full bucket
 * holds wants a full one.
 */
export function payWork(
  { signing, signingBurst, settings }: Pick<Core, 'signing' | 'signingBurst' | 'settings'>,
  time: number,
  proof: Proof,
  microseconds: number,
): boolean {
  if (microseconds === 0 || settings.isOpen) return true;
  const free = signsFreely(proof);
  if (free && microseconds < DEAR_MICROSECONDS) return true;
  const budget = free ? WORK_BUDGETS.proven : WORK_BUDGETS.strangers;
  return signing.take(budget, Math.min(microseconds, signingBurst), time);
}
