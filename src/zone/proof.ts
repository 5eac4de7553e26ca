/**
 * The proof: a name that stands in the text of an answer, so that only a client that got it can ask for it (DESIGN: receipts and gates).
 *
 *     v + token, in front of the name that was answered; content:
 *      0      version        1  node        2..5  instance        6..10  time in milliseconds modulo 2^40
 *     11..14  keyed tag of the source that was sent the answer    15..16  phase of the zone then    17..29  0
 *
 * A CNAME is followed by every resolver before it validates, so it shows nothing of what users get; this one is followed by users.
 */
import type { Name } from '../wire/name.ts';
import type { Mac } from './mac.ts';
import { PHASES, type Phase } from './made.ts';
import { makeMutableReceipt, readReceiptInto, writeReceipt } from './receipt.ts';
import { openToken, sealToken, TOKEN_CHARACTERS, TOKEN_CONTENT } from './token.ts';

export interface Proof {
  readonly node: number;
  readonly instance: number;
  /** Milliseconds since the epoch. */
  readonly at: number;
  readonly sourceTag: number;
  /** Of the key roll, when the answer was sent. */
  readonly phase: Phase;
}

export const PROOF_LETTER = 'v';
/** Octets by which its name is longer than the one that was answered. */
export const PROOF_LABEL_OCTETS = 2 + TOKEN_CHARACTERS;
const PROOF = new RegExp(`^${PROOF_LETTER}[0-9a-v]{${TOKEN_CHARACTERS}}$`);

export function isProofLabel(label: string): boolean {
  return PROOF.test(label);
}

/** @param of the name that was answered */
export function formatProof({ phase, ...proof }: Proof, of: Name, mac: Mac): string {
  const content = new Uint8Array(TOKEN_CONTENT);
  writeReceipt(content, { ...makeMutableReceipt(), ...proof, asked: PHASES.indexOf(phase) });
  return PROOF_LETTER + sealToken(content, of, mac);
}

/**
 * Reads a label (lower case); undefined where it is no proof of ours for that name.
 * @param now milliseconds since the epoch: completes the time
 */
export function parseProof(label: string, of: Name, mac: Mac, now: number): Proof | undefined {
  const content = isProofLabel(label) ? openToken(label.slice(1), of, mac) : undefined;
  const read = makeMutableReceipt();
  if (!content || !readReceiptInto(content, now, read)) return undefined;
  const { node, instance, at, sourceTag, asked } = read;
  return { node, instance, at, sourceTag, phase: PHASES[asked] ?? '' };
}
