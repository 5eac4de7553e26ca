/** Asker: which addresses of a trial are one resolver, as the trial itself shows; a prefix alone shows nothing. */
import { GATE_LETTER } from '../zone/gate.ts';
import { TOKEN_CHARACTERS } from '../zone/token.ts';
import type { Draft, Return } from './draft.ts';
import { groupBy } from './group.ts';
import { networkOf } from './network.ts';
import type { Observation } from './observation.ts';

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

interface Party {
  /** All that take part. */
  readonly sources: readonly string[];
  /** The asker behind an address. */
  readonly askerOf: (address: string) => string;
  readonly isWhole: boolean;
}

/**
 * Addresses that a trial shows to be one resolver, in lists of several.
 *
 * Those of one asker; and all, where one alone asked for the test itself, and the others for what that one had been told. Whom they belong
 * to is certain enough for what arrived. Losses are counted by asker: a client may pass on what it was told, and its loss is nobody else's.
 *
 * @param isWhole false where rows are missing, and so perhaps those of another one that asked for the test
 */
export function resolversOf(
  { gates, measured }: Draft,
  { sources, askerOf, isWhole }: Party,
): (readonly string[])[] {
  if (sources.length < 2) return [];
  const asked = [...gates, ...measured];
  const openers = new Set(asked.filter((row) => !isTold(row)).map(({ src }) => src));
  if (isWhole && openers.size === 1) return [[...new Set(asked.map(({ src }) => src))]];
  return [...groupBy(sources, askerOf).values()].filter(({ length }) => length > 1);
}

const TOLD = new RegExp(`^${GATE_LETTER}[0-9a-v]{${TOKEN_CHARACTERS}}`, 'i');

/** Whether only an answer of ours can have told its name: nobody can guess one. */
function isTold({ qname }: Observation): boolean {
  return TOLD.test(qname);
}
