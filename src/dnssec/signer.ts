/** Signs the RRsets of one zone and remembers signatures that can serve again (RFC 4035 §2.2, RFC 4034 §3). */
import { countLabels, lower, type Name } from '../wire/name.ts';
import { cdnskey } from '../wire/rdata/cdnskey.ts';
import { cds } from '../wire/rdata/cds.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { type Rrsig, rrsig } from '../wire/rdata/rrsig.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
import { signedOctets } from './canonical.ts';
import type { SigningKey } from './key.ts';

/** What may be wrong with a signature on purpose. `nosig`: there is none. */
export type SignatureFault = 'badsig' | 'expired' | 'nosig';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Inception lies this far back, for resolvers whose clock is slow. */
export const BACKDATE_SECONDS = HOUR;
export const VALIDITY_SECONDS = 14 * DAY;
/** Signature lifetimes are spread over this span by owner, so that they do not all end at once. */
const JITTER = 2 * DAY;
/** How long ago an expired signature expired: Unbound forgives up to a day (val-sig-skew-max). */
const EXPIRED = 7 * DAY;
/** A remembered signature is made anew after this long. */
const RENEWAL = DAY;
/** Bound of the memory for signatures, entries. */
const MAX_REMEMBERED = 20_000;
/** The same for a zone that was made for whoever asked: there may be thousands of them. */
const MAX_REMEMBERED_MADE = 32;

const USUAL = { backdate: BACKDATE_SECONDS, validity: VALIDITY_SECONDS };

/** Types at the apex that the KSK signs (RFC 4035 §2.2, RFC 7344 §4.1). */
const KEY_TYPES: readonly number[] = [dnskey.type, cds.type, cdnskey.type];

/** Which of the keys of a zone do what, where the SEP bit alone does not say. */
export interface Roles {
  /** Sign DNSKEY, CDS and CDNSKEY. */
  readonly ofKeys: readonly SigningKey[];
  /** Sign everything else. */
  readonly ofData: readonly SigningKey[];
  /** How far back inception lies, seconds. */
  readonly backdate: number;
  /** Seconds that a signature is valid from now. */
  readonly validity: number;
}

export class Signer {
  readonly apex: Name;
  /** Those of the DNSKEY RRset, in its order. */
  readonly keys: readonly SigningKey[];
  private readonly roles: Roles | undefined;
  private readonly remembered = new Map<string, { until: number; set: Rrset }>();

  /** @param keys of this zone, at least one. KSKs sign the key types and ZSKs the rest, a CSK both, unless `roles` says otherwise. */
  constructor(apex: Name, keys: readonly SigningKey[], roles?: Roles) {
    this.apex = apex;
    this.keys = keys;
    this.roles = roles;
  }

  /** Keys that sign an RRset of this type. */
  keysFor(type: number): readonly SigningKey[] {
    const { roles } = this;
    if (roles) return KEY_TYPES.includes(type) ? roles.ofKeys : roles.ofData;
    const wanted = this.keys.filter((key) => key.isKsk === KEY_TYPES.includes(type));
    return wanted.length > 0 ? wanted : this.keys;
  }

  /** Microseconds that signing an RRset of this type takes, about. */
  costOf(type: number): number {
    return this.keysFor(type).reduce((sum, key) => sum + key.costMicroseconds, 0);
  }

  /** RRSIGs of the size that `sign` will give, signature octets zero: for sizing before the name to sign is known. */
  placeholder(set: Rrset): Rrset {
    const rdatas = this.keysFor(set.type).map((key) => ({
      ...this.unsigned(set, key, 0, 0),
      signature: new Uint8Array(key.signatureOctets),
    }));
    return rrset(rrsig, set.owner, set.ttl, rdatas);
  }

  /**
   * The RRSIGs over `set`.
   * @param nowSeconds seconds since the epoch
   * @param reuse a name under which the signature may be remembered; the caller vouches that equal names mean equal RRsets
   */
  sign(set: Rrset, nowSeconds: number, fault?: SignatureFault, reuse?: string): Rrset {
    if (reuse === undefined || fault !== undefined) return this.make(set, nowSeconds, fault);
    const key = memoryKey(set, reuse);
    const kept = this.recall(key, nowSeconds);
    if (kept) return { ...kept, owner: set.owner };
    const made = this.make(set, nowSeconds);
    if (this.remembered.size >= (this.roles ? MAX_REMEMBERED_MADE : MAX_REMEMBERED))
      this.remembered.delete(this.remembered.keys().next().value!);
    this.remembered.set(key, { until: nowSeconds + RENEWAL, set: made });
    return made;
  }

  /** Whether `sign` with these has nothing to compute. */
  remembers(set: Rrset, nowSeconds: number, reuse: string): boolean {
    return this.recall(memoryKey(set, reuse), nowSeconds) !== undefined;
  }

  private recall(key: string, nowSeconds: number): Rrset | undefined {
    const kept = this.remembered.get(key);
    return kept && nowSeconds < kept.until && nowSeconds >= kept.until - RENEWAL ? kept.set : undefined;
  }

  private make(set: Rrset, nowSeconds: number, fault?: SignatureFault): Rrset {
    const owner = lower(set.owner);
    const jitter = spread(owner, 0, owner.length);
    const shift = fault === 'expired' ? -(VALIDITY_SECONDS + EXPIRED + jitter) : 0;
    const { backdate, validity } = this.roles ?? USUAL;
    const inception = nowSeconds - backdate + shift;
    const expiration = nowSeconds + validity + jitter + shift;
    const rdatas = this.keysFor(set.type).map((key) => {
      const unsigned = this.unsigned(set, key, inception, expiration);
      const signature = key.sign(signedOctets(set, unsigned));
      if (fault === 'badsig') signature[signature.length - 1]! ^= 1;
      return { ...unsigned, signature };
    });
    return rrset(rrsig, set.owner, set.ttl, rdatas);
  }

  private unsigned(
    set: Rrset,
    key: SigningKey,
    inception: number,
    expiration: number,
  ): Omit<Rrsig, 'signature'> {
    return {
      typeCovered: set.type,
      algorithm: key.algorithm,
      // RFC 9824 §3, RFC 4034 §3.1.3: every name is signed as itself, so no wildcard can be made of it.
      labels: countLabels(set.owner),
      originalTtl: set.ttl,
      expiration,
      inception,
      keyTag: key.keyTag,
      signerName: this.apex,
    };
  }
}

function memoryKey({ type, ttl }: Rrset, reuse: string): string {
  return `${reuse}/${type}/${ttl}`;
}

/** Seconds by which the lifetime of an owner's signatures is longer (FNV-1a: spreads, needs no strength). @param owner in lower case */
export function spread(owner: Uint8Array, from: number, length: number): number {
  let value = 0x811c9dc5;
  for (let at = from; at < from + length; at++) value = Math.imul(value ^ owner[at]!, 0x0100_0193);
  return (value >>> 0) % JITTER;
}
