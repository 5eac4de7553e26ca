import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { LOSSES_NEEDED, NATS, natsOf, SEQUENTIAL_TEST } from '../../src/observe/sequential.ts';

// Wald 1945; alpha 1e-6 and beta 1e-3 give an upper bound of +13.81 nats.
it('weighs losses, and decides at the fifth', () => {
  expect(NATS.loss).toBeCloseTo(2.89, 2);
  expect(NATS.decisive).toBeCloseTo(13.81, 2);
  expect(LOSSES_NEEDED).toBe(5);
  const page = readFileSync('docs/verdicts.md', 'utf8');
  expect(page).toContain(`${NATS.loss.toFixed(2)} nats, and ${NATS.decisive.toFixed(2)} (alpha`);
  expect(natsOf(4)).toBeLessThan(NATS.decisive);
  expect(natsOf(5)).toBeGreaterThan(NATS.decisive);
});

it('calls a path that is well broken less often than alpha says, however long it is tested', () => {
  // The bound of Wald: the chance ever to cross is at most exp(-decisive).
  expect(Math.exp(-NATS.decisive)).toBeLessThanOrEqual(SEQUENTIAL_TEST.alpha * 1.01);
  expect(SEQUENTIAL_TEST.lossWhenWell ** LOSSES_NEEDED).toBeLessThanOrEqual(SEQUENTIAL_TEST.alpha);
});
