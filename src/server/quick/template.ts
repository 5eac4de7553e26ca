/**
 * Template: an answer that was made once, the places in it that differ from query to query, and its row (DESIGN: packet engine).
 *
 * The general way answers the first query of a shape; what it made is kept, and the next query of that shape gets a patched copy.
 */
import type { SigningKey } from '../../dnssec/key.ts';
import type { FillerKind } from '../../record/facts.ts';

/**
 * What queries share a template. `named`: those for one name and type, whose answer repeats. The other kinds stand for any name of
 * one length: `label` and `gate` for a measured or gate answer by what the name asks, `receipt`, `denial`, `elsewhere`.
 */
export const TEMPLATE_KIND = { named: 1, label: 2, gate: 3, receipt: 4, denial: 5, elsewhere: 6 } as const;

/** Numbers in a key; two queries with the same key differ in nothing that their answers depend on but the patched places. */
export const KEY_WORDS = 7;

/** A signature to be made for each message. Offsets from the start of the message. */
export interface FreshSignature {
  readonly key: SigningKey;
  readonly costMicroseconds: number;
  /** Where the RRSIG RDATA and its Signature field stand. */
  readonly rdataAt: number;
  readonly signatureAt: number;
  /** What is signed: RDATA without the signature, then the one record in canonical form. Patched for each message. */
  readonly covered: Uint8Array;
  /** In `covered`: the owner, and the part of the RDATA that is made for each message. */
  readonly ownerAt: number;
  readonly madeAt: number;
}

/** The part of the answer that is made for each message. */
export type Made =
  | { readonly kind: 'receipt' | 'gate'; readonly at: number }
  | { readonly kind: 'text'; readonly at: number }
  | { readonly kind: 'next'; readonly at: number }
  | undefined;

export interface Template {
  /** Words of the key. */
  readonly key: Int32Array;
  /** The name in lower case, for `named`; else empty. */
  readonly name: Uint8Array;
  readonly octets: Uint8Array;
  readonly made: Made;
  readonly fresh: FreshSignature | undefined;
  /** Offset of the server's COOKIE data, -1 without. */
  readonly cookieAt: number;
  /** The row, encoded. */
  readonly row: Uint8Array;
  readonly slots: 1 | 2;
  /** Larger than what a source without proof may get: paid for by its prefix. */
  readonly isLarge: boolean;
  /** Milliseconds since the epoch: while its signatures may be used. A clock that was set back needs others. */
  readonly since: number;
  readonly until: number;
  /** What a receipt says of every answer of this template. */
  readonly fragments: number;
  readonly filler: FillerKind;
  readonly ttl: number;
}
