/** Zones: apex, keys, static data and cuts, and which address answers for which zone (RFC 1034 §4.2, RFC 9499 §7). */

import type { ZoneKey } from '../dnssec/key.ts';
import { deriveMlDsa, PRIVATEDNS } from '../dnssec/ml-dsa.ts';
import { type SignatureFault, Signer } from '../dnssec/signer.ts';
import { addressKey } from '../wire/address.ts';
import {
  formatName,
  isWithin,
  labelsBelow,
  labelText,
  latin1,
  lower,
  type Name,
  nameKey,
  parseName,
  prepend,
} from '../wire/name.ts';
import { ds } from '../wire/rdata/ds.ts';
import { ns } from '../wire/rdata/ns.ts';
import { soa } from '../wire/rdata/soa.ts';
import { txt } from '../wire/rdata/txt.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
import { makeCase } from './broken/make-case.ts';
import { ZoneFileError } from './error.ts';
import { FAMILIES } from './families.ts';
import { addressSets, everyHost, type Host, hostsOf } from './hosts.ts';
import { dnskeySet, dsOf, KEY_TTL, keySets } from './key-sets.ts';
import type { Ground, Made, MadeParts, Script, ZoneFamily } from './made.ts';
import { parseMasterFile } from './master-file.ts';
import { indexNames, labelsTaken, type StaticNames } from './names.ts';
import { standAlone } from './replica/standing.ts';
import type { ZoneFile } from './zone-file.ts';

export type Role = 'parent' | 'children' | 'hostile';

/** A name server of the set, as the operator lists it. */
export interface NameServer {
  /** Presentation form. */
  readonly name: string;
  readonly role: Role;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

export interface Zone {
  readonly apex: Name;
  /** The apex as keys and reports name it. */
  readonly text: string;
  readonly label: string;
  readonly summary: string;
  readonly hostile: boolean;
  readonly parent: Zone | undefined;
  /** Zones cut out of this one, by the key of their apex. */
  readonly children: Map<string, Zone>;
  readonly signer: Signer | undefined;
  /** Spoils every signature but those over keys. */
  readonly fault: SignatureFault | undefined;
  readonly soa: Rrset;
  readonly ns: Rrset;
  /** DS at the parent: absent for an unsigned zone and for the origin, whose parent is not ours. */
  readonly ds: Rrset | undefined;
  /** Static RRsets by owner key, then by type. */
  readonly names: StaticNames;
  /** Addresses of its name servers, by `addressKey`. */
  readonly addresses: ReadonlySet<string>;
  /** The same as people write them. */
  readonly hostAddresses: readonly string[];
  /** Zones that are made below it when somebody asks for them. */
  readonly family: ZoneFamily | undefined;
  /** What it knows of itself, where it is one of those. */
  readonly made: Made | undefined;
  /** Speaks in place of all else. */
  readonly script: Script | undefined;
  /** Where reports on it go (RFC 9567), undefined where none are wanted. */
  readonly reportsTo: Name | undefined;
  /** Reports are taken here. */
  readonly isAgent: boolean;
}

const NS_TTL = 3600;
const SOA_TTL = 300;
/** Owner of the filler in sized answers, one a zone, so that its signatures can be remembered by length. */
export const FILLER_LABEL = 'filler';
/** RFC 1912 §2.2 and Zonemaster's ZONE02 to ZONE06. */
const TIMERS = { refresh: 14_400, retry: 3_600, expire: 1_209_600, minimum: 300 };

/** What a receipt label of 64 octets and a spare label of 20 leave of 255. */
const MAX_APEX = 170;

export interface ZoneTree {
  readonly origin: Zone;
  /** The origin first, then by label. */
  readonly zones: readonly Zone[];
  /** Every address that some name server of the set has. */
  readonly addresses: ReadonlySet<string>;
}

/** What zones need that are made from the shared secret. */
export interface Extras {
  readonly secret: Uint8Array;
  /** Whether answers say where reports go. */
  readonly reportChannel: boolean;
}

/** What all zones of a tree are built from. */
interface Site {
  readonly origin: Name;
  readonly servers: readonly NameServer[];
  readonly keys: readonly ZoneKey[];
  readonly extras: Extras | undefined;
  /** Apex of the zone that takes reports. */
  readonly agent: Name | undefined;
}

/**
 * The origin and its children from their files.
 * @param keys of all zones; a signed zone without a key is a bug of the caller, which makes them first
 * @param extras without them there are no zones that are made from the secret
 * @throws {ZoneFileError}
 */
export function buildZones(
  origin: string,
  files: readonly ZoneFile[],
  servers: readonly NameServer[],
  keys: readonly ZoneKey[],
  extras?: Extras,
): ZoneTree {
  const originName = parseName(origin);
  const agents = files.filter(({ agent }) => agent);
  if (agents.length > 1)
    throw new ZoneFileError(agents[1]!.file, 0, `agent: ${agents[0]!.file} takes the reports already`);
  const agent = extras?.reportChannel && agents[0] ? prepend(agents[0].label, originName) : undefined;
  const site: Site = { origin: originName, servers, keys, extras, agent };
  const build = (file: ZoneFile, parent: Zone | undefined) =>
    withBelow(buildZone(file, parent, site), file, site);
  const root = build(files.find(({ label }) => label === '')!, undefined);
  const children = files.filter(({ label }) => label !== '').map((file) => buildChild(file, root, build));
  refuseTaken(root, files);
  for (const child of children) root.children.set(nameKey(child.apex), child);
  const addresses = new Set(servers.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6]).map(addressKey));
  return { origin: root, zones: [root, ...children], addresses };
}

