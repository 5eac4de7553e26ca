/** What makes a zone a replica: its keys, its DS, and what it says of itself, from its name and the secret (DESIGN: key roll). */
import type { Signer } from '../../dnssec/signer.ts';
import type { Name } from '../../wire/name.ts';
import type { Ds } from '../../wire/rdata/ds.ts';
import type { Made } from '../made.ts';
import { type KeySet, replicaDs, replicaKeys, replicaSigner } from './keys.ts';
import { parseHead, type ReplicaHead } from './label.ts';
import { statusLines } from './page.ts';
import { type Solution, solve } from './solve.ts';

export interface Standing {
  readonly signer: Signer;
  readonly ds: readonly Ds[];
  readonly made: Made;
}

/**
 * @param zone the apex in lower case with final dot
 * @param keysOf gives the keys of a solution: remembered ones, where many zones share them
 */
export function standAs(
  head: ReplicaHead,
  apex: Name,
  zone: string,
  keysOf: (solution: Solution) => KeySet,
): Standing {
  const solution = solve(head.composition.keys, apex.length);
  const set = keysOf(solution);
  return {
    signer: replicaSigner(apex, zone, set),
    ds: replicaDs(apex, set),
    made: {
      phase: '',
      run: '',
      dnskeyOctets: solution.octets,
      status: statusLines(head, solution, set),
    },
  };
}

/** A zone that a zone file makes a replica: the root itself in a closed network, say. @param replica a composition or day that is known */
export function standAlone(secret: Uint8Array, replica: string, apex: Name, zone: string): Standing {
  return standAs(parseHead(replica)!, apex, zone, ({ keys }) => replicaKeys(secret, zone, keys));
}
