/** Compact denial of existence: one NSEC made for the query name alone (RFC 9824 §3, RFC 4471 §3.1.1). */
import { labels, lower, MAX_LABEL, MAX_NAME, type Name, parentName, prepend } from '../wire/name.ts';
import { nsec } from '../wire/rdata/nsec.ts';
import { rrsig } from '../wire/rdata/rrsig.ts';
import { QTYPES } from '../wire/rdata/table.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';

/** Types at a name that does not exist. */
export const NXNAME_TYPES: readonly number[] = [rrsig.type, nsec.type, QTYPES.NXNAME];

/** The NSEC that says: at `owner` only `types`, and nothing between it and its immediate successor. */
export function denialNsec(
  owner: Name,
  types: readonly number[],
  ttl: number,
  kind: 'name' | 'cut',
  apex: Name,
): Rrset {
  const nextName = kind === 'cut' ? successorOfSubtree(owner, apex) : successor(owner, apex);
  return rrset(nsec, owner, ttl, [{ nextName, types: [...types, rrsig.type, nsec.type] }]);
}

const ASTERISK = 0x2a;

/** Whether the leftmost label is `*`. */
export function isWildcard(name: Name): boolean {
  return name[0] === 1 && name[1] === ASTERISK;
}

/**
 * The NSEC that denies `*.<zone>` and all below it, from the name just in front to the one just behind.
 * Signed as its own owner, `*` would be a wildcard: a signature over it could stand at any name (RFC 4034 §3.1.3, RFC 4470 §4).
 */
export function wildcardDenial(name: Name, ttl: number): Rrset {
  const at = (octet: number) => prepend(Uint8Array.of(octet), lower(parentName(name)));
  return rrset(nsec, at(ASTERISK - 1), ttl, [{ nextName: at(ASTERISK + 1), types: [rrsig.type, nsec.type] }]);
}

/** The first name after `name` in canonical order: `\000.` in front of it, where that fits (RFC 4471 §3.1.1). */
export function successor(name: Name, apex: Name): Name {
  return name.length + 2 <= MAX_NAME
    ? prepend(Uint8Array.of(0), lower(name))
    : successorOfSubtree(name, apex);
}

/**
 * The first name after `name` and all that is below it: at a zone cut nothing below may be denied.
 * A longer first label where it fits, else the last octet raised by one, else the same one label up (RFC 4471 §3.1.2).
 */
export function successorOfSubtree(name: Name, apex: Name): Name {
  const canonical = lower(name);
  if (canonical.length <= apex.length) return lower(apex);
  const label = labels(canonical)[0]!;
  const rest = parentName(canonical);
  if (label.length < MAX_LABEL && canonical.length < MAX_NAME)
    return prepend(Uint8Array.of(...label, 0), rest);
  const raised = raiseLast(label);
  return raised ? prepend(raised, rest) : successorOfSubtree(rest, apex);
}

// Trailing 0xff octets are dropped, the last other one goes up by one, past the capital letters (RFC 4471 §3.1.2).
function raiseLast(label: Uint8Array): Uint8Array | undefined {
  let end = label.length;
  while (end > 0 && label[end - 1] === 0xff) end--;
  if (end === 0) return undefined;
  const raised = label.slice(0, end);
  const last = raised[end - 1]!;
  raised[end - 1] = last === 0x40 ? 0x5b : last + 1;
  return raised;
}
