/** Kin: two addresses that take part in the same runs again and again, as one resolver with an address of each IP version does; and mates. */
import { groupBy } from './group.ts';
import type { Observation } from './observation.ts';

/** One run together may be chance, or somebody who uses the run id of another. */
const RUNS_TOGETHER = 2;
/** A run of more addresses tells nothing of two of them. */
const MOST_ADDRESSES = 8;

/**
 * Tells whether two addresses took part together in two runs or more, in each of which one of them returned an own receipt.
 *
 * @param rows queries
 */
export function indexKin(rows: readonly Observation[]): (a: string, b: string) => boolean {
  const runs = new Map<string, number>();
  for (const [run, own] of groupBy(rows, (row) => row.run)) {
    if (run === '') continue;
    const members = [...new Set(own.filter(takesPart).map(({ src }) => src))].sort();
    if (members.length < 2 || members.length > MOST_ADDRESSES) continue;
    const proven = new Set(own.filter(({ receipt }) => receipt?.relation === 'own').map(({ src }) => src));
    members.forEach((a, at) => {
      for (const b of members.slice(at + 1))
        if (proven.has(a) || proven.has(b)) runs.set(pairOf(a, b), (runs.get(pairOf(a, b)) ?? 0) + 1);
    });
  }
  return (a, b) => (runs.get(a < b ? pairOf(a, b) : pairOf(b, a)) ?? 0) >= RUNS_TOGETHER;
}

export function takesPart({ step }: Observation): boolean {
  return step === 'gate' || step === 'measured';
}

/**
 * The mates of each address that has any: those that some trial shows to be one resolver with it. The nameservers of one client are kin, for
 * they meet in all its runs, but no mates.
 *
 * @param resolvers addresses that one trial shows to be one resolver
 */
export function indexMates(resolvers: Iterable<readonly string[]>): Map<string, ReadonlySet<string>> {
  const mates = new Map<string, Set<string>>();
  for (const addresses of resolvers) {
    if (addresses.length > MOST_ADDRESSES) continue;
    for (const address of addresses) {
      const known = mates.get(address) ?? new Set();
      mates.set(address, known);
      for (const mate of addresses) known.add(mate);
    }
  }
  return mates;
}

function pairOf(a: string, b: string): string {
  return `${a} ${b}`;
}
