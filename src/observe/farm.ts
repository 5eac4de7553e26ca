/** Farm: source addresses that take part in the same runs, as resolvers with many egress addresses do, shown by prefix. */
import { groupBy } from './group.ts';
import { networkOf } from './network.ts';
import type { Trial } from './trial.ts';

/** A prefix seen together with one source address. */
export interface Companion {
  /** `203.0.113.0/24`, `2001:db8::/48`; may be that of the source itself, for other addresses in it. */
  readonly network: string;
  /** Addresses of it, the source apart, and runs that they shared with the source. */
  readonly addresses: number;
  readonly runs: number;
}

export interface Farms {
  /** Of one source, most shared runs first. */
  companionsOf(source: string): Companion[];
  /** Networks, as `networkOf` writes them, that are no strangers to a source, its own first. */
  networksOf(source: string): readonly string[];
}

/** A run of more addresses has an id that people passed on: it says nothing of who belongs together. */
const MOST_ADDRESSES = 64;

export function indexFarms(trials: readonly Trial[]): Farms {
  const runsOf = sharedRuns(trials);
  const networks = new Map<string, readonly string[]>();
  function networksOf(source: string): readonly string[] {
    const known = networks.get(source);
    if (known !== undefined) return known;
    const members = new Set([source, ...(runsOf.get(source) ?? []).flat()]);
    const found = [...new Set([...members].map(networkOf))];
    networks.set(source, found);
    return found;
  }
  const prefixes = new Map<string, string>();
  function prefixOf(address: string): string {
    const known = prefixes.get(address) ?? formatPrefix(address);
    prefixes.set(address, known);
    return known;
  }
  return { networksOf, companionsOf: (source) => companions(source, runsOf.get(source) ?? [], prefixOf) };
}

/** The sources of each run that has several, under each of them. */
function sharedRuns(trials: readonly Trial[]): Map<string, readonly (readonly string[])[]> {
  const runs = groupBy(
    trials.filter(({ run }) => run !== ''),
    ({ run }) => run,
  );
  const shared = new Map<string, (readonly string[])[]>();
  for (const own of runs.values()) {
    const sources = sourcesOf(own);
    if (sources.length < 2 || sources.length > MOST_ADDRESSES) continue;
    for (const source of sources) {
      const known = shared.get(source);
      if (known === undefined) shared.set(source, [sources]);
      else known.push(sources);
    }
  }
  return shared;
}

/** Of all trials of a run; of too many, one more than allowed is enough to know that. */
function sourcesOf(trials: readonly Trial[]): string[] {
  const found = new Set<string>();
  for (const { sources } of trials) {
    for (const source of sources.slice(0, MOST_ADDRESSES + 1)) found.add(source);
    if (found.size > MOST_ADDRESSES) break;
  }
  return [...found];
}

function companions(
  source: string,
  runs: readonly (readonly string[])[],
  prefixOf: (address: string) => string,
): Companion[] {
  const byNetwork = new Map<string, { addresses: Set<string>; runs: Set<readonly string[]> }>();
  for (const run of runs) {
    for (const address of run) {
      if (address === source) continue;
      const prefix = prefixOf(address);
      const known = byNetwork.get(prefix) ?? { addresses: new Set(), runs: new Set() };
      byNetwork.set(prefix, known);
      known.addresses.add(address);
      known.runs.add(run);
    }
  }
  return [...byNetwork]
    .map(([network, each]) => ({ network, addresses: each.addresses.size, runs: each.runs.size }))
    .sort((a, b) => b.runs - a.runs || (a.network < b.network ? -1 : 1));
}

/** The /24 or /48 in the usual spelling. */
function formatPrefix(address: string): string {
  const network = networkOf(address);
  return address.includes(':') ? `${network.replace(/(?::0)+$|^0(?::0)*$/, '')}::/48` : `${network}.0/24`;
}
