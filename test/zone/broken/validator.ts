/** A strict validator for the zones of the cases: what RFC 4035 §5 makes of what they say, and why. It shares no code with their signer. */
import { createHash, createPublicKey, verify as cryptoVerify } from 'node:crypto';
import { findAlgorithm } from '../../../src/dnssec/algorithm.ts';
import { signedOctets } from '../../../src/dnssec/canonical.ts';
import { keyTag } from '../../../src/dnssec/key.ts';
import { hashName } from '../../../src/dnssec/nsec3.ts';
import { RCODE } from '../../../src/wire/header.ts';
import {
  countLabels,
  formatName,
  labels,
  lower,
  type Name,
  parentName,
  parseName,
  prepend,
  sameName,
} from '../../../src/wire/name.ts';
import type { Cname } from '../../../src/wire/rdata/cname.ts';
import { type Dnskey, dnskey } from '../../../src/wire/rdata/dnskey.ts';
import type { Ds } from '../../../src/wire/rdata/ds.ts';
import { ns } from '../../../src/wire/rdata/ns.ts';
import type { Nsec } from '../../../src/wire/rdata/nsec.ts';
import type { Nsec3 } from '../../../src/wire/rdata/nsec3.ts';
import { type Rrsig, rrsig } from '../../../src/wire/rdata/rrsig.ts';
import { parseType, typeText } from '../../../src/wire/rdata/table.ts';
import type { Rrset } from '../../../src/wire/rrset.ts';
import { Writer } from '../../../src/wire/writer.ts';
import { formatBase32hex } from '../../../src/zone/base32hex.ts';
import type { Statement } from '../../../src/zone/made.ts';
import type { Zone } from '../../../src/zone/zone.ts';

const NODE_DIGESTS: Readonly<Record<number, string>> = { 5: 'sha1', 7: 'sha1', 8: 'sha256', 10: 'sha512' };
const KNOWN = [5, 7, 8, 10, 13, 14, 15, 16];
const DIGESTS: Readonly<Record<number, string>> = { 1: 'sha1', 2: 'sha256', 4: 'sha384' };
/** RFC 9276 §3.2 lets it be less; this is what most take. */
const MOST_ITERATIONS = 150;

class Bogus extends Error {}
class Fails extends Error {}
class Insecure extends Error {}

interface Key extends Dnskey {
  readonly tag: number;
  readonly rdata: Uint8Array;
}

/** `secure`, or `bogus: A: expired` and so on. */
export function validate(
  zoneOf: (label: string) => Zone,
  label: string,
  asked: { name: string; type: string },
  now: number,
): string {
  const zone = zoneOf(label);
  try {
    const keys = trustedKeys(zone, now);
    const qname = parseName(`${asked.name}.${formatName(zone.apex)}`);
    const said = ask(zone, qname, asked.type, now);
    const [answer] = said.answer;
    if (said.referral) checkReferral(said, zone, keys, now);
    else if (said.rcode === RCODE.NXDOMAIN) checkNoName(said, zone, keys, qname, now);
    else if (answer === undefined) checkNoData(said, zone, keys, qname, parseType(asked.type)!, now);
    else checkSet(answer, said.answer, said, zone, keys, now);
    if (answer === undefined || answer.type !== parseType('CNAME')) return 'secure';
    const target = labels((answer.rdatas[0] as Cname).target)[1]!;
    return validate(zoneOf, Buffer.from(target).toString('latin1'), asked, now);
  } catch (error) {
    if (error instanceof Insecure) return `insecure: ${error.message}`;
    if (error instanceof Bogus) return `bogus: ${error.message}`;
    if (error instanceof Fails) return `fails: ${error.message}`;
    throw error;
  }
}

export function ask(
  { script }: Zone,
  qname: Name,
  type: string,
  nowSeconds: number,
  transport: 'udp' | 'tcp' = 'udp',
): Statement {
  return script!.answer({
    qname,
    qtype: parseType(type)!,
    dnssecOk: true,
    options: [],
    transport,
    nowSeconds,
  });
}

