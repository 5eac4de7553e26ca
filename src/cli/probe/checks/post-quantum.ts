/** Post-quantum: what the keys of a zone signed with ML-DSA-44 weigh, and whether so much gets through (FIPS 204). */
import { below } from '../../below.ts';
import { type Check, type Judgment, untested } from '../check.ts';
import { outcomesOf } from '../outcome.ts';
import { type Finding, isFine, isMissing, whyNot } from '../test.ts';
import { isBad } from './sizes.ts';
import { isTcpBad } from './tcp.ts';

const ZONE = 'mldsa44';
const ID = `${ZONE} DNSKEY`;

export const postQuantum: Check = {
  name: 'ML-DSA',

  // Validators take the zone for insecure and never fetch its keys by themselves.
  tests: ({ origin }) => [{ id: ID, question: { name: below(ZONE, origin), type: 'DNSKEY' } }],

  look(findings) {
    const found = findings.get(ID);
    if (!found || isMissing(found)) return undefined;
    const came = found.exchanges.at(-1)?.reply?.types.includes('DNSKEY');
    if (!came || !isFine(found) || found.octets === undefined)
      return absent(found, outcomesOf(findings).some(isBad) || isTcpBad(findings));
    return {
      state: 'good',
      text: `the keys of a zone signed with ML-DSA-44, ${found.octets} octets, came over ${found.transport.toUpperCase()}: what a post-quantum root would ask of you`,
    };
  },
};

/** Where other answers got lost for their size, these may have been lost for theirs. */
function absent(found: Finding, isPathBad: boolean): Judgment {
  const why = `the keys of a zone signed with ML-DSA-44 did not come (${whyNot(found)})`;
  return isPathBad ? { state: 'unknown', text: why } : untested(why);
}
