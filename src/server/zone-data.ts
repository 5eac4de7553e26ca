/** Answers out of zone data: records, referrals and denials (RFC 1034 §4.3.2, RFC 4035 §3.1, RFC 9824 §3). */
import { denialNsec, isWildcard, NXNAME_TYPES, successor, wildcardDenial } from '../dnssec/denial.ts';
import type { ExtendedError } from '../wire/edns-option.ts';
import { RCODE } from '../wire/header.ts';
import { isWithin, latin1, lower, type Name, nameKey } from '../wire/name.ts';
import { cname } from '../wire/rdata/cname.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { ds } from '../wire/rdata/ds.ts';
import { hinfo } from '../wire/rdata/hinfo.ts';
import { ns } from '../wire/rdata/ns.ts';
import { nsec } from '../wire/rdata/nsec.ts';
import { rrsig } from '../wire/rdata/rrsig.ts';
import type { soa } from '../wire/rdata/soa.ts';
import { QTYPES } from '../wire/rdata/table.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
import type { Zone } from '../zone/zone.ts';
import { bare, type Draft, type Entry, entry, unsignedEntry } from './draft.ts';

/** What a query wants to know of DNSSEC. */
export interface Wishes {
  readonly dnssecOk: boolean;
  readonly compactOk: boolean;
  readonly nowSeconds: number;
}

const ANY_TTL = 3600;

/** QTYPEs that are not answered with the CNAME at a name. */
export const BESIDE_CNAME: readonly number[] = [nsec.type, rrsig.type, QTYPES.ANY];

/** RFC 8482 §4.2. */
function minimalAny(owner: Name): Rrset {
  return rrset(hinfo, owner, ANY_TTL, [{ cpu: latin1('RFC8482'), os: new Uint8Array(0) }]);
}

/** Records at a name: the set asked for, or what ANY, NSEC and RRSIG get, or NODATA. `stable`: equal at every query. */
export function answerFrom(
  zone: Zone,
  qname: Name,
  qtype: number,
  sets: readonly Rrset[],
  wishes: Wishes,
  stable: boolean,
): Draft {
  const reuse = stable ? nameKey(qname) : undefined;
  // Not remembered with the name's own records: it may have HINFO.
  const minimal = entry(minimalAny(qname), reuse && `any ${reuse}`);
  const alias = sets.find(({ type, rdatas }) => type === cname.type && rdatas.length > 0);
  // RFC 8482 §4.2: HINFO only where there is no CNAME.
  if (qtype === QTYPES.ANY)
    return positive(zone, [alias ? entry({ ...alias, owner: qname }, reuse) : minimal]);
  const wanted =
    sets.find(({ type }) => type === qtype) ?? (BESIDE_CNAME.includes(qtype) ? undefined : alias);
  if (wanted) return positive(zone, [entry({ ...wanted, owner: qname }, reuse)]);
  if (zone.signer && qtype === nsec.type) return positive(zone, [entry(nameNsec(zone, qname, sets), reuse)]);
  if (zone.signer && qtype === rrsig.type) {
    const covered = sets.find(({ rdatas }) => rdatas.length > 0);
    const signed = covered ? entry({ ...covered, owner: qname }, reuse) : minimal;
    return positive(zone, [{ ...signed, signatureOnly: true }]);
  }
  return noData(zone, qname, sets, wishes, reuse);
}

/** NOERROR without the type: SOA, and the NSEC that lists what there is (RFC 9824 §3.2). */
export function noData(
  zone: Zone,
  qname: Name,
  sets: readonly Rrset[],
  wishes: Wishes,
  reuse?: string,
): Draft {
  const proof = zone.signer && wishes.dnssecOk ? [entry(nameNsec(zone, qname, sets), reuse)] : [];
  return negative(zone, RCODE.NOERROR, proof);
}

