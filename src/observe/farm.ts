/** Farm: source addresses that take part in the same runs, as resolvers with many egress addresses do, shown by prefix. */
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
    const members = (runsOf.get(source) ?? []).flat();
    const found = [...new Set([source, ...members].map(networkOf))];
    networks.set(source, found);
    return found;
  }
  return { networksOf, companionsOf: (source) => companions(source, runsOf.get(source) ?? []) };
}

/** The sources of each run that has several, under each of them. */
function sharedRuns(trials: readonly Trial[]): Map<string, readonly (readonly string[])[]> {
  const runs = new Map<string, readonly string[]>();
  for (const { run, sources } of trials) {
    const known = runs.get(run) ?? [];
    const fresh = sources.filter((source) => !known.includes(source));
    // One more than allowed is enough to know that they are too many.
    if (run !== '' && fresh.length > 0 && known.length <= MOST_ADDRESSES) runs.set(run, [...known, ...fresh]);
  }
  const shared = new Map<string, (readonly string[])[]>();
  for (const sources of runs.values()) {
    if (sources.length < 2 || sources.length > MOST_ADDRESSES) continue;
    for (const source of sources) {
      const own = shared.get(source);
      if (own === undefined) shared.set(source, [sources]);
      else own.push(sources);
    }
  }
  return shared;
}

function companions(source: string, runs: readonly (readonly string[])[]): Companion[] {
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
function prefixOf(address: string): string {
  const network = networkOf(address);
  return address.includes(':') ? `${network.replace(/(?::0)+$|^0(?::0)*$/, '')}::/48` : `${network}.0/24`;
}