function buildChild(file: ZoneFile, root: Zone, build: (file: ZoneFile, parent: Zone) => Zone): Zone {
  const child = build(file, root);
  // What lies at or below a cut is the child's: our own filler and hosts would be out of reach there (RFC 1034 §4.2.1).
  if (root.names.has(nameKey(child.apex)))
    throw new ZoneFileError(
      file.file,
      0,
      `label '${file.label}': the origin has records at that name or below it`,
    );
  return child;
}

/** A zone or a static record at a label of the family would hide the zone that is made there, or be hidden by it. */
function refuseTaken({ family, names, apex }: Zone, files: readonly ZoneFile[]): void {
  const origin = files.find(({ label }) => label === '')!;
  const refuse = (label: string, file: string, what: string) => {
    if (label === '' || !family?.find(label, 0)) return;
    throw new ZoneFileError(file, 0, `${what} '${label}' is taken: the origin makes ${origin.makes} there`);
  };
  for (const { label, file } of files) refuse(label, file, 'label');
  for (const label of labelsTaken(names, apex)) refuse(label, origin.master?.file ?? origin.file, 'name');
}

/** The zone with what is cut out of it: zones of a family, and those of case files. */
function withBelow(parent: Zone, { makes, caseFiles, file }: ZoneFile, site: Site): Zone {
  const { extras } = site;
  if (!extras || (makes === undefined && caseFiles.length === 0)) return parent;
  const ground = (above: Zone): Ground => ({
    parent: above,
    secret: extras.secret,
    makeZone: (parts) => makeZone(parts, above, site),
    below: ground,
    hasRoom: (label) => prepend(label, above.apex).length <= MAX_APEX,
    apexSets: (parts) =>
      apexSets(prepend(parts.label, above.apex), hostsAt(parts.role, site), 1, parts.keyTtl, site),
  });
  for (const one of caseFiles) {
    const made = makeCase(one, ground(parent));
    if (parent.children.has(nameKey(made.apex)))
      throw new ZoneFileError(one.file, 0, `label '${one.label}' is already taken in ${file}`);
    parent.children.set(nameKey(made.apex), made);
  }
  if (makes === undefined) return parent;
  const whole: Zone = { ...parent, family: undefined };
  return Object.assign(whole, { family: FAMILIES[makes]!(ground(whole)) });
}

/** A zone of a family: as its parts say, with the apex records of every zone. */
function makeZone(parts: MadeParts, parent: Zone, site: Site): Zone {
  const { label, summary, role, signer, script, made, keyTtl } = parts;
  const apex = prepend(label, parent.apex);
  const hosts = hostsAt(role, site);
  const sets = apexSets(apex, hosts, 1, keyTtl, site);
  const keys = signer ? [dnskeySet(apex, signer, keyTtl)] : [];
  const filler = script ? [] : [fillerSet(apex)];
  return {
    apex,
    text: zoneText(apex),
    label,
    summary,
    hostile: false,
    parent,
    children: new Map(),
    signer,
    fault: undefined,
    ...sets,
    ds: parts.ds.length > 0 ? rrset(ds, apex, keyTtl, parts.ds) : undefined,
    names: indexNames([sets.soa, sets.ns, ...keys, ...filler], apex, zoneText(apex)),
    ...addressesOf(hosts),
    family: undefined,
    made,
    script,
    reportsTo: parent.reportsTo,
    isAgent: false,
  };
}

function buildZone(file: ZoneFile, parent: Zone | undefined, site: Site): Zone {
  const { origin, servers } = site;
  const apex = file.label === '' ? origin : prepend(file.label, origin);
  if (apex.length > MAX_APEX)
    throw new ZoneFileError(
      file.file,
      0,
      `${zoneText(apex)} has ${apex.length} octets, at most ${MAX_APEX} leave room for receipts`,
    );
  const role = parent ? file.servers : 'parent';
  const hosts = hostsOf(role, file.family, servers, origin);
  const { signer, sets: keys, digests, made } = keyed(file, apex, site);
  const { soa: soaSet, ns: nsSet } = apexSets(apex, hosts, file.serial, SOA_TTL, site);
  const static_ = file.master ? parseMasterFile(file.master.text, file.master.file, apex, NS_TTL) : [];
  // Host addresses belong to the origin's zone, wherever they serve.
  const glue = parent
    ? []
    : everyHost(servers, origin)
        .filter(({ name }) => isWithin(name, origin))
        .flatMap(addressSets);
  const names = indexNames(
    [soaSet, nsSet, ...keys, ...glue, fillerSet(apex), ...static_],
    apex,
    file.master?.file ?? file.file,
  );
  return {
    apex,
    text: zoneText(apex),
    label: file.label,
    summary: file.summary,
    hostile: role === 'hostile',
    parent,
    children: new Map(),
    signer,
    fault: file.fault,
    soa: soaSet,
    ns: nsSet,
    ds: parent && signer ? rrset(ds, apex, KEY_TTL, digests) : undefined,
    names,
    ...addressesOf(hosts),
    family: undefined,
    made,
    script: undefined,
    reportsTo: file.reports ? site.agent : undefined,
    isAgent: file.agent,
  };
}

