/**
 * Brings a message to exactly N octets: which filler, and how much of it (DESIGN: exact).
 *
 * Signed TXT; where that is too large, TXT without a signature; the last few octets by the length of a spare label. Where N is
 * below the smallest message for that name there is no filler, and the row says so.
 */

import type { FillerKind } from '../record/facts.ts';
import { SPARE_LETTER } from '../zone/test-name.ts';

/** A filler and its octets: of RDATA for TXT, of option data for Padding, of the message for a label. */
export interface Choice {
  readonly kind: FillerKind;
  readonly octets: number;
}

export const NO_FILLER: Choice = { kind: 'none', octets: 0 };

/** One more octet of each makes the message one octet larger; these are the smallest and largest amounts. */
const BOUNDS: Readonly<Record<FillerKind, { least: number; most: number }>> = {
  none: { least: 0, most: 0 },
  signed: { least: 1, most: 65_535 },
  plain: { least: 1, most: 65_535 },
  txt: { least: 1, most: 65_535 },
  padding: { least: 0, most: 65_535 },
  // One character more in the receipt's own label, or a label of 1 to 63 characters behind it.
  label: { least: 1, most: 64 },
};

/**
 * The first filler of `ladder` that reaches `size`.
 * @param measure octets of the message with a choice, exactly
 * @returns undefined where none does: the message is larger than `size` even without filler
 */
export function fitFiller(
  size: number,
  ladder: readonly FillerKind[],
  measure: (choice: Choice) => number,
): Choice | undefined {
  for (const kind of ladder) {
    const { least, most } = BOUNDS[kind];
    const octets = least + size - measure({ kind, octets: least });
    if (octets >= least && octets <= most) return { kind, octets };
  }
  return undefined;
}

/** Fillers to try, in order, beside a CNAME that we made, for what the plan asked for. */
export function fillerLadder(
  asked: 'add' | 'txt' | 'opt',
  can: { sign: boolean; edns: boolean },
): FillerKind[] {
  const ladder: FillerKind[] = ['none'];
  if (asked === 'opt' && can.edns) ladder.push('padding');
  if (asked === 'txt') ladder.push('txt');
  else if (can.sign) ladder.push('signed');
  return [...ladder, 'plain', 'label'];
}

/** The spare octets of a name: how its first label ends, and the label behind it. */
export function spareParts(octets: number): { suffix: string; label: string } {
  return octets === 1
    ? { suffix: SPARE_LETTER, label: '' }
    : { suffix: '', label: SPARE_LETTER.repeat(Math.max(0, octets - 1)) };
}

/**
 * TXT RDATA of exactly `octets` octets, as character-strings (RFC 1035 §3.3.14).
 *
 * Every length is reachable: a character-string of n octets occupies n + 1, and n may be 0. The text is constant, so one owner
 * has one RRset of each length and its signature can be remembered.
 *
 * @param octets 1..65535
 * @throws {RangeError} outside those bounds: a bug in our size plan, never the peer's fault
 */
export function fillerStrings(octets: number): Uint8Array[] {
  if (!Number.isInteger(octets) || octets < 1 || octets > 65_535)
    throw new RangeError(`filler of ${octets} octets, want 1..65535`);
  const strings: Uint8Array[] = [];
  for (let left = octets; left > 0; left -= 256) strings.push(X.subarray(0, Math.min(255, left - 1)));
  return strings;
}

const X = new Uint8Array(255).fill(0x78);
