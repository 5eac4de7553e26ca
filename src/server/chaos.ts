/** Class CHAOS: who answers here (RFC 4892; NSD and Knot answer the same names). */
import { latin1, type Name, nameKey, parseName } from '../wire/name.ts';
import { txt } from '../wire/rdata/txt.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';

/** The TXT record behind a CHAOS name, undefined where it is refused. An empty version stays hidden. */
export function chaosAnswer(qname: Name, node: string, version: string): Rrset | undefined {
  const texts: Readonly<Record<string, string>> = {
    'id.server': node,
    'hostname.bind': node,
    'version.bind': version,
    'version.server': version,
  };
  const known = Object.entries(texts).find(([name]) => nameKey(parseName(name)) === nameKey(qname));
  if (!known || known[1] === '') return undefined;
  return rrset(txt, qname, 0, [{ strings: [latin1(known[1])] }]);
}
