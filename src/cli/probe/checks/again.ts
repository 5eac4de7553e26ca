/** A small answer once more at the end: whether what failed before failed for its size. */
import { below } from '../../below.ts';
import type { Check } from '../check.ts';
import { isFine } from '../test.ts';

const SIZE = 512;
export const CONTROL = `s${SIZE} again`;

export const again: Check = {
  name: 'control',

  // The run id as a label of its own: the same trial under another name, which no cache knows.
  tests: ({ origin, run }) => [
    { id: CONTROL, question: { name: below(`s${SIZE}.${run}`, origin), type: 'TXT' }, size: SIZE },
  ],

  look(findings) {
    const finding = findings.get(CONTROL);
    if (finding === undefined) return undefined;
    if (isFine(finding)) return { state: 'good', text: `${SIZE} octets arrived at the end as well` };
    return {
      state: 'problem',
      text: `at the end not even ${SIZE} octets arrived (${finding.status})`,
      advice: [
        `By the end the resolver got no answer of ${SIZE} octets either: it has given up the servers after losses, or the network has failed meanwhile. What failed above may not have failed for its size; wait some minutes and run the probe again, with --sizes for one size.`,
      ],
    };
  },
};
