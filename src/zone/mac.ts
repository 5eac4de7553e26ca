/** Keyed hashes: SipHash-2-4 under keys derived from the one secret (RFC 9018 §4.4 uses the same hash; HKDF is RFC 5869). */
import { hkdfSync } from 'node:crypto';
import siphash from 'siphash';

/** What a key is for: a hash made for one purpose can never serve another. */
export type Purpose = 'gate' | 'receipt' | 'source' | 'prefix' | 'cookie';

export interface Mac {
  /** 8 octets over `message`. */
  hash(message: Uint8Array): Uint8Array;
  /** The same hash cut to 3 or 4 octets, as a number. */
  tag(message: Uint8Array, octets: 3 | 4): number;
}

/** @param secret at least 16 octets, shared by every node of the set */
export function makeMac(secret: Uint8Array, purpose: Purpose): Mac {
  return macOfKey(new Uint8Array(hkdfSync('sha256', secret, new Uint8Array(0), `padzone ${purpose}`, 16)));
}

/** @param octets the key itself, 16 octets */
export function macOfKey(octets: Uint8Array): Mac {
  const words = new DataView(octets.buffer, octets.byteOffset);
  const key = Uint32Array.from([0, 4, 8, 12], (at) => words.getUint32(at, true));
  return {
    hash(message) {
      const { h, l } = siphash.hash(key, message);
      const octets = new Uint8Array(8);
      const view = new DataView(octets.buffer);
      view.setUint32(0, l, true);
      view.setUint32(4, h, true);
      return octets;
    },
    tag: (message, octets) => siphash.hash(key, message).l >>> (32 - 8 * octets),
  };
}
