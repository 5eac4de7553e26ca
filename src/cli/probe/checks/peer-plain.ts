/** A query without EDNS, as the simplest clients send it: an answer of at most 512 octets, and no OPT (RFC 6891 §7). */
import type { Check } from '../check.ts';
import { isFine } from '../test.ts';

const ID = 'SOA without EDNS';
const LIMIT = 512;

export const peerPlain: Check = {
  name: 'plain',

  tests: ({ origin }) => [{ id: ID, question: { name: origin, type: 'SOA', isPlain: true } }],

  look(findings) {
    const finding = findings.get(ID);
    if (finding === undefined) return undefined;
    const exchange = finding.exchanges.at(-1);
    if (!isFine(finding))
      return {
        state: 'problem',
        text: `no SOA without EDNS: ${finding.problem}`,
        advice: ['Queries without EDNS must be answered: look for a filter in front of the server.'],
      };
    const hasOpt = exchange?.reply?.udpPayloadSize !== undefined;
    const text = `SOA without EDNS: ${finding.octets} octets${hasOpt ? ', with an OPT that nobody asked for' : ''}`;
    const isSound = !hasOpt && exchange?.transport === 'udp' && (finding.octets ?? 0) <= LIMIT;
    return isSound
      ? { state: 'good', text }
      : {
          state: 'problem',
          text,
          advice: [
            `Something in front of the server changes DNS: it must answer ${LIMIT} octets at most, over UDP, without OPT.`,
          ],
        };
  },
};
