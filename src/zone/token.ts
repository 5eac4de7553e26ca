/** Tokens: 30 octets of content and an 8-octet MAC as one label that nobody can make but us (RFC 4648 §7, RFC 1035 §2.3.4). */
import { lower, MAX_NAME, type Name } from '../wire/name.ts';
import { base32hexLength, formatBase32hexInto, parseBase32hex, parseBase32hexInto } from './base32hex.ts';
import { MAC_OCTETS, type Mac } from './mac.ts';

export const TOKEN_CONTENT = 30;

/** Content and MAC: the room that the forms in place need. */
export const TOKEN_OCTETS = TOKEN_CONTENT + MAC_OCTETS;

/** Characters of a token behind its letter: 61. */
export const TOKEN_CHARACTERS = base32hexLength(TOKEN_OCTETS);

// Scratch for all: nothing else runs while a token is sealed or opened.
const message = new Uint8Array(TOKEN_CONTENT + MAX_NAME);

/** @param content exactly 30 octets */
export function sealToken(content: Uint8Array, apex: Name, mac: Mac): string {
  const octets = new Uint8Array(TOKEN_OCTETS);
  octets.set(content);
  const text = Buffer.alloc(TOKEN_CHARACTERS);
  sealTokenInto(octets, lower(apex), mac, text, 0);
  return text.toString('latin1');
}

/**
 * Seals in place and writes the 61 characters at `at`; allocates nothing.
 * @param content 30 octets and room for TOKEN_OCTETS: the MAC is put behind them
 * @param apex in lower case
 */
export function sealTokenInto(content: Uint8Array, apex: Name, mac: Mac, out: Uint8Array, at: number): void {
  mac.hashInto(message, 0, fillMessage(content, apex), content, TOKEN_CONTENT);
  formatBase32hexInto(content, TOKEN_OCTETS, out, at);
}

/** The content of a token (lower case), or undefined where it is not one that we made for this zone. */
export function openToken(text: string, apex: Name, mac: Mac): Uint8Array | undefined {
  const octets = parseBase32hex(text, TOKEN_OCTETS);
  return octets && isOurs(octets, lower(apex), mac) ? octets.subarray(0, TOKEN_CONTENT) : undefined;
}

/**
 * Reads the 61 characters at `at`, of any case; allocates nothing.
 * @param apex in lower case
 * @param content room for TOKEN_OCTETS: the content, then its MAC
 * @returns false where they are no token that we made for this zone; `content` then holds anything
 */
export function openTokenInto(
  octets: Uint8Array,
  at: number,
  apex: Name,
  mac: Mac,
  content: Uint8Array,
): boolean {
  return parseBase32hexInto(octets, at, TOKEN_OCTETS, content) && isOurs(content, apex, mac);
}

function isOurs(content: Uint8Array, apex: Name, mac: Mac): boolean {
  return mac.matches(message, 0, fillMessage(content, apex), content, TOKEN_CONTENT);
}

// The apex is under the MAC, so that a token of one zone means nothing in another.
function fillMessage(content: Uint8Array, apex: Name): number {
  for (let at = 0; at < TOKEN_CONTENT; at++) message[at] = content[at]!;
  for (let at = 0; at < apex.length; at++) message[TOKEN_CONTENT + at] = apex[at]!;
  return TOKEN_CONTENT + apex.length;
}
