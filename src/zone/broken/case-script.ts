/** What the zone of a case says: a few records, their signatures, and denials of all else (RFC 4035 §3.1, RFC 5155 §7.2). */
import { RCODE } from '../../wire/header.ts';
import { isWithin, lower, type Name, nameKey, parentName, prepend, sameName } from '../../wire/name.ts';
import { a } from '../../wire/rdata/a.ts';
import { aaaa } from '../../wire/rdata/aaaa.ts';
import { cname } from '../../wire/rdata/cname.ts';
import { dnskey } from '../../wire/rdata/dnskey.ts';
import { ds } from '../../wire/rdata/ds.ts';
import { nsec } from '../../wire/rdata/nsec.ts';
import { nsec3param } from '../../wire/rdata/nsec3param.ts';
import { rrsig } from '../../wire/rdata/rrsig.ts';
import { QTYPES } from '../../wire/rdata/table.ts';
import { type Rrset, rrset } from '../../wire/rrset.ts';
import type { Script, ScriptQuestion, Statement } from '../made.ts';
import type { CaseFile } from './case-file.ts';
import type { CaseKeys } from './case-keys.ts';
import { CaseSigner } from './case-signer.ts';
import {
  type Absence,
  type Chain,
  type ChainName,
  chainOf,
  nsec3Chain,
  nsec3Parameters,
  nsecChain,
  wildcardOf,
} from './chain.ts';

/** Of all records but NS, seconds. */
export const CASE_TTL = 3;
const HOST = 'www';
/** RFC 5737, RFC 3849. */
const IPV4 = Uint8Array.of(192, 0, 2, 53);
const IPV6 = Uint8Array.of(0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 53);
/** EDNS option of a query on behalf of a subnet (RFC 7871 §6). */
const CLIENT_SUBNET = 8;

interface Apex {
  readonly name: Name;
  readonly soa: Rrset;
  readonly ns: Rrset;
}

/** What stands at a name: sets of its own, those of the wildcard, or nothing. */
type Found =
  | { readonly kind: 'name'; readonly sets: readonly Rrset[] }
  | { readonly kind: 'wildcard'; readonly sets: readonly Rrset[]; readonly absence: Absence }
  | { readonly kind: 'none'; readonly absence: Absence };

export class CaseScript implements Script {
  private readonly file: CaseFile;
  private readonly apex: Apex;
  /** NS of the zone that is cut out. */
  private readonly cut: Rrset | undefined;
  private readonly names: ReadonlyMap<string, readonly Rrset[]>;
  private readonly chain: Chain;
  private readonly signer: CaseSigner | undefined;

  constructor(file: CaseFile, apex: Apex, keys: CaseKeys | undefined, cut: Rrset | undefined) {
    this.file = file;
    this.apex = apex;
    this.cut = cut;
    this.names = byOwner([...zoneSets(file, apex, keys), ...(cut ? [cut] : [])]);
    const names = [...this.names.values()].map((sets) =>
      chainName(sets, file.delegation === 'left-out' && sets[0] === cut),
    );
    this.chain = makeChain(file, apex.name, names);
    this.signer = keys && new CaseSigner(file, keys, apex.name);
  }

  answer(question: ScriptQuestion): Statement {
    return this.failure(question) ?? this.spoken(question);
  }

  cost(question: ScriptQuestion): number {
    const isThere = this.names.has(nameKey(question.qname));
    return isThere || !this.wantsProof(question) ? 0 : this.chain.cost;
  }

  private wantsProof({ dnssecOk }: ScriptQuestion): boolean {
    return dnssecOk && this.file.transport !== 'do-ignored';
  }

  private failure({ qtype, options }: ScriptQuestion): Statement | undefined {
    const { transport } = this.file;
    if (transport === 'ecs-formerr' && options.includes(CLIENT_SUBNET)) return said(RCODE.FORMERR);
    if (qtype !== dnskey.type) return undefined;
    if (transport === 'servfail') return said(RCODE.SERVFAIL);
    return transport === 'tcp-silent'
      ? { ...said(RCODE.NOERROR), truncated: true, silent: 'tcp' }
      : undefined;
  }

  private spoken(question: ScriptQuestion): Statement {
    const { qname, qtype, nowSeconds } = question;
    const wantsProof = this.wantsProof(question);
    const signed = (sets: readonly Rrset[], owner?: Name) =>
      sets.flatMap((set) => this.signed(set, nowSeconds, wantsProof, owner));
    if (this.cut && isBelowCut(question, this.cut.owner)) {
      const proof = wantsProof ? this.chain.noData(lower(this.cut.owner)) : [];
      return { ...said(RCODE.NOERROR, [], [this.cut, ...signed(proof)]), referral: true };
    }
    const found = this.find(qname);
    if (found.kind === 'none') {
      const proof = wantsProof ? this.chain.noName(found.absence) : [];
      return said(RCODE.NXDOMAIN, [], signed([this.apex.soa, ...proof]));
    }
    const answer = this.ofType(found.sets, qtype, nowSeconds);
    if (answer.length === 0)
      return said(RCODE.NOERROR, [], signed([this.apex.soa, ...this.noData(found, qname, wantsProof)]));
    if (qtype === rrsig.type)
      return said(
        RCODE.NOERROR,
        answer.map((set) => ({ ...set, owner: qname })),
      );
    const proof = found.kind === 'wildcard' && wantsProof ? this.chain.noCloser(found.absence) : [];
    return said(RCODE.NOERROR, signed(answer, qname), signed(proof));
  }

