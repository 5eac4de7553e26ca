/** The clock of a name server beside that of this host, from the time in its receipts. */
import type { Check } from '../check.ts';

/** docs/operating.md: several servers. */
const MOST_SECONDS = 5;

export const peerClock: Check = {
  name: 'clock',

  tests: () => [],

  look(findings) {
    const trials = [...findings.values()].flatMap(({ receipt, startedAt, elapsedMs }) =>
      receipt === undefined ? [] : [{ sentAt: receipt.sentAt, startedAt, endedAt: startedAt + elapsedMs }],
    );
    if (trials.length === 0) return undefined;
    // Receipts say whole seconds.
    const offsets = trials.map(({ sentAt, startedAt, endedAt }) => {
      if (sentAt + 1000 < startedAt) return (sentAt + 1000 - startedAt) / 1000;
      return sentAt > endedAt ? (sentAt - endedAt) / 1000 : 0;
    });
    const most = offsets.reduce((worst, offset) => (Math.abs(offset) > Math.abs(worst) ? offset : worst), 0);
    if (Math.abs(most) <= MOST_SECONDS)
      return { state: 'good', text: `within ${MOST_SECONDS} seconds of this host` };
    const by = `${Math.abs(most).toFixed(0)} seconds ${most < 0 ? 'behind' : 'ahead of'} this host`;
    return {
      state: 'problem',
      text: by,
      advice: [
        'Set both clocks right: nodes must agree within five seconds, or receipts of one count for nothing at the other.',
      ],
    };
  },
};
