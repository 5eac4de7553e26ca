/** Root-key advice: how a resolver that lacks the key of the root that signs gets it, by software; THE TABLE (RFC 8509, RFC 5011). */
import type { Software } from './software.ts';

/** KSK-2024, and KSK-2017 before it (IANA, root-anchors.xml). */
export const NEW_TAG = 38_696;
export const OLD_TAG = 20_326;
/** As scheduled; from that day on the new one signs alone. */
const SIGNS_SINCE = '2026-10-11';
const DS = `${NEW_TAG} 8 2 683D2D0ACB8C9B712A1948B27F741219298D0A450D612C483AF444A4C0FB2B16`;

/** Those that know sentinels; PowerDNS Recursor does not, and so never says that it lacks a key. */
const HOW: Partial<Record<Software, string>> = {
  unbound: 'in Unbound with `unbound-anchor -a` and the file of auto-trust-anchor-file, and a restart',
  bind: 'in BIND with an update, dnssec-validation auto, `rndc managed-keys destroy` and `rndc reconfig`',
  knot: `in Knot Resolver with an update of its root.keys, or trust_anchors.add('. IN DS ${DS}')`,
};

export function adviseRootKey(software: Software | undefined): string {
  const own = software && HOW[software];
  const how = own ?? Object.values(HOW).join('; ');
  return `Since ${SIGNS_SINCE} the root is signed by ${NEW_TAG}: add the key now, unless this network has a root of its own: ${how}.`;
}