  /** The set, at `owner` where it comes from a wildcard, and its signature. */
  private signed(set: Rrset, nowSeconds: number, wantsProof: boolean, owner = set.owner): Rrset[] {
    const signatures = wantsProof ? (this.signer?.sign(set, nowSeconds) ?? []) : [];
    return [set, ...signatures].map((one) => ({ ...one, owner }));
  }

  private ofType(sets: readonly Rrset[], qtype: number, nowSeconds: number): readonly Rrset[] {
    // RFC 8482 §4.1: one of the sets.
    if (qtype === QTYPES.ANY) return sets.slice(0, 1);
    if (qtype === rrsig.type) return sets.flatMap((set) => this.signer?.sign(set, nowSeconds) ?? []);
    if (qtype === nsec.type && this.signer)
      return this.chain.noData(sets[0]!.owner).filter(({ type }) => type === qtype);
    return sets.filter(({ type }) => type === qtype || type === cname.type);
  }

  private noData(found: Exclude<Found, { kind: 'none' }>, qname: Name, wantsProof: boolean): Rrset[] {
    if (!wantsProof) return [];
    return found.kind === 'name' ? this.chain.noData(lower(qname)) : this.chain.wildcardNoData(found.absence);
  }

  private find(qname: Name): Found {
    const sets = this.names.get(nameKey(qname));
    if (sets) return { kind: 'name', sets };
    let nextCloser = qname;
    while (!this.names.has(nameKey(parentName(nextCloser)))) nextCloser = parentName(nextCloser);
    const encloser = lower(parentName(nextCloser));
    const absence = { qname: lower(qname), encloser, nextCloser: lower(nextCloser) };
    const wild = this.names.get(nameKey(wildcardOf(encloser)));
    return wild ? { kind: 'wildcard', sets: wild, absence } : { kind: 'none', absence };
  }
}

/** All but DS of the zone that is cut out is its own to say (RFC 4035 §3.1.4.1). */
function isBelowCut({ qname, qtype }: ScriptQuestion, cut: Name): boolean {
  return isWithin(qname, cut) && !(qtype === ds.type && sameName(qname, cut));
}

function said(rcode: number, answer: readonly Rrset[] = [], authority: readonly Rrset[] = []): Statement {
  return { rcode, answer, authority, additional: [] };
}

function zoneSets(file: CaseFile, { name, soa, ns }: Apex, keys: CaseKeys | undefined): Rrset[] {
  const published = keys?.published ?? [];
  const keySets = published.length > 0 ? [rrset(dnskey, name, CASE_TTL, published)] : [];
  const parameters = file.nsec3 ? [rrset(nsec3param, name, CASE_TTL, [parametersOf(file.nsec3)])] : [];
  return [soa, ns, ...keySets, ...parameters, ...hostSets(file, name)];
}

function byOwner(sets: readonly Rrset[]): Map<string, Rrset[]> {
  const names = new Map<string, Rrset[]>();
  for (const set of sets) {
    const key = nameKey(set.owner);
    names.set(key, [...(names.get(key) ?? []), set]);
  }
  return names;
}

function hostSets({ cname: target, wildcard }: CaseFile, apex: Name): Rrset[] {
  const owner = prepend(wildcard ? '*' : HOST, apex);
  if (target !== undefined)
    return [rrset(cname, owner, CASE_TTL, [{ target: prepend(HOST, prepend(target, parentName(apex))) }])];
  return [rrset(a, owner, CASE_TTL, [{ address: IPV4 }]), rrset(aaaa, owner, CASE_TTL, [{ address: IPV6 }])];
}

function makeChain({ signed, nsec: kind, nsec3 }: CaseFile, apex: Name, names: readonly ChainName[]): Chain {
  if (!signed || kind === 'missing') return chainOf([]);
  if (kind === 'wrong')
    return chainOf([
      rrset(nsec, prepend('aaa', apex), CASE_TTL, [
        { nextName: prepend('aab', apex), types: [a.type, rrsig.type, nsec.type] },
      ]),
    ]);
  if (!nsec3) return nsecChain(names, CASE_TTL);
  const { iterations, salt, hashed = salt, optout: isOptOut, narrow: isNarrow } = nsec3;
  const salts = { salt: octetsOf(salt), hashSalt: octetsOf(hashed) };
  return nsec3Chain(names, apex, CASE_TTL, { iterations, ...salts, isOptOut, isNarrow });
}

function parametersOf({ iterations, salt, parameter = salt }: NonNullable<CaseFile['nsec3']>) {
  return nsec3Parameters(iterations, octetsOf(parameter));
}

function octetsOf(hex: string): Uint8Array {
  return Uint8Array.from(Buffer.from(hex, 'hex'));
}

function chainName(sets: readonly Rrset[], isLeftOut: boolean): ChainName {
  return { owner: lower(sets[0]!.owner), types: sets.map(({ type }) => type), isLeftOut };
}
