/** What a proof of the source address is good for, and how long a token is one (DESIGN: receipts and gates; safety). */
import type { Proof } from '../record/facts.ts';

/** A gate opens for this long after it was made, a receipt counts for as long. */
export const WINDOW_MS = 60_000;

/** Whether signatures need not be paid for: a gate proves a prefix only, and whoever shares it may have seen the gate. */
export function signsFreely(proof: Proof): boolean {
  return isProven(proof) && proof !== 'gate';
}

export function isProven(proof: Proof): boolean {
  return proof !== 'none' && proof !== 'recent';
}
