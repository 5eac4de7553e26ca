/** Sequential test: how many losses it takes to say that a size cannot arrive (Wald 1945). */

/**
 * A loss of 5% is a path that is well, of 90% one that is not; five independent losses decide.
 *
 * At 2% four would do, and a million tests on paths that lose 5% would give seven false verdicts.
 */
export const SEQUENTIAL_TEST = {
  lossWhenWell: 0.05,
  lossWhenBroken: 0.9,
  /** How often a path that is well is called broken. */
  alpha: 1e-6,
  /** How often a broken one is called well; also bounds what decides. */
  beta: 1e-3,
} as const;

const { lossWhenWell, lossWhenBroken, alpha, beta } = SEQUENTIAL_TEST;

/** Natural logarithms of likelihood ratios: what one loss weighs, and the sum that decides for "broken". */
export const NATS = {
  loss: Math.log(lossWhenBroken / lossWhenWell),
  decisive: Math.log((1 - beta) / alpha),
} as const;

/** Independent losses that decide where nothing arrived meanwhile. */
export const LOSSES_NEEDED = Math.ceil(NATS.decisive / NATS.loss);

/**
 * What losses weigh; an arrival begins the test anew, because a path that was well then may be broken since.
 *
 * @param losses that are independent of each other, since the last arrival
 */
export function natsOf(losses: number): number {
  return losses * NATS.loss;
}