/** The name does not exist. With DNSSEC the RCODE is NOERROR unless the query has CO set (RFC 9824 §3.1, §5.1). */
export function noName(zone: Zone, qname: Name, wishes: Wishes, error?: ExtendedError): Draft {
  if (!zone.signer || !wishes.dnssecOk) return { ...negative(zone, RCODE.NXDOMAIN, []), error };
  if (isWildcard(qname))
    return { ...negative(zone, RCODE.NXDOMAIN, [entry(wildcardDenial(qname, negativeTtl(zone)))]), error };
  const proof = rrset(nsec, qname, negativeTtl(zone), [
    { nextName: successor(qname, zone.apex), types: NXNAME_TYPES },
  ]);
  return { ...negative(zone, wishes.compactOk ? RCODE.NXDOMAIN : RCODE.NOERROR, [entry(proof)]), error };
}

/** DS at the parent's side of a cut, or the proof that there is none (RFC 4035 §3.1.4.1). */
export function answerDs(zone: Zone, qname: Name, child: Zone, wishes: Wishes): Draft {
  const draft = child.ds
    ? positive(zone, [entry({ ...child.ds, owner: qname }, nameKey(qname))])
    : negative(zone, RCODE.NOERROR, noDs(zone, child, wishes));
  return { ...draft, class: 'infrastructure' };
}

/** Referral to a child that this address does not serve: NS, its DS or their denial, and glue (RFC 4035 §3.1.4). */
export function refer(zone: Zone, child: Zone, wishes: Wishes): Draft {
  const proof =
    child.ds && wishes.dnssecOk && zone.signer
      ? [entry(child.ds, nameKey(child.apex))]
      : noDs(zone, child, wishes);
  const hosts = (child.ns.rdatas as readonly { nsdname: Name }[]).filter(({ nsdname }) =>
    isWithin(nsdname, zone.apex),
  );
  const glue = hosts.flatMap(({ nsdname }) => [...(zone.names.get(nameKey(nsdname))?.values() ?? [])]);
  return {
    ...bare(RCODE.NOERROR, undefined, zone),
    authority: [unsignedEntry(child.ns), ...proof],
    additional: glue.map(unsignedEntry),
  };
}

/** Every name is signed as itself: NSEC from this name to the next possible one. */
function nameNsec(zone: Zone, qname: Name, sets: readonly Rrset[]): Rrset {
  return denialNsec(
    lower(qname),
    sets.map(({ type }) => type),
    negativeTtl(zone),
    'name',
    zone.apex,
  );
}

function noDs(zone: Zone, child: Zone, wishes: Wishes): Entry[] {
  if (!zone.signer || !wishes.dnssecOk) return [];
  return [
    entry(
      denialNsec(child.apex, [ns.type], negativeTtl(zone), 'cut', zone.apex),
      `cut ${nameKey(child.apex)}`,
    ),
  ];
}

/** NOERROR with records, or room for those that are made when the size is known. */
export function positive(zone: Zone, answer: readonly Entry[]): Draft {
  const infrastructure = answer.some(({ set }) => set.type === dnskey.type || set.type === ds.type);
  return {
    ...bare(RCODE.NOERROR, undefined, zone),
    authoritative: true,
    answer,
    class: infrastructure ? 'infrastructure' : 'other',
  };
}

function negative(zone: Zone, rcode: number, proof: readonly Entry[]): Draft {
  const ttl = negativeTtl(zone);
  const start = entry({ ...zone.soa, ttl }, nameKey(zone.apex));
  return {
    ...bare(rcode, undefined, zone),
    authoritative: true,
    authority: [start, ...proof],
    class: 'infrastructure',
  };
}

/** RFC 2308 §5, RFC 9077 §3: the lesser of the SOA's TTL and its minimum, for NSEC too. */
function negativeTtl({ soa: set }: Zone): number {
  return Math.min(set.ttl, (set.rdatas[0] as ReturnType<typeof soa.decode>).minimum);
}
