import { expect, it } from 'vitest';
import { LOSSES_NEEDED, NATS, natsOf, SEQUENTIAL_TEST } from '../../src/observe/sequential.ts';

// Wald 1945; alpha 1e-6 and beta 1e-3 give bounds of +13.81 and -6.91 nats.
it('weighs a loss and an arrival, and decides at the fifth loss', () => {
  expect(NATS.loss).toBeCloseTo(2.89, 2);
  expect(NATS.arrival).toBeCloseTo(-2.25, 2);
  expect(NATS.decisive).toBeCloseTo(13.81, 2);
  expect(LOSSES_NEEDED).toBe(5);
  expect(natsOf(4, 0)).toBeLessThan(NATS.decisive);
  expect(natsOf(5, 0)).toBeGreaterThan(NATS.decisive);
  expect(natsOf(5, 1)).toBeLessThan(NATS.decisive);
});

it('calls a path that is well broken less often than alpha says, however long it is tested', () => {
  // The bound of Wald: the chance ever to cross is at most exp(-decisive).
  expect(Math.exp(-NATS.decisive)).toBeLessThanOrEqual(SEQUENTIAL_TEST.alpha * 1.01);
  expect(SEQUENTIAL_TEST.lossWhenWell ** LOSSES_NEEDED).toBeLessThanOrEqual(SEQUENTIAL_TEST.alpha);
});
