/** Post-quantum: what the keys of a zone signed with ML-DSA-44 weigh, and whether so much gets through (FIPS 204). */
import type { Check } from '../check.ts';
import { isFine, whyNot } from '../test.ts';

const ZONE = 'mldsa44';
const ID = `${ZONE} DNSKEY`;

export const postQuantum: Check = {
  name: 'ML-DSA',

  // Validators take the zone for insecure and never fetch its keys by themselves.
  tests: ({ origin }) => [{ id: ID, question: { name: `${ZONE}.${origin}`, type: 'DNSKEY' } }],

  look(findings) {
    const found = findings.get(ID);
    if (!found || found.status === 'NXDOMAIN') return undefined;
    const came = found.exchanges.at(-1)?.reply?.types.includes('DNSKEY');
    if (!came || !isFine(found) || found.octets === undefined)
      return {
        state: 'unknown',
        text: `the keys of a zone signed with ML-DSA-44 did not come (${whyNot(found)})`,
      };
    return {
      state: 'good',
      text: `the keys of a zone signed with ML-DSA-44, ${found.octets} octets, came over ${found.transport.toUpperCase()}: what a post-quantum root would ask of you`,
    };
  },
};
