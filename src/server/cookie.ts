/**
 * Server cookies of 16 octets (RFC 7873 §5.2, RFC 9018 §4).
 *
 *     0      version: 1 under RFC 9018's layout, 0x70 under ours
 *     1..3   reserved, 0        | ours: low 24 bits of the instance of the response, which makes every cookie a receipt
 *     4..7   time, seconds
 *     8..15  SipHash-2-4 over client cookie, octets 0..7 and the full source address
 */
import { timingSafeEqual } from 'node:crypto';
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
/** RFC 9018 §4.3: accepted for an hour, and five minutes from the future. */
const MAX_AGE = 3600;
const MAX_AHEAD = 300;

export const NO_COOKIE: Cookie = { state: 'none', client: undefined, instance: null };

/** Lengths that a COOKIE option may have in a query: 8, or 16 to 40 (RFC 7873 §5.2). */
export function isCookieLength(octets: number): boolean {
  return octets === CLIENT || (octets >= CLIENT + 8 && octets <= CLIENT + 32);
}

/** @param data of a COOKIE option whose length is right */
export function readCookie(
  data: Uint8Array,
  source: Source,
  nowSeconds: number,
  layout: CookieLayout,
  mac: Mac,
): Cookie {
  const client = data.subarray(0, CLIENT);
  if (data.length === CLIENT) return { state: 'client', client, instance: null };
  const server = data.subarray(CLIENT);
  const view = new DataView(server.buffer, server.byteOffset);
  const ours = server.length === SERVER && server[0] === VERSION[layout];
  if (!ours || !timingSafeEqual(hash(client, server.subarray(0, 8), source, mac), server.subarray(8)))
    return { state: 'stale', client, instance: null };
  // Serial arithmetic, as the clock of 32 bits wraps in 2106 (RFC 9018 §4.3).
  const age = (nowSeconds - view.getUint32(4)) | 0;
  const instance = layout === 'private' ? view.getUint32(0) & 0xff_ffff : null;
  return { state: age <= MAX_AGE && age >= -MAX_AHEAD ? 'valid' : 'stale', client, instance };
}

/** Data of the COOKIE option of one response: the client's half and a fresh server half. */
export function makeCookie(
  client: Uint8Array,
  source: Source,
  instance: number,
  nowSeconds: number,
  layout: CookieLayout,
  mac: Mac,
): Uint8Array {
  const data = new Uint8Array(CLIENT + SERVER);
  const view = new DataView(data.buffer);
  data.set(client);
  view.setUint32(CLIENT, layout === 'private' ? instance & 0xff_ffff : 0);
  data[CLIENT] = VERSION[layout];
  view.setUint32(CLIENT + 4, nowSeconds % 2 ** 32);
  data.set(hash(client, data.subarray(CLIENT, CLIENT + 8), source, mac), CLIENT + 8);
  return data;
}

function hash(client: Uint8Array, front: Uint8Array, { octets }: Source, mac: Mac): Uint8Array {
  const message = new Uint8Array(CLIENT + 8 + octets.length);
  message.set(client);
  message.set(front, CLIENT);
  message.set(octets, CLIENT + 8);
  return mac.hash(message);
}
