/** Root keys: whether a DNSKEY answer as large as the root's will be reaches the resolver's validator (RFC 4035 §5, RFC 7766 §5). */
import { below } from '../../below.ts';
import { type Check, type Judgment, untested } from '../check.ts';
import { type Finding, type Findings, isFine, isMissing, type Plan, type Test, whyNot } from '../test.ts';
import { readProofName } from '../texts.ts';
import { isTcpBad } from './tcp.ts';

/** Replicas of the root's key sets: what most paths take, and the largest that comes. */
const USUAL = { id: 'trial-k20261011', octets: 1139 };
const LARGEST = { id: 'trial-k20270111', octets: 1425, from: '2027-01-11' };
const BOGUS = 'live.bogus';

export const rootKeys: Check = {
  name: 'root',

  tests: (plan) => [USUAL, LARGEST].flatMap(({ id }) => trialOf(plan, id)),

  look(findings) {
    const [usual, largest, bogus] = [USUAL.id, LARGEST.id, BOGUS].map((id) => findings.get(id));
    // A server that is older has no such names.
    if (!usual || !largest || isMissing(usual) || isMissing(largest)) return undefined;
    if (isFine(bogus))
      return { state: 'unknown', text: 'it does not validate, so it needs none of the keys of the root' };
    if (isFine(largest))
      return {
        state: 'good',
        text: `a DNSKEY answer of ${LARGEST.octets} octets, as the root's from ${LARGEST.from}, arrives${largest.exchanges.at(-1)?.reply?.ad ? ' and validates' : ''}`,
      };
    return isFine(usual)
      ? tooLarge(largest, isTcpBad(findings))
      : untested(`${whyNot(usual)} with ${USUAL.octets} octets already`);
  },
};

function tooLarge(largest: Finding, isTcpKnown: boolean): Judgment {
  const fact = `From ${LARGEST.from} the root's DNSKEY answer has ${LARGEST.octets} octets, and one of that size did not reach the resolver: every name would fail`;
  return {
    state: 'problem',
    text: `a DNSKEY answer of ${USUAL.octets} octets arrives, one of ${LARGEST.octets} does not (${whyNot(largest)})`,
    // What to do about TCP has been said.
    advice: [
      isTcpKnown
        ? `${fact}. So mend TCP by then.`
        : `${fact}. Let TCP to port 53 out. If the resolver offers more than 1232 octets over UDP, let fragments and packets of 1500 octets in, or have it offer 1232.`,
    ],
  };
}

/** A zone that nobody has keys of yet; and, where its answer came, the name in it, by which the server learns that it came. */
function trialOf({ origin }: Plan, id: string): Test[] {
  const question = { name: below(id, origin), type: 'TXT' } as const;
  const proofOf = (findings: Findings) => readProofName(findings.get(id)?.texts);
  return [
    { id, question },
    { id: `${id} proof`, question, nameFrom: proofOf },
  ];
}
