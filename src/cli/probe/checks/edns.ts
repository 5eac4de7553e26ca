/** What the resolver says of itself in its queries to the servers: EDNS size, DO, cookie (RFC 6891). */
import type { Check, Judgment } from '../check.ts';
import { adviseNoEdns, OPENING, openingTest } from '../opening.ts';
import { ednsSizesOver, sourcesOf } from '../outcome.ts';
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
      return ednsSizesOver('tcp', findings).some((size) => size !== undefined)
        ? stripped(from)
        : lacking(from);
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

/** The resolver sends EDNS, or its queries over TCP would not have it. */
function stripped(from: string): Judgment {
  return {
    state: 'problem',
    text: 'the servers are asked without EDNS over UDP, so nothing above 512 octets and no signature comes over it; over TCP they are asked with EDNS',
    advice: [
      `Something on the way from ${from} to the servers takes EDNS out of queries over UDP: look for a firewall or load balancer that reads DNS. Validation fails behind it.`,
    ],
  };
}

function lacking(from: string): Judgment {
  return {
    state: 'problem',
    text: 'the servers are asked without EDNS, so nothing above 512 octets comes over UDP, and no signature at all',
    advice: [adviseNoEdns(from)],
  };
}
