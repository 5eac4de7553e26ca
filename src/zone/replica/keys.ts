/** Keys of replicas: a pool that all replicas below one zone share, since RSA keys take long to find (RFC 4034 §2, RFC 5011 §2.1). */
import { type DerivedChoice, deriveKeys, revoked } from '../../dnssec/derive.ts';
import { dsDigest } from '../../dnssec/digest.ts';
import type { SigningKey } from '../../dnssec/key.ts';
import { BACKDATE_SECONDS, Signer, VALIDITY_SECONDS } from '../../dnssec/signer.ts';
import type { Name } from '../../wire/name.ts';
import type { Ds } from '../../wire/rdata/ds.ts';
import type { ReplicaKey } from './composition.ts';

/** The keys in force, in the order of the composition. */
export type KeySet = readonly { readonly key: SigningKey; readonly of: ReplicaKey }[];

/**
 * Derives the keys of a solved composition: equal ones for every zone that gets the same `pool`.
 * Takes tens of milliseconds for each RSA key that this thread has not derived before.
 * @param pool a zone's name in lower case with final dot
 */
export function replicaKeys(secret: Uint8Array, pool: string, keys: readonly ReplicaKey[]): KeySet {
  const choices = keys.map(
    ({ role, isKsk, algorithm, modulus }): DerivedChoice => ({
      zone: pool,
      algorithm,
      flags: isKsk ? 257 : 256,
      purpose: `replica-${role}`,
      ...(modulus > 0 && { bits: modulus * 8 }),
    }),
  );
  return deriveKeys(secret, choices).map((key, index) => ({
    key: keys[index]!.isRevoked ? revoked(key) : key,
    of: keys[index]!,
  }));
}

/** @param zone lower case, final dot */
export function replicaSigner(apex: Name, zone: string, set: KeySet): Signer {
  const named = set.map(({ key, of }) => ({ key: { ...key, zone }, of }));
  return new Signer(
    apex,
    named.map(({ key }) => key),
    {
      ofKeys: named.filter(({ of }) => of.signsKeys).map(({ key }) => key),
      ofData: dataSigners(named).map(({ key }) => key),
      backdate: BACKDATE_SECONDS,
      validity: VALIDITY_SECONDS,
    },
  );
}

/** RFC 6840 §5.11: data is signed with each algorithm of the DNSKEY RRset: by its oldest ZSK, or its KSK where it has none. */
function dataSigners(set: KeySet): KeySet {
  const algorithms = [...new Set(set.map(({ of }) => of.algorithm))];
  return algorithms.map((algorithm) => {
    const usable = set.filter(({ of }) => of.algorithm === algorithm && !of.isRevoked);
    return usable.find(({ of }) => !of.isKsk) ?? usable[0]!;
  });
}

/** DS data of the KSKs that are not revoked, SHA-256 (RFC 4509). */
export function replicaDs(apex: Name, set: KeySet): Ds[] {
  return set
    .filter(({ of }) => of.isKsk && !of.isRevoked)
    .map(({ key: { keyTag, algorithm, rdata } }) => ({
      keyTag,
      algorithm,
      digestType: 2,
      digest: dsDigest(2, apex, rdata),
    }));
}
