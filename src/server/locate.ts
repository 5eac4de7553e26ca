/** Which zone answers a query that came to one of our addresses, or where it is referred to (RFC 1034 §4.3.2, RFC 4035 §3.1.4.1). */
import { isWithin, type Name } from '../wire/name.ts';
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
  let above = tree.origin;
  while (above.apex.length < qname.length) {
    const below = findBelow(above, qname, now, pay);
    if (below === 'unpaid') return { kind: 'unpaid', zone: above };
    if (!below) break;
    // The parent side of a cut answers for DS.
    if (zone && qtype === ds.type && below.apex.length === qname.length) break;
    if (serves(below)) zone = below;
    else if (zone === above) return { kind: 'referral', zone, child: below };
    above = below;
  }
  return zone ? { kind: 'zone', zone } : { kind: 'elsewhere' };
}

/** The zone cut out of `above` that encloses the name: one label below its apex, or there is none further down either. */
function findBelow(
  above: Zone,
  qname: Name,
  now: number,
  pay: (microseconds: number) => boolean,
): Zone | 'unpaid' | undefined {
  const name = nextBelow(qname, above.apex);
  const cost = childCost(above, name, now);
  return cost > 0 && !pay(cost) ? 'unpaid' : childAt(above, name, now);
}

/** The ancestor of `name`, or itself, that has one label more than `apex`. `name` must be below `apex`. */
function nextBelow(name: Name, apex: Name): Name {
  let at = 0;
  for (let next = name[0]! + 1; name.length - next > apex.length; next += name[next]! + 1) at = next;
  return name.subarray(at);
}
