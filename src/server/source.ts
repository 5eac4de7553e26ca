/** The source address of a query and the keyed tags that stand for it in names (DESIGN: receipts and gates). */

import { parseAddress } from '../wire/address.ts';
import type { Mac } from '../zone/mac.ts';

export interface Source {
  /** Presentation form, an IPv4-mapped address as IPv4. */
  readonly text: string;
  /** 4 or 16. */
  readonly octets: Uint8Array;
  readonly family: 4 | 6;
}

export interface Taggers {
  /** Under the key for full addresses. */
  readonly source: Mac;
  /** Under the key for prefixes. */
  readonly prefix: Mac;
}

const MAPPED = /^::ffff:(?=\d+\.)/i;

export function readSource(text: string): Source {
  const octets = parseAddress(text.replace(/%.*/, ''));
  return { text: text.replace(MAPPED, ''), octets, family: octets.length === 4 ? 4 : 6 };
}

/** 32 bits that stand for the full address. */
export function sourceTag({ octets }: Source, taggers: Taggers): number {
  return sourceTagOf(octets, octets.length, taggers);
}

/** 24 bits that stand for the /24 or /48; never 0, which means "none" in a gate. */
export function prefixTag({ octets, family }: Source, taggers: Taggers): number {
  return prefixTagOf(octets, family, taggers);
}

/**
 * As `sourceTag`; allocates nothing.
 * @param octets the address in its first `length` octets
 */
export function sourceTagOf(octets: Uint8Array, length: number, { source }: Taggers): number {
  return source.tagOf(octets, 0, length, 4);
}

/**
 * As `prefixTag`; allocates nothing.
 * @param octets the address in its first 4 or 16 octets
 */
export function prefixTagOf(octets: Uint8Array, family: 4 | 6, { prefix }: Taggers): number {
  return prefix.tagOf(octets, 0, family === 4 ? 3 : 6, 3) || 1;
}
