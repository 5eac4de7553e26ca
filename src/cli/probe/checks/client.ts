/** The way between the resolver and this host: a long answer of which the resolver hands all on. */
import { below } from '../../below.ts';
import type { Check } from '../check.ts';
import { outcomesOf } from '../outcome.ts';
import { type Finding, type Findings, isFine } from '../test.ts';
import { isBad } from './sizes.ts';

/** Fits what this host offers, with the signatures that a resolver adds. */
const SIZE = 2048;
const ID = `p${SIZE}`;
/** Trials of other checks that would show a loss in front of the resolver. */
const OTHER_WAYS = ['s512-tc', 's4096-tc', 's4096.v4', 's4096.v6'];

const ADVICE =
  'The way between the resolver and this host loses answers: let fragments and TCP to port 53 of the resolver pass, or set the EDNS size of its answers to 1232.';

export const client: Check = {
  name: 'client',

  tests: ({ origin, run }) => [
    {
      id: ID,
      question: { name: below(`p${SIZE}-${run}`, origin), type: 'TXT' },
      // What does not reach the resolver says nothing of the way behind it.
      onlyIf: isLossless,
    },
  ],

  look(findings) {
    const finding = findings.get(ID);
    const exchange = finding?.exchanges.at(-1);
    const late = outcomesOf(findings).filter((row) => !isBad(row) && cameAfterSilence(row.finding));
    if (late.length > 0 || (finding !== undefined && isFine(finding) && cameAfterSilence(finding))) {
      const octets =
        late.length > 0
          ? `those of ${late.map(({ size }) => size).join(', ')} octets`
          : `one of ${SIZE} octets`;
      return {
        state: 'problem',
        text: `answers of the resolver came to this host over TCP only, after silence over UDP: ${octets}`,
        advice: [ADVICE],
      };
    }
    if (finding === undefined || exchange === undefined) return undefined;
    if (!isFine(finding)) {
      const text = `an answer of about ${SIZE} octets does not come from the resolver: ${finding.problem}`;
      return { state: 'problem', text, advice: [ADVICE] };
    }
    const how = exchange.udp === 'truncated' ? ', after TC=1 over UDP' : '';
    const over = exchange.transport.toUpperCase();
    return {
      state: 'good',
      text: `${exchange.octets} octets came from the resolver to this host over ${over}${how}`,
    };
  },
};

/** Up to the resolver, over all ways that were asked. */
function isLossless(findings: Findings): boolean {
  const others = OTHER_WAYS.flatMap((id) => findings.get(id) ?? []);
  return others.every(isFine) && outcomesOf(findings).every((row) => !isBad(row));
}

/** Nothing got lost before the resolver, so it did not wait: what lacks over UDP got lost behind it. */
function cameAfterSilence({ exchanges }: Finding): boolean {
  return exchanges.some(({ udp, reply }) => udp === 'silent' && reply !== undefined);
}
