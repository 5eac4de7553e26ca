/** `rs`: the largest UDP answer that gets through, in one lookup. */
import { below } from '../../below.ts';
import type { Check } from '../check.ts';
import { offeredSize, outcomesOf } from '../outcome.ts';
import { isFine } from '../test.ts';
import { readLadderLimit } from '../texts.ts';
import { isBad } from './sizes.ts';

/** Of the ladder; the same as in src/behaviors/ladder.ts. */
const STEPS = [1232, 1472, 2048, 4096];
const LEAST_STEP = 512;

export const ladder: Check = {
  name: 'rs',

  tests: ({ origin, run }) => [{ id: 'rs', question: { name: below(`rs-${run}`, origin), type: 'TXT' } }],

  look(findings) {
    const finding = findings.get('rs');
    if (finding === undefined) return undefined;
    const limit = readLadderLimit(finding.texts);
    // The loss that ends the ladder is what the sizes have shown, if they have.
    const isExplained = outcomesOf(findings).some(isBad);
    if (!isFine(finding) || limit === undefined)
      return {
        state: 'problem',
        text: `the ladder did not end: ${finding.problem ?? 'the answer holds no reply size limit'}`,
        ...(!isExplained && {
          advice: [
            'The sizes arrive one by one, but the ladder rs did not end: run the probe again, and look at the time that the resolver allows for one question.',
          ],
        }),
      };
    const wanted = STEPS.findLast((size) => size <= (offeredSize(findings) ?? 0)) ?? LEAST_STEP;
    const text = `the reply size limit is at least ${limit} octets`;
    if (limit >= wanted) return { state: 'good', text };
    // A step that comes late ends it as well, so it is no finding without the sizes.
    return {
      state: 'unknown',
      text: `${text}, of ${wanted} offered: a step got lost or came late`,
    };
  },
};
