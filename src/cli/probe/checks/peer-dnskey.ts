/** The keys of the origin at a name server itself: whole over UDP, signed, and signed for now (RFC 4034). */
import type { Check } from '../check.ts';
import type { Key } from '../message.ts';
import { OPENING } from '../opening.ts';
import { isFine } from '../test.ts';
import { readSeen } from '../texts.ts';

const ID = 'DNSKEY';

export const peerDnskey: Check = {
  name: 'DNSKEY',

  tests: ({ origin }) => [{ id: ID, question: { name: origin, type: 'DNSKEY' } }],

  look(findings) {
    const finding = findings.get(ID);
    if (finding === undefined) return undefined;
    const exchange = finding.exchanges.at(-1);
    if (!isFine(finding) || exchange?.reply === undefined)
      return {
        state: 'problem',
        text: `no keys: ${finding.problem}`,
        advice: ['Without its DNSKEY set no resolver can validate the origin: look into the log of padzone.'],
      };
    const { keys, signatures } = exchange.reply;
    const text = `${keys.map(describe).join(', ')} in ${exchange.octets} octets over ${exchange.transport.toUpperCase()}`;
    const now = finding.startedAt / 1000;
    // What is not asked for does not come, and that it is not is the matter of the check of EDNS.
    if (signatures.length === 0 && readSeen(findings.get(OPENING)?.texts)?.dnssecOk === false)
      return { state: 'unknown', text: `${text}, without a signature: DO=1 does not reach the server` };
    if (signatures.length === 0)
      return { state: 'problem', text: `${text}, without a signature`, advice: [ADVICE] };
    if (signatures.some(({ inception, expiration }) => now < inception || now > expiration))
      return { state: 'problem', text: `${text}, signed for another time than now`, advice: [ADVICE] };
    return { state: 'good', text: `${text}, signed for now` };
  },
};

const ADVICE = 'Resolvers that validate will say SERVFAIL: check the clock and the keys of the server.';

function describe({ flags, algorithm, tag }: Key): string {
  return `${flags === 257 ? 'KSK' : 'ZSK'} ${tag} (algorithm ${algorithm})`;
}
