/** QuickZones: the zones of a tree in the form in which a query name is matched against them, octet by octet (RFC 1034 §4.3.2). */
import { countLabels, latin1, lower } from '../../wire/name.ts';
import type { Zone, ZoneTree } from '../../zone/zone.ts';
import type { LocalAddress } from '../inbound.ts';
import { LOWER, QUESTION_AT, type QuickQuery } from './quick-query.ts';

export interface QuickZone {
  readonly zone: Zone;
  readonly index: number;
  /** Lower case. */
  readonly apex: Uint8Array;
  readonly labels: number;
  readonly isHostile: boolean;
  /** Not spoiled on purpose. */
  readonly isPlain: boolean;
  /** By the index of the local address. */
  readonly servedAt: readonly boolean[];
  /** First characters of labels below which other zones may stand; undefined where any label may be one. */
  readonly familyLetters: ReadonlySet<number> | undefined;
  /** Whether the name has records, or names below it that have. */
  has(query: QuickQuery): boolean;
}

export interface QuickZones {
  readonly origin: QuickZone;
  readonly children: readonly QuickZone[];
}

export function makeQuickZones(tree: ZoneTree, locals: readonly LocalAddress[]): QuickZones {
  const [origin, ...children] = tree.zones.map((zone, index) => quickZone(tree, zone, index, locals));
  return { origin: origin!, children };
}

function quickZone(tree: ZoneTree, zone: Zone, index: number, locals: readonly LocalAddress[]): QuickZone {
  return {
    zone,
    index,
    apex: lower(zone.apex),
    labels: countLabels(zone.apex),
    isHostile: zone.hostile,
    isPlain: zone.fault === undefined && zone.script === undefined && !zone.isAgent,
    familyLetters:
      zone.children.size > 0 && zone.parent ? undefined : new Set(latin1(zone.family?.letters ?? '')),
    servedAt: locals.map(({ key }) => !tree.addresses.has(key) || zone.addresses.has(key)),
    has: (query) => zone.names.has(keyOf(query)),
  };
}

/** The zone that encloses the name, undefined where none of ours does. Children are one label below the origin. */
export function zoneOf({ origin, children }: QuickZones, query: QuickQuery): QuickZone | undefined {
  if (!endsIn(query, origin)) return undefined;
  for (const child of children) if (endsIn(query, child)) return child;
  return origin;
}

function endsIn(
  { octets, start, nameLength, labels, labelAt }: QuickQuery,
  { apex, labels: depth }: QuickZone,
): boolean {
  const from = nameLength - apex.length;
  if (labels < depth || from !== (labels === depth ? 0 : labelAt[labels - depth])) return false;
  const at = start + QUESTION_AT + from;
  for (let k = 0; k < apex.length; k++) if (LOWER[octets[at + k]!] !== apex[k]) return false;
  return true;
}

function keyOf({ octets, start, nameLength }: QuickQuery): string {
  const at = start + QUESTION_AT;
  let key = '';
  for (let k = at; k < at + nameLength; k++) key += String.fromCharCode(LOWER[octets[k]!]!);
  return key;
}
