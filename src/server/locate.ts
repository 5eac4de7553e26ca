/** Which zone answers a query that came to one of our addresses, or where it is referred to (RFC 1034 §4.3.2, RFC 4035 §3.1.4.1). */
import { isWithin, labelsBelow, type Name, parentName } from '../wire/name.ts';
import { ds } from '../wire/rdata/ds.ts';
import { childAt, childCost, type Zone, type ZoneTree } from '../zone/zone.ts';

export type Location =
  | { readonly kind: 'zone'; readonly zone: Zone }
  /** The child is not served at this address: its parent refers to it. */
  | { readonly kind: 'referral'; readonly zone: Zone; readonly child: Zone }
  /** Below `zone`, in a zone that would have to be made for somebody who does not pay. */
  | { readonly kind: 'unpaid'; readonly zone: Zone }
  | { readonly kind: 'elsewhere' };

/**
 * @param local key of the address that was asked. An address that no name server of the set has serves every zone: the plan
 *   of addresses is then not ours to judge (one address for all, or a translated one).
 * @param now milliseconds since the epoch: some zones change with it
 * @param pay asked before a zone is made: false where so many microseconds are more than the query may cost
 */
export function locate(
  tree: ZoneTree,
  qname: Name,
  qtype: number,
  local: string,
  now: number,
  pay: (microseconds: number) => boolean,
): Location {
  if (!isWithin(qname, tree.origin.apex)) return { kind: 'elsewhere' };
  const serves = (zone: Zone) => !tree.addresses.has(local) || zone.addresses.has(local);
  let zone: Zone | undefined = serves(tree.origin) ? tree.origin : undefined;
  for (const below of ancestry(qname, tree.origin, now, pay)) {
    if ('unpaid' in below) return { kind: 'unpaid', zone: below.unpaid };
    // The parent side of a cut answers for DS.
    if (zone && qtype === ds.type && below.apex.length === qname.length) break;
    if (serves(below)) zone = below;
    else if (zone === below.parent && zone !== undefined) return { kind: 'referral', zone, child: below };
  }
  return zone ? { kind: 'zone', zone } : { kind: 'elsewhere' };
}

/** Zones below `origin` that enclose the name, from the top down; the last may be the parent of one that is not paid for. */
function ancestry(
  qname: Name,
  origin: Zone,
  now: number,
  pay: (microseconds: number) => boolean,
): (Zone | { readonly unpaid: Zone })[] {
  const found: Zone[] = [];
  let zone = origin;
  for (let depth = labelsBelow(qname, origin.apex).length - 1; depth >= 0; depth--) {
    let name = qname;
    for (let count = 0; count < depth; count++) name = parentName(name);
    const cost = childCost(zone, name, now);
    if (cost > 0 && !pay(cost)) return [...found, { unpaid: zone }];
    const child = childAt(zone, name, now);
    if (child) {
      found.push(child);
      zone = child;
    }
  }
  return found;
}
