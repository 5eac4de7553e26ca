/** Tokens: 30 octets of content and an 8-octet MAC as one label that nobody can make but us (RFC 4648 §7, RFC 1035 §2.3.4). */
import { timingSafeEqual } from 'node:crypto';
import { lower, type Name } from '../wire/name.ts';
import { base32hexLength, formatBase32hex, parseBase32hex } from './base32hex.ts';
import type { Mac } from './mac.ts';

export const TOKEN_CONTENT = 30;
const TOKEN_OCTETS = TOKEN_CONTENT + 8;

/** Characters of a token behind its letter: 61. */
export const TOKEN_CHARACTERS = base32hexLength(TOKEN_OCTETS);

/** @param content exactly 30 octets */
export function sealToken(content: Uint8Array, apex: Name, mac: Mac): string {
  const octets = new Uint8Array(TOKEN_OCTETS);
  octets.set(content);
  octets.set(macOf(content, apex, mac), TOKEN_CONTENT);
  return formatBase32hex(octets);
}

/** The content of a token (lower case), or undefined where it is not one that we made for this zone. */
export function openToken(text: string, apex: Name, mac: Mac): Uint8Array | undefined {
  const octets = parseBase32hex(text, TOKEN_OCTETS);
  if (!octets) return undefined;
  const content = octets.subarray(0, TOKEN_CONTENT);
  return timingSafeEqual(macOf(content, apex, mac), octets.subarray(TOKEN_CONTENT)) ? content : undefined;
}

// The apex is under the MAC, so that a token of one zone means nothing in another.
function macOf(content: Uint8Array, apex: Name, mac: Mac): Uint8Array {
  const message = new Uint8Array(content.length + apex.length);
  message.set(content);
  message.set(lower(apex), content.length);
  return mac.hash(message);
}
