/**
 * Server cookies of 16 octets (RFC 7873 §5.2, RFC 9018 §4).
 *
 *     0      version: 1 under RFC 9018's layout, 0x70 under ours
 *     1..3   reserved, 0        | ours: low 24 bits of the instance of the response, which makes every cookie a receipt
 *     4..7   time, seconds
 *     8..15  SipHash-2-4 over client cookie, octets 0..7 and the full source address
 */
import { copyOctets, read24, read32, write24, write32 } from '../zone/fields.ts';
import type { Mac } from '../zone/mac.ts';
import type { Source } from './source.ts';

export type CookieLayout = 'private' | 'rfc9018';
export type CookieState = 'none' | 'client' | 'valid' | 'stale';

export interface Cookie {
  readonly state: CookieState;
  /** 8 octets, present in every state but `none`. */
  readonly client: Uint8Array | undefined;
  /** Instance of the response whose cookie came back; null under RFC 9018's layout. */
  readonly instance: number | null;
}

const VERSION = { private: 0x70, rfc9018: 1 } as const;
const CLIENT = 8;
const SERVER = 16;
/** Octets of the server half before its hash. */
const FRONT = 8;
/** Octets of the option's data in a response. */
export const COOKIE_OCTETS = CLIENT + SERVER;
/** RFC 9018 §4.3: accepted for an hour, and five minutes from the future. */
const MAX_AGE = 3600;
const MAX_AHEAD = 300;

export const NO_COOKIE: Cookie = { state: 'none', client: undefined, instance: null };

/** Lengths that a COOKIE option may have in a query: 8, or 16 to 40 (RFC 7873 §5.2). */
export function isCookieLength(octets: number): boolean {
  return octets === CLIENT || (octets >= CLIENT + 8 && octets <= CLIENT + 32);
}

/** A cookie that is filled anew for each message; its client half stays where it was received. */
export interface MutableCookie {
  state: CookieState;
  instance: number | null;
}

// Scratch for all: nothing else runs while a cookie is read or written.
const message = new Uint8Array(CLIENT + FRONT + 16);

/** @param data of a COOKIE option whose length is right */
export function readCookie(
  data: Uint8Array,
  source: Source,
  nowSeconds: number,
  layout: CookieLayout,
  mac: Mac,
): Cookie {
  const { octets } = source;
  const read: MutableCookie = { state: 'none', instance: null };
  readCookieInto(data, 0, data.length, octets, octets.length, nowSeconds, layout, mac, read);
  return { ...read, client: data.subarray(0, CLIENT) };
}

/**
 * Reads the `length` octets at `at`, data of a COOKIE option whose length is right; allocates nothing.
 * @param source the full source address in its first `sourceLength` octets
 */
export function readCookieInto(
  octets: Uint8Array,
  at: number,
  length: number,
  source: Uint8Array,
  sourceLength: number,
  nowSeconds: number,
  layout: CookieLayout,
  mac: Mac,
  cookie: MutableCookie,
): void {
  const front = at + CLIENT;
  cookie.state = length === CLIENT ? 'client' : 'stale';
  cookie.instance = null;
  if (length !== CLIENT + SERVER || octets[front] !== VERSION[layout]) return;
  const covered = fillMessage(octets, at, source, sourceLength);
  if (!mac.matches(message, 0, covered, octets, front + FRONT)) return;
  // Serial arithmetic, as the clock of 32 bits wraps in 2106 (RFC 9018 §4.3).
  const age = (nowSeconds - read32(octets, front + 4)) | 0;
  if (age <= MAX_AGE && age >= -MAX_AHEAD) cookie.state = 'valid';
  if (layout === 'private') cookie.instance = read24(octets, front + 1);
}

/** Data of the COOKIE option of one response: the client's half and a fresh server half. */
export function makeCookie(
  client: Uint8Array,
  { octets }: Source,
  instance: number,
  nowSeconds: number,
  layout: CookieLayout,
  mac: Mac,
): Uint8Array {
  const data = new Uint8Array(COOKIE_OCTETS);
  writeCookie(client, 0, octets, octets.length, instance, nowSeconds, layout, mac, data, 0);
  return data;
}

/**
 * Writes COOKIE_OCTETS octets at `at`, as `makeCookie` makes them; allocates nothing.
 * @param octets the client cookie in the 8 octets at `clientAt`
 * @param source the full source address in its first `sourceLength` octets
 */
export function writeCookie(
  octets: Uint8Array,
  clientAt: number,
  source: Uint8Array,
  sourceLength: number,
  instance: number,
  nowSeconds: number,
  layout: CookieLayout,
  mac: Mac,
  out: Uint8Array,
  at: number,
): void {
  const front = at + CLIENT;
  copyOctets(octets, clientAt, CLIENT, out, at);
  out[front] = VERSION[layout];
  write24(out, front + 1, layout === 'private' ? instance : 0);
  write32(out, front + 4, nowSeconds);
  const covered = fillMessage(out, at, source, sourceLength);
  mac.hashInto(message, 0, covered, out, front + FRONT);
}

/** What the hash covers: client cookie, front of the server cookie, source address. */
function fillMessage(octets: Uint8Array, at: number, source: Uint8Array, sourceLength: number): number {
  copyOctets(octets, at, CLIENT + FRONT, message, 0);
  copyOctets(source, 0, sourceLength, message, CLIENT + FRONT);
  return CLIENT + FRONT + sourceLength;
}
