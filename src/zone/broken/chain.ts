/** The NSEC or NSEC3 chain of a small zone, and the proofs made of it (RFC 4035 §3.1.3, RFC 5155 §7.2). */
import { compareNames } from '../../dnssec/canonical.ts';
import { coversHash, hashCost, hashName, NSEC3_SHA1 } from '../../dnssec/nsec3.ts';
import { lower, type Name, nameKey, prepend } from '../../wire/name.ts';
import { ns } from '../../wire/rdata/ns.ts';
import { nsec } from '../../wire/rdata/nsec.ts';
import { NSEC3_FLAG, type Nsec3Parameters, nsec3 } from '../../wire/rdata/nsec3.ts';
import { rrsig } from '../../wire/rdata/rrsig.ts';
import { type Rrset, rrset } from '../../wire/rrset.ts';
import { formatBase32hex } from '../base32hex.ts';

/** A name and the types that it has. */
export interface ChainName {
  readonly owner: Name;
  readonly types: readonly number[];
  /** NSEC3 passes over it, as opt-out allows for an unsigned delegation right below the apex (RFC 5155 §6). */
  readonly isLeftOut: boolean;
}

/** How names are hashed, and what the records say of it. */
export interface Nsec3Manner {
  readonly iterations: number;
  readonly salt: Uint8Array;
  /** With which names are hashed. */
  readonly hashSalt: Uint8Array;
  readonly isOptOut: boolean;
  /** Each span ends right behind its beginning, and covers no name. */
  readonly isNarrow: boolean;
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
  { iterations, salt, hashSalt, isOptOut, isNarrow }: Nsec3Manner,
): Chain {
  const manner = { iterations, salt: hashSalt };
  // Names that every proof is about; of the others, each proof hashes one.
  const known = new Map(
    names
      .flatMap(({ owner }) => [owner, wildcardOf(owner)])
      .map((name) => [nameKey(name), hashName(name, manner)] as const),
  );
  const hash = (name: Name) => known.get(nameKey(name)) ?? hashName(name, manner);
  const sorted = names
    .filter(({ isLeftOut }) => !isLeftOut)
    .map(({ owner, types }) => ({ hash: hash(owner), types }))
    .sort((one, other) => Buffer.compare(one.hash, other.hash));
  const fields = { ...nsec3Parameters(iterations, salt), flags: isOptOut ? NSEC3_FLAG.OPT_OUT : 0 };
  const links = sorted.map((link, at) => {
    const nextHash = sorted[(at + 1) % sorted.length]!.hash;
    const owner = prepend(formatBase32hex(link.hash), lower(apex));
    const shown = { nextHash: isNarrow ? following(link.hash) : nextHash, types: signedTypes(link.types) };
    const set = rrset(nsec3, owner, ttl, [{ ...fields, ...shown }]);
    return { hash: link.hash, nextHash, set };
  });
  const matching = (name: Name) => {
    const wanted = hash(name);
    return links.find((link) => Buffer.compare(link.hash, wanted) === 0)?.set;
  };
  const covering = (name: Name) => {
    const wanted = hash(name);
    return links.find((link) => coversHash(link.hash, link.nextHash, wanted))!.set;
  };
  return {
    cost: hashCost({ iterations }),
    // RFC 5155 §7.2.4: of what is left out, the closest encloser.
    noData: (name) => {
      const own = matching(name);
      return own ? [own] : distinct([matching(apex)!, covering(name)]);
    },
    noName: ({ encloser, nextCloser }) =>
      distinct([matching(encloser)!, covering(nextCloser), covering(wildcardOf(encloser))]),
    noCloser: ({ nextCloser }) => [covering(nextCloser)],
    wildcardNoData: ({ encloser, nextCloser }) =>
      distinct([matching(encloser)!, covering(nextCloser), matching(wildcardOf(encloser))!]),
  };
}

/** As NSEC3PARAM has them: without flags (RFC 5155 §4.1.2). */
export function nsec3Parameters(iterations: number, salt: Uint8Array): Nsec3Parameters {
  return { hashAlgorithm: NSEC3_SHA1, flags: 0, iterations, salt };
}

/** RFC 5155 §7.1: nothing is signed at a delegation without DS. */
function signedTypes(types: readonly number[]): number[] {
  return types.every((type) => type === ns.type) ? [...types] : [...types, rrsig.type];
}

/** The next hash that could be. */
function following(hash: Uint8Array): Uint8Array {
  const next = Uint8Array.from(hash);
  for (let at = next.length - 1; at >= 0; at--) {
    next[at] = (next[at]! + 1) & 0xff;
    if (next[at] !== 0) break;
  }
  return next;
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
