/** What the resolver says of itself in its queries to the servers: EDNS size, DO, cookie (RFC 6891). */
import type { Check } from '../check.ts';
import { OPENING, openingTest } from '../opening.ts';
import { sourcesOf } from '../outcome.ts';
import { readSeen } from '../texts.ts';

/** RFC 4035 §4.1: what a validating resolver must be able to receive over UDP. */
const LEAST_SIZE = 1220;

export const edns: Check = {
  name: 'EDNS',

  tests: (plan) => [openingTest(plan)],

  look(findings) {
    const seen = readSeen(findings.get(OPENING)?.texts);
    if (seen === undefined) return undefined;
    const from = sourcesOf(findings).join(' and ');
    if (seen.ednsSize === undefined)
      return {
        state: 'problem',
        text: 'the servers are asked without EDNS, so nothing above 512 octets comes over UDP, and no signature at all',
        advice: [
          `Queries from ${from} reach the servers without EDNS: either it is switched off in the resolver, or a firewall on the way takes it out. DNSSEC cannot work without it.`,
        ],
      };
    const signs = seen.dnssecOk ? 'DO=1' : 'DO=0 (it wants no signatures)';
    const text = `offers the servers ${seen.ednsSize} octets, ${signs}, ${seen.cookie === 'none' ? 'no cookie' : 'a cookie'}`;
    if (seen.ednsSize >= LEAST_SIZE) return { state: 'good', text };
    return {
      state: 'problem',
      text: `${text}; a validating resolver must take ${LEAST_SIZE} (RFC 4035 §4.1)`,
      advice: [
        `The resolver offers ${seen.ednsSize} octets, and less than ${LEAST_SIZE} sends every longer answer over TCP. Look for a setting, or for answers that got lost before: some software offers less after a loss.`,
      ],
    };
  },
};
