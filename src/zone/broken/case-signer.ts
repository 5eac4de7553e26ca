/** Signs the RRsets of a case, wrong in the way that the case wants (RFC 4034 §3). */
import { signedOctets } from '../../dnssec/canonical.ts';
import { isWildcard } from '../../dnssec/denial.ts';
import type { SigningKey } from '../../dnssec/key.ts';
import { countLabels, type Name, nameKey, parentName } from '../../wire/name.ts';
import { dnskey } from '../../wire/rdata/dnskey.ts';
import { rrsig } from '../../wire/rdata/rrsig.ts';
import { parseType } from '../../wire/rdata/table.ts';
import { type Rrset, rrset } from '../../wire/rrset.ts';
import type { CaseFile } from './case-file.ts';
import type { CaseKeys } from './case-keys.ts';

const HOUR = 3600;
const DAY = 24 * HOUR;
/** Inception and expiration from now where the case says nothing of them. */
const VALID = [-DAY, 20 * DAY] as const;
/** Signatures are made anew so often, at the same moments on every node. */
const RENEWAL = HOUR / 4;

type Fault = Partial<CaseFile['signatures'][number]>;

export class CaseSigner {
  private readonly faults: readonly {
    readonly types: readonly number[] | undefined;
    readonly fault: Fault;
  }[];
  private readonly remembered = new Map<string, Rrset>();
  private madeAt = 0;
  private readonly keys: CaseKeys;
  private readonly apex: Name;

  constructor({ signatures }: Pick<CaseFile, 'signatures'>, keys: CaseKeys, apex: Name) {
    this.keys = keys;
    this.apex = apex;
    this.faults = signatures.map((fault) => ({ types: fault.of?.map((type) => parseType(type)!), fault }));
  }

  /**
   * The RRSIG over a set, none where the case wants it absent.
   * @param set of a fixed number of sets: each is remembered by owner and type
   */
  sign(set: Rrset, nowSeconds: number): Rrset[] {
    const fault = this.faultOf(set.type);
    if (fault.fault === 'absent') return [];
    const at = nowSeconds - (nowSeconds % RENEWAL);
    if (at !== this.madeAt) this.remembered.clear();
    this.madeAt = at;
    const key = `${set.type}/${nameKey(set.owner)}`;
    const signed = this.remembered.get(key) ?? this.make(set, fault, at);
    this.remembered.set(key, signed);
    return [signed];
  }

  private faultOf(type: number): Fault {
    const all = this.faults.filter(({ types }) => types === undefined || types.includes(type));
    return Object.assign({}, ...all.map(({ fault }) => fault));
  }

  private make(set: Rrset, fault: Fault, at: number): Rrset {
    const key = set.type === dnskey.type ? this.keys.ksk : this.keys.zsk;
    const [inception, expiration] = fault.valid ?? VALID;
    const unsigned = {
      typeCovered: set.type,
      algorithm: key.algorithm,
      // RFC 4034 §3.1.3: neither the root nor a leading * counts.
      labels: fault.labels ?? countLabels(set.owner) - (isWildcard(set.owner) ? 1 : 0),
      originalTtl: fault.ttl ?? set.ttl,
      expiration: at + expiration,
      inception: at + inception,
      keyTag: this.tagOf(fault, key),
      signerName: fault.signer === 'parent' ? parentName(this.apex) : this.apex,
    };
    const data = signedOctets(set, unsigned);
    if (fault.fault === 'other-data') data[data.length - 1]! ^= 1;
    const signature = key.sign(data);
    if (fault.fault === 'altered') signature[signature.length - 1]! ^= 1;
    return rrset(rrsig, set.owner, set.ttl, [{ ...unsigned, signature }]);
  }

  private tagOf({ tag }: Fault, key: SigningKey): number {
    return tag === 'wrong' ? this.keys.wrongTag(key) : (tag ?? key.keyTag);
  }
}
