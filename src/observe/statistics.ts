/** Statistics: intervals for shares and exact tests, for figures that people will quote. */

export interface Interval {
  readonly low: number;
  readonly high: number;
}

/**
 * Wilson's score interval of a share (Wilson 1927): unlike Wald's it holds at 0 of n, at n of n and for small n.
 *
 * @param count what was counted, 0 to `of`
 * @param of what it was counted among; 0 gives 0 to 1: nothing is known
 * @param z quantile of the normal distribution; 1.96 for 95%
 */
export function wilson(count: number, of: number, z = 1.96): Interval {
  if (of === 0) return { low: 0, high: 1 };
  const z2 = z ** 2;
  const middle = count + z2 / 2;
  const half = z * Math.sqrt((count * (of - count)) / of + z2 / 4);
  // Rounding must not carry an end past its bound, nor 0 of n away from 0.
  return {
    low: count === 0 ? 0 : Math.max(0, (middle - half) / (of + z2)),
    high: count === of ? 1 : Math.min(1, (middle + half) / (of + z2)),
  };
}

/**
 * Exact McNemar test: how often chance alone would split the discordant pairs as unevenly, or more so.
 *
 * @param b pairs in which only the first shows the event
 * @param c pairs in which only the second does
 * @returns two-sided p of the binomial distribution with 1/2; 1 without discordant pairs
 */
export function mcnemarExact(b: number, c: number): number {
  const of = b + c;
  const least = Math.min(b, c);
  // In logarithms: 2^-n leaves the range of numbers at n = 1075.
  let logTerm = -of * Math.LN2;
  for (let at = 0; at < least; at++) logTerm += Math.log((of - at) / (at + 1));
  let [sum, term] = [0, 1];
  for (let at = least; at >= 0 && term > Number.EPSILON; at--) {
    sum += term;
    term *= at / (of - at + 1);
  }
  return Math.min(1, 2 * sum * Math.exp(logTerm));
}

/**
 * Benjamini and Hochberg's adjustment of p-values (1995): at most a share of q among those up to q is expected to be chance.
 *
 * @returns q of each p, in the same order
 */
export function benjaminiHochberg(p: readonly number[]): number[] {
  const adjusted = Array<number>(p.length).fill(1);
  const descending = [...p.keys()].sort((a, b) => (p[b] ?? 0) - (p[a] ?? 0));
  let least = 1;
  for (const [at, index] of descending.entries()) {
    least = Math.min(least, (p[index] ?? 0) * (p.length / (p.length - at)));
    adjusted[index] = least;
  }
  return adjusted;
}