function trustedKeys(zone: Zone, now: number): Key[] {
  const listed = (zone.ds?.rdatas ?? []) as readonly Ds[];
  if (listed.length === 0) throw new Insecure('no DS');
  const usable = listed.filter(
    ({ algorithm, digestType }) => KNOWN.includes(algorithm) && digestType in DIGESTS,
  );
  if (usable.length === 0) throw new Insecure('no DS that is supported');
  // RFC 4509 §3: SHA-1 counts only alone.
  const best = usable.some(({ digestType }) => digestType > 1)
    ? usable.filter(({ digestType }) => digestType > 1)
    : usable;
  let said = ask(zone, zone.apex, 'DNSKEY', now);
  if (said.truncated) said = ask(zone, zone.apex, 'DNSKEY', now, 'tcp');
  if (said.rcode !== 0) throw new Fails(`DNSKEY: RCODE ${said.rcode}`);
  if (said.silent === 'tcp') throw new Fails('DNSKEY: truncated, and nothing over TCP');
  const set = said.answer.find(({ type }) => type === dnskey.type);
  if (set === undefined) throw new Bogus('no DNSKEY');
  const keys = (set.rdatas as readonly Dnskey[]).map(withTag);
  const anchored = keys.filter((key) => best.some((one) => isOf(one, key, zone.apex)));
  if (anchored.length === 0) throw new Bogus('no DNSKEY for any DS');
  checkSignature(set, said.answer, zone, anchored, now);
  return keys;
}

function isOf(one: Ds, key: Key, apex: Name): boolean {
  const digest = createHash(DIGESTS[one.digestType]!).update(lower(apex)).update(key.rdata).digest();
  return one.keyTag === key.tag && one.algorithm === key.algorithm && digest.equals(one.digest);
}

function withTag(key: Dnskey): Key {
  const writer = new Writer('canonical');
  dnskey.encode(writer, key);
  const rdata = writer.finish();
  return { ...key, rdata, tag: keyTag(rdata) };
}

/** A set of the answer: its signature and, where that has fewer labels than the owner, that no closer name is there. */
function checkSet(
  set: Rrset,
  section: readonly Rrset[],
  said: Statement,
  zone: Zone,
  keys: readonly Key[],
  now: number,
): void {
  const signature = checkSignature(set, section, zone, keys, now);
  if (signature.labels === countLabels(set.owner)) return;
  for (const proof of proofsIn(said, zone, keys, now))
    if (proof.type === parseType('NSEC') && isBetween(proof, set.owner)) return;
  throw new Bogus(`${typeText(set.type)}: nothing denies a closer name`);
}

function checkNoData(
  said: Statement,
  zone: Zone,
  keys: readonly Key[],
  qname: Name,
  qtype: number,
  now: number,
): void {
  const proofs = proofsIn(said, zone, keys, now);
  if (proofs.length === 0) throw new Bogus('nothing denies the type');
  for (const proof of proofs) {
    const { types } = proof.rdatas[0] as { types: readonly number[] };
    if (types.includes(qtype)) continue;
    if (proof.type === parseType('NSEC') && sameName(proof.owner, qname)) return;
    if (proof.type !== parseType('NSEC3')) continue;
    const rdata = proof.rdatas[0] as Nsec3;
    if (rdata.iterations > MOST_ITERATIONS) throw new Insecure(`${rdata.iterations} iterations`);
    if (matches(proof, qname, zone.apex)) return;
  }
  throw new Bogus('what is there does not deny the type');
}

/** RFC 5155 §8.4, §9.2. */
function checkNoName(said: Statement, zone: Zone, keys: readonly Key[], qname: Name, now: number): void {
  const proofs = proofsIn(said, zone, keys, now);
  const { encloser, isOptOut } = closestEncloser(proofs, zone.apex, qname);
  if (!proofs.some((proof) => covers(proof, prepend('*', encloser), zone.apex)))
    throw new Bogus('nothing denies the wildcard');
  if (isOptOut) throw new Insecure('the name lies in an opt-out span');
}

/** RFC 5155 §8.9. @throws {Insecure} where all is right: no referral of a case has a DS */
function checkReferral(said: Statement, zone: Zone, keys: readonly Key[], now: number): never {
  const cut = said.authority.find(({ type }) => type === ns.type)!.owner;
  const proofs = proofsIn(said, zone, keys, now);
  const own = proofs.find((proof) => matches(proof, cut, zone.apex));
  if (own !== undefined) {
    const { types } = own.rdatas[0] as Nsec3;
    if (types.includes(ns.type) && !types.includes(parseType('DS')!) && !types.includes(parseType('SOA')!))
      throw new Insecure('no DS at the delegation');
    throw new Bogus('NSEC3 denies no DS of a delegation');
  }
  if (closestEncloser(proofs, zone.apex, cut).isOptOut)
    throw new Insecure('the delegation lies in an opt-out span');
  throw new Bogus('the delegation lies in a span without opt-out');
}

/** RFC 5155 §8.3. */
function closestEncloser(
  proofs: readonly Rrset[],
  apex: Name,
  qname: Name,
): { encloser: Name; isOptOut: boolean } {
  let nextCloser = qname;
  while (nextCloser.length > apex.length) {
    const encloser = parentName(nextCloser);
    if (proofs.some((proof) => matches(proof, encloser, apex))) {
      const covering = proofs.find((proof) => covers(proof, nextCloser, apex));
      if (covering === undefined) throw new Bogus('nothing denies the next closer name');
      return { encloser, isOptOut: (covering.rdatas[0] as Nsec3).flags === 1 };
    }
    nextCloser = encloser;
  }
  throw new Bogus('nothing proves a closest encloser');
}

