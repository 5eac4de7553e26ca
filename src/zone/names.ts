/** The static names of a zone: RRsets by owner and type, as RFC 1034 §3.6.2, RFC 2181 §5 and RFC 8020 §2 want them. */
import {
  formatName,
  isWithin,
  labelsBelow,
  labelText,
  type Name,
  nameKey,
  parentName,
} from '../wire/name.ts';
import { cname } from '../wire/rdata/cname.ts';
import { codecOf } from '../wire/rdata/table.ts';
import type { Rrset } from '../wire/rrset.ts';
import { Writer } from '../wire/writer.ts';
import { ZoneFileError } from './error.ts';

/** By owner key, then by type. */
export type StaticNames = ReadonlyMap<string, ReadonlyMap<number, Rrset>>;

/** Labels of static names directly below the apex, lower case: what they hide cannot be asked for. */
export function labelsTaken(names: StaticNames, apex: Name): string[] {
  const owners = [...names.values()].flatMap((types) => [...types.values()].map(({ owner }) => owner));
  return owners.flatMap((owner) => labelsBelow(owner, apex).slice(-1).map(labelText));
}

/**
 * @param sets all within `apex`; those of one owner and type are joined
 * @param file to blame, for messages
 * @throws {ZoneFileError} records that cannot stand beside one another
 */
export function indexNames(sets: readonly Rrset[], apex: Name, file: string): StaticNames {
  const names = new Map<string, Map<number, Rrset>>();
  for (const set of sets) {
    // Empty non-terminals exist too (RFC 8020 §2).
    for (let at = set.owner; isWithin(at, apex) && !names.has(nameKey(at)); at = parentName(at))
      names.set(nameKey(at), new Map());
    const types = names.get(nameKey(set.owner))!;
    const present = types.get(set.type);
    if (present && labelsBelow(set.owner, apex).length === 0)
      throw new ZoneFileError(file, 0, 'SOA, NS and keys at the apex are made by the server');
    types.set(set.type, distinct(present ? { ...present, rdatas: [...present.rdatas, ...set.rdatas] } : set));
  }
  for (const types of names.values()) refuseBesideCname(types, file);
  return names;
}

/** The set without records that say what another one says (RFC 2181 §5). */
function distinct(set: Rrset): Rrset {
  const codec = codecOf(set.type);
  const forms = set.rdatas.map((rdata) => {
    const writer = new Writer('canonical');
    codec.encode(writer, rdata);
    return Buffer.from(writer.finish()).toString('hex');
  });
  return { ...set, rdatas: set.rdatas.filter((_, index) => forms.indexOf(forms[index]!) === index) };
}

function refuseBesideCname(types: ReadonlyMap<number, Rrset>, file: string): void {
  const alias = types.get(cname.type);
  if (alias && (types.size > 1 || alias.rdatas.length > 1))
    throw new ZoneFileError(
      file,
      0,
      `${formatName(alias.owner)} has a CNAME and another record (RFC 1034 §3.6.2)`,
    );
}
