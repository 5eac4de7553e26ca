/** The NSEC or NSEC3 chain of a small zone, and the proofs made of it (RFC 4035 §3.1.3, RFC 5155 §7.2). */
import { compareNames } from '../../dnssec/canonical.ts';
import { coversHash, hashCost, hashName, NSEC3_SHA1 } from '../../dnssec/nsec3.ts';
import { lower, type Name, nameKey, prepend } from '../../wire/name.ts';
import { nsec } from '../../wire/rdata/nsec.ts';
import { NSEC3_FLAG, type Nsec3Parameters, nsec3 } from '../../wire/rdata/nsec3.ts';
import { rrsig } from '../../wire/rdata/rrsig.ts';
import { type Rrset, rrset } from '../../wire/rrset.ts';
import { formatBase32hex } from '../base32hex.ts';

/** A name and the types that it has. */
export interface ChainName {
  readonly owner: Name;
  readonly types: readonly number[];
}

/** A name that is not there: the closest name above that is, and the one below that on the way to it (RFC 5155 §1.3). */
export interface Absence {
  readonly qname: Name;
  readonly encloser: Name;
  readonly nextCloser: Name;
}

export interface Chain {
  /** Microseconds that a proof about a name that is not there takes, about. */
  readonly cost: number;
  /** The type is not at this name. */
  noData(name: Name): Rrset[];
  /** Neither the name nor a wildcard for it. */
  noName(absence: Absence): Rrset[];
  /** No closer name than the wildcard, which has the type. */
  noCloser(absence: Absence): Rrset[];
  /** No closer name than the wildcard, which lacks the type. */
  wildcardNoData(absence: Absence): Rrset[];
}

export function nsecChain(names: readonly ChainName[], ttl: number): Chain {
  const sorted = [...names].sort((one, other) => compareNames(one.owner, other.owner));
  const sets = sorted.map(({ owner, types }, at) =>
    rrset(nsec, owner, ttl, [
      { nextName: sorted[(at + 1) % sorted.length]!.owner, types: [...types, rrsig.type, nsec.type] },
    ]),
  );
  // The apex comes first and every name lies in the zone: the last one that is not behind the name either is it or covers it.
  const at = (name: Name) => sets.findLast(({ owner }) => compareNames(owner, name) <= 0)!;
  return {
    cost: 0,
    noData: (name) => [at(name)],
    noName: ({ qname, encloser }) => distinct([at(qname), at(wildcardOf(encloser))]),
    noCloser: ({ qname }) => [at(qname)],
    wildcardNoData: ({ qname, encloser }) => distinct([at(qname), at(wildcardOf(encloser))]),
  };
}

export function nsec3Chain(
  names: readonly ChainName[],
  apex: Name,
  ttl: number,
  { iterations, salt, isOptOut }: { iterations: number; salt: Uint8Array; isOptOut: boolean },
): Chain {
  // Names that every proof is about; of the others, each proof hashes one.
  const known = new Map(
    names
      .flatMap(({ owner }) => [owner, wildcardOf(owner)])
      .map((name) => [nameKey(name), hashName(name, { iterations, salt })] as const),
  );
  const hash = (name: Name) => known.get(nameKey(name)) ?? hashName(name, { iterations, salt });
  const sorted = names
    .map(({ owner, types }) => ({ hash: hash(owner), types }))
    .sort((one, other) => Buffer.compare(one.hash, other.hash));
  const fields = { ...nsec3Parameters(iterations, salt), flags: isOptOut ? NSEC3_FLAG.OPT_OUT : 0 };
  const links = sorted.map((link, at) => {
    const nextHash = sorted[(at + 1) % sorted.length]!.hash;
    const owner = prepend(formatBase32hex(link.hash), lower(apex));
    const set = rrset(nsec3, owner, ttl, [{ ...fields, nextHash, types: [...link.types, rrsig.type] }]);
    return { hash: link.hash, nextHash, set };
  });
  const matching = (name: Name) => {
    const wanted = hash(name);
    return links.find((link) => Buffer.compare(link.hash, wanted) === 0)!.set;
  };
  const covering = (name: Name) => {
    const wanted = hash(name);
    return links.find((link) => coversHash(link.hash, link.nextHash, wanted))!.set;
  };
  return {
    cost: hashCost({ iterations }),
    noData: (name) => [matching(name)],
    noName: ({ encloser, nextCloser }) =>
      distinct([matching(encloser), covering(nextCloser), covering(wildcardOf(encloser))]),
    noCloser: ({ nextCloser }) => [covering(nextCloser)],
    wildcardNoData: ({ encloser, nextCloser }) =>
      distinct([matching(encloser), covering(nextCloser), matching(wildcardOf(encloser))]),
  };
}

/** As NSEC3PARAM has them: without flags (RFC 5155 §4.1.2). */
export function nsec3Parameters(iterations: number, salt: Uint8Array): Nsec3Parameters {
  return { hashAlgorithm: NSEC3_SHA1, flags: 0, iterations, salt };
}

/** A chain that proves nothing, whatever is asked. */
export function chainOf(sets: readonly Rrset[]): Chain {
  const always = () => [...sets];
  return { cost: 0, noData: always, noName: always, noCloser: always, wildcardNoData: always };
}

export function wildcardOf(encloser: Name): Name {
  return prepend('*', encloser);
}

function distinct(sets: readonly Rrset[]): Rrset[] {
  return [...new Map(sets.map((set) => [nameKey(set.owner), set])).values()];
}