function matches({ owner, rdatas }: Rrset, name: Name, apex: Name): boolean {
  return sameName(owner, prepend(formatBase32hex(hashName(name, rdatas[0] as Nsec3)), apex));
}

/** As texts: base32hex keeps the order of octets (RFC 4648 §7). */
function covers({ owner, rdatas }: Rrset, name: Name, apex: Name): boolean {
  const rdata = rdatas[0] as Nsec3;
  const from = formatName(owner).slice(0, -formatName(apex).length - 1);
  const [hash, to] = [hashName(name, rdata), rdata.nextHash].map(formatBase32hex) as [string, string];
  return from < to ? from < hash && hash < to : from < hash || hash < to;
}

function proofsIn(said: Statement, zone: Zone, keys: readonly Key[], now: number): Rrset[] {
  const proofs = said.authority.filter(({ type }) => [parseType('NSEC'), parseType('NSEC3')].includes(type));
  for (const proof of proofs) checkSignature(proof, said.authority, zone, keys, now);
  return proofs;
}

/** Only for names right below the apex. */
function isBetween({ owner, rdatas }: Rrset, name: Name): boolean {
  const { nextName } = rdatas[0] as Nsec;
  const behind =
    Buffer.compare(labels(owner)[0]!, labels(name)[0]!) < 0 || owner.length === parentName(name).length;
  const inFront =
    nextName.length === parentName(name).length || Buffer.compare(labels(name)[0]!, labels(nextName)[0]!) < 0;
  return behind && inFront;
}

function checkSignature(
  set: Rrset,
  section: readonly Rrset[],
  zone: Zone,
  keys: readonly Key[],
  now: number,
): Rrsig {
  const why = (text: string) => new Bogus(`${typeText(set.type)}: ${text}`);
  const signatures = section
    .filter(({ owner, type }) => type === rrsig.type && sameName(owner, set.owner))
    .flatMap(({ rdatas }) => rdatas as readonly Rrsig[])
    .filter(({ typeCovered }) => typeCovered === set.type);
  if (signatures.length === 0) throw why('no signature');
  const reasons = signatures.map((one) => whyNot(one, set, zone, keys, now));
  const good = reasons.indexOf(undefined);
  if (good < 0) throw why(reasons[0]!);
  return signatures[good]!;
}

/** RFC 4035 §5.3.1 to §5.3.3. */
function whyNot(one: Rrsig, set: Rrset, zone: Zone, keys: readonly Key[], now: number): string | undefined {
  if (!sameName(one.signerName, zone.apex)) return `signed by ${formatName(one.signerName)}`;
  if (one.labels > countLabels(set.owner)) return `${one.labels} labels`;
  if (one.expiration < one.inception) return 'expires before it begins';
  if (one.expiration < now) return 'expired';
  if (one.inception > now) return 'not valid yet';
  const called = keys.filter(({ tag, algorithm }) => tag === one.keyTag && algorithm === one.algorithm);
  if (called.length === 0) return 'of no key';
  const [key] = called;
  if ((key!.flags & 0x0100) === 0) return 'the key has no Zone Key bit';
  if (key!.protocol !== 3) return `the key has protocol ${key!.protocol}`;
  if ((key!.flags & 0x0080) !== 0 && set.type !== dnskey.type) return 'the key is revoked';
  if ((key!.flags & 0x0080) !== 0) return 'the key is revoked';
  const { signature, ...unsigned } = one;
  const owner =
    one.labels < countLabels(set.owner)
      ? prepend('*', parseName(ancestor(set.owner, one.labels)))
      : set.owner;
  return isGood(key!, signedOctets({ ...set, owner }, unsigned), signature) ? undefined : 'does not verify';
}

function ancestor(name: Name, count: number): string {
  let rest = name;
  while (countLabels(rest) > count) rest = parentName(rest);
  return formatName(rest);
}

function isGood({ algorithm, publicKey }: Key, data: Uint8Array, signature: Uint8Array): boolean {
  const digest = NODE_DIGESTS[algorithm];
  if (digest === undefined) return findAlgorithm(algorithm)!.verify(publicKey, data, signature);
  const exponentOctets = publicKey[0]!;
  const e = Buffer.from(publicKey.subarray(1, 1 + exponentOctets)).toString('base64url');
  const n = Buffer.from(publicKey.subarray(1 + exponentOctets)).toString('base64url');
  return cryptoVerify(digest, data, createPublicKey({ key: { kty: 'RSA', n, e }, format: 'jwk' }), signature);
}
