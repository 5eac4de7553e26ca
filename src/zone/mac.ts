/** Keyed hashes: SipHash-2-4 under keys derived from the one secret (RFC 9018 §4.4 uses the same hash; HKDF is RFC 5869). */
import { hkdfSync } from 'node:crypto';
import { readLittle, SipHash } from './siphash.ts';

/** What a key is for: a hash made for one purpose can never serve another. */
export type Purpose = 'gate' | 'receipt' | 'source' | 'prefix' | 'cookie' | 'proof' | 'zone';

export interface Mac {
  /** 8 octets over `message`. */
  hash(message: Uint8Array): Uint8Array;
  /** The same hash cut to 3 or 4 octets, as a number. */
  tag(message: Uint8Array, octets: 3 | 4): number;
  /** As `hash`, over `length` octets from `from`, written into `out` at `at`; allocates nothing. */
  hashInto(message: Uint8Array, from: number, length: number, out: Uint8Array, at: number): void;
  /** As `tag`, over `length` octets from `from`; allocates nothing. */
  tagOf(message: Uint8Array, from: number, length: number, octets: 3 | 4): number;
  /** Whether the hash over `length` octets from `from` stands in `claimed` at `at`; takes the same time for every answer. */
  matches(message: Uint8Array, from: number, length: number, claimed: Uint8Array, at: number): boolean;
}

export const MAC_OCTETS = 8;

/** @param secret at least 16 octets, shared by every node of the set */
export function makeMac(secret: Uint8Array, purpose: Purpose): Mac {
  return macOfKey(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `padzone ${purpose}`, 16)));
}

/** @param octets the key itself, 16 octets */
export function macOfKey(octets: Uint8Array): Mac {
  const sip = new SipHash(octets);
  const hashInto: Mac['hashInto'] = (message, from, length, out, at) => {
    sip.run(message, from, length);
    writeLittle(sip.low, out, at);
    writeLittle(sip.high, out, at + 4);
  };
  const tagOf: Mac['tagOf'] = (message, from, length, octets) => {
    sip.run(message, from, length);
    return sip.low >>> (32 - 8 * octets);
  };
  return {
    hash(message) {
      const made = new Uint8Array(MAC_OCTETS);
      hashInto(message, 0, message.length, made, 0);
      return made;
    },
    tag: (message, octets) => tagOf(message, 0, message.length, octets),
    hashInto,
    tagOf,
    matches(message, from, length, claimed, at) {
      sip.run(message, from, length);
      return ((sip.low ^ readLittle(claimed, at)) | (sip.high ^ readLittle(claimed, at + 4))) === 0;
    },
  };
}

function writeLittle(value: number, out: Uint8Array, at: number): void {
  out[at] = value;
  out[at + 1] = value >>> 8;
  out[at + 2] = value >>> 16;
  out[at + 3] = value >>> 24;
}
