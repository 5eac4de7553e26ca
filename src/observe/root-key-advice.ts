/** Root-key advice: how a resolver shows that it has the key of the root that signs, and how it gets it; THE TABLE (RFC 8509, RFC 5011). */
import { kskText, NEW_KSK } from './ksk.ts';
import { SOFTWARE, type Software } from './software.ts';

interface Ways {
  /** What shows its anchors. */
  readonly look: string;
  /** What adds the key. */
  readonly add: string;
}

/** dnsmasq is missing on purpose: it forwards. */
const WAYS: Readonly<Record<Exclude<Software, 'dnsmasq'>, Ways>> = {
  unbound: {
    look: `the file of auto-trust-anchor-file (a line with id = ${NEW_KSK.tag} and VALID)`,
    add: 'by `unbound-anchor -a` with the file of auto-trust-anchor-file, and a restart',
  },
  bind: {
    look: '`rndc secroots -`',
    add: 'by an update, dnssec-validation auto, `rndc managed-keys destroy` and `rndc reconfig`',
  },
  knot: {
    look: '`trust_anchors.summary()` in its console',
    add: `by an update of its root.keys, or trust_anchors.add('. IN DS ${NEW_KSK.ds}')`,
  },
  powerdns: {
    look: '`rec_control get-tas` (5.2 and later bring it)',
    add: `by \`rec_control add-ta . '${NEW_KSK.ds}'\` at once, and addTA('.', '${NEW_KSK.ds}') in the lua-config-file, so that it stays`,
  },
};

const ALL = Object.keys(WAYS) as readonly (keyof typeof WAYS)[];
/** What knows sentinels, and so can say that it lacks the key. */
const SAYS_SO = ['unbound', 'bind', 'knot'] as const;

/** `in Unbound by …`: of all that it may be where the software is not known. */
export function addRootKey(software: Software | undefined): string {
  return waysOf(software, SAYS_SO, ({ add }) => add);
}

/** `in Unbound see …, add it by …`: what shows whether it is there, and what to do where not; of all where the software is not known. */
export function lookForRootKey(software: Software | undefined): string {
  return waysOf(software, ALL, ({ look, add }) => `see ${look}, add it ${add}`);
}

function waysOf(software: Software | undefined, others: typeof ALL, text: (ways: Ways) => string): string {
  const own = ALL.filter((name) => name === software);
  return (own.length > 0 ? own : others)
    .map((name) => `in ${SOFTWARE[name].title} ${text(WAYS[name])}`)
    .join('; ');
}

/** To who lacks the key and validates all the same: under the root of the Internet nothing would. */
export function adviseRootKey(software: Software | undefined): string {
  return (
    `Since ${NEW_KSK.signsSince} ${kskText(NEW_KSK)} alone signs the root. This resolver validates without it, by an anchor for this domain, a root of its own, or keys from before: ` +
    `if it is to resolve names of the Internet, add the key now, ${addRootKey(software)}.`
  );
}
