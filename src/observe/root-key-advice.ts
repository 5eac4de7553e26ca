/** Root-key advice: how a resolver that lacks the key of the root that signs gets it, by software; THE TABLE (RFC 8509, RFC 5011). */
import { NEW_KSK } from './ksk.ts';
import { SOFTWARE, type Software } from './software.ts';

/** dnsmasq is missing on purpose: it forwards. */
const HOW: Readonly<Record<Exclude<Software, 'dnsmasq'>, string>> = {
  unbound: 'by `unbound-anchor -a` with the file of auto-trust-anchor-file, and a restart',
  bind: 'by an update, dnssec-validation auto, `rndc managed-keys destroy` and `rndc reconfig`',
  knot: `by an update of its root.keys, or trust_anchors.add('. IN DS ${NEW_KSK.ds}')`,
  powerdns: `by \`rec_control add-ta . '${NEW_KSK.ds}'\` at once, and addTA('.', '${NEW_KSK.ds}') in the lua-config-file, so that it stays`,
};

/** What knows sentinels, and so can say that it lacks the key. */
const SAYS_SO = ['unbound', 'bind', 'knot'] as const;

/** `in Unbound by …`: of all that it may be where the software is not known. */
export function addRootKey(software: Software | undefined): string {
  const own = (Object.keys(HOW) as (keyof typeof HOW)[]).filter((name) => name === software);
  return (own.length > 0 ? own : SAYS_SO).map((name) => `in ${SOFTWARE[name].title} ${HOW[name]}`).join('; ');
}

export function adviseRootKey(software: Software | undefined): string {
  return `Since ${NEW_KSK.signsSince} the root is signed by ${NEW_KSK.tag}: add the key now, unless this network has a root of its own: ${addRootKey(software)}.`;
}
