/** Replica advice: what an operator changes where DNSKEY answers of the root's size do not arrive. */
import type { Way } from './replica-trials.ts';

const TCP = 'let it ask over TCP, to port 53 of any address';

export function adviseReplica(way: Way): string {
  const what =
    way === 'tc'
      ? `after TC=1 it did not ask over TCP: ${TCP}`
      : `whole answers over UDP get lost: offer an EDNS size of 1232, and ${TCP}`;
  return `DNSKEY of this size does not arrive, and where the root's does not, no name validates; ${what}. \`padzone roll replicas\` lists when the root has which size.`;
}
