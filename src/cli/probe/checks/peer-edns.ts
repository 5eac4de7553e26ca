/** Whether EDNS reaches a name server as it was sent. */
import type { Check } from '../check.ts';
import { UDP_PAYLOAD_SIZE } from '../message.ts';
import { OPENING, openingTest } from '../opening.ts';
import { readSeen } from '../texts.ts';

export const peerEdns: Check = {
  name: 'EDNS',

  tests: (plan) => [openingTest(plan)],

  look(findings) {
    const seen = readSeen(findings.get(OPENING)?.texts);
    if (seen === undefined) return undefined;
    const saw =
      seen.ednsSize === undefined ? 'no EDNS' : `${seen.ednsSize} octets, DO=${seen.dnssecOk ? 1 : 0}`;
    if (seen.ednsSize === UDP_PAYLOAD_SIZE && seen.dnssecOk)
      return { state: 'good', text: `${seen.node} saw what was sent from ${seen.source}: ${saw}` };
    return {
      state: 'problem',
      text: `sent ${UDP_PAYLOAD_SIZE} octets and DO=1, but ${seen.node} saw ${saw}`,
      advice: [
        `Something between ${seen.source} and the server changes EDNS: look for a firewall or load balancer in front of it that reads DNS.`,
      ],
    };
  },
};