/** What a zone file says of keys: who signs, records of keys at the apex, DS at the parent. */
function keyed(file: ZoneFile, apex: Name, site: Site) {
  const stored = site.keys.filter(({ zone }) => zone === zoneText(apex));
  if (file.replica !== undefined && site.extras) {
    const { signer, ds: digests, made } = standAlone(site.extras.secret, file.replica, apex, zoneText(apex));
    return { signer, sets: [dnskeySet(apex, signer, KEY_TTL)], digests, made };
  }
  const signer = signerOf(file, apex, stored, site);
  if (signer && signer.keys.length === 0)
    throw new ZoneFileError(
      file.file,
      0,
      `no key of algorithm ${file.algorithm} for ${file.label || 'the origin'}`,
    );
  const digests = signer ? dsOf(apex, signer) : [];
  return { signer, sets: keySets(apex, signer), digests, made: undefined };
}

function signerOf(
  { algorithm, keys: scheme }: ZoneFile,
  apex: Name,
  stored: readonly ZoneKey[],
  { extras }: Site,
): Signer | undefined {
  if (algorithm === undefined) return undefined;
  const { secret } = extras ?? {};
  if (algorithm !== PRIVATEDNS)
    return new Signer(
      apex,
      stored.filter((key) => key.algorithm === algorithm),
    );
  const key = (flags: 256 | 257) => deriveMlDsa(secret!, { zone: zoneText(apex), flags, purpose: 'zone' });
  return secret && new Signer(apex, scheme === 'csk' ? [key(257)] : [key(257), key(256)]);
}

/** @param ttl of the SOA, and of denials: seconds */
function apexSets(
  apex: Name,
  hosts: readonly Host[],
  serial: number,
  ttl: number,
  { origin }: Site,
): { readonly soa: Rrset; readonly ns: Rrset } {
  const nameServers = hosts.map(({ name }) => ({ nsdname: name }));
  const start = {
    mname: hosts[0]!.name,
    rname: prepend('hostmaster', origin),
    serial,
    ...TIMERS,
    minimum: ttl,
  };
  return { ns: rrset(ns, apex, NS_TTL, nameServers), soa: rrset(soa, apex, ttl, [start]) };
}

/** What stands at the owner of filler when it is asked for. */
function fillerSet(apex: Name): Rrset {
  const text = latin1('filler of answers that have a size');
  return rrset(txt, prepend(FILLER_LABEL, apex), 0, [{ strings: [text] }]);
}

function addressesOf(hosts: readonly Host[]): Pick<Zone, 'addresses' | 'hostAddresses'> {
  const texts = hosts.flatMap(({ ipv4, ipv6 }) => [...ipv4, ...ipv6]);
  return { addresses: new Set(texts.map(addressKey)), hostAddresses: texts };
}

function hostsAt(role: Role, { servers, origin }: Site): Host[] {
  return hostsOf(role, undefined, servers, origin);
}

/** The zone cut out of `zone` at this name (any case) as it stands now, undefined where there is none. @param now milliseconds */
export function childAt(zone: Zone, name: Name, now: number): Zone | undefined {
  if (name.length <= zone.apex.length) return undefined;
  const fixed = zone.children.get(nameKey(name));
  if (fixed) return fixed;
  const label = labelBelow(zone, name);
  return label === undefined ? undefined : zone.family?.find(label, now);
}

/** Microseconds that `childAt` with these takes beyond looking up, about. */
export function childCost(zone: Zone, name: Name, now: number): number {
  if (!zone.family || name.length <= zone.apex.length || zone.children.has(nameKey(name))) return 0;
  const label = labelBelow(zone, name);
  return label === undefined ? 0 : zone.family.cost(label, now);
}

/** The one label of a name below the apex, undefined where it has more. */
function labelBelow({ apex }: Zone, name: Name): string | undefined {
  const [label, ...more] = labelsBelow(name, apex);
  return label === undefined || more.length > 0 ? undefined : labelText(label);
}

/** The apex as keys and reports name it: lower case, final dot. */
export function zoneText(apex: Name): string {
  return formatName(lower(apex));
}
