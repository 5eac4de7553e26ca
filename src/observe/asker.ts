/** Asker: which addresses of a trial are one resolver, as the trial itself shows; a prefix alone shows nothing. */
import type { Draft, Return } from './draft.ts';
import { networkOf } from './network.ts';

/**
 * Names the asker behind each address of a trial: the least of its addresses.
 *
 * Two addresses are one asker where one of them returned the receipt of the other's answer, or where one was sent the measured
 * answer under a name that only the other, alone in their /24 or /48, had been told.
 *
 * @param joined receipts that another address of the run asked for
 */
export function indexAskers(draft: Draft, joined: readonly Return[]): (address: string) => string {
  const pairs = [
    ...followers(draft),
    ...joined.flatMap(({ row, of }): [string, string][] => (of === undefined ? [] : [[row.src, of.src]])),
  ];
  const parents = new Map<string, string>();
  function rootOf(address: string): string {
    let root = address;
    for (let parent = parents.get(root); parent !== undefined; parent = parents.get(root)) root = parent;
    return root;
  }
  for (const pair of pairs) {
    const [least, most] = pair.map(rootOf).sort() as [string, string];
    if (least !== most) parents.set(most, least);
  }
  if (parents.size === 0) return (address) => address;
  const roots = new Map([...new Set(pairs.flat())].map((address) => [address, rootOf(address)]));
  return (address) => roots.get(address) ?? address;
}

/** Those that came with the proof of an opening that they never asked for, each with the one of their network that did. */
function followers({ gates, measured }: Draft): [string, string][] {
  const openers = new Map<string, Set<string>>();
  for (const { src } of gates) {
    const network = networkOf(src);
    const known = openers.get(network);
    if (known === undefined) openers.set(network, new Set([src]));
    else known.add(src);
  }
  const followed = new Set(measured.filter(({ proof }) => proof === 'gate').map(({ src }) => src));
  return [...followed].flatMap((src): [string, string][] => {
    const [opener, ...others] = openers.get(networkOf(src)) ?? [];
    return opener === undefined || opener === src || others.length > 0 ? [] : [[src, opener]];
  });
}
