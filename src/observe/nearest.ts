/** Nearest: the member of a list before or after a place whose number is small enough, by halves. */

export interface Nearest {
  /** The last place before `end`, not counting it, with a number below `limit`; undefined where there is none. */
  before(end: number, limit: number): number | undefined;
  /** The first such place from `start` on, counting it. */
  from(start: number, limit: number): number | undefined;
}

/** Keeps the least number of each half, of each half of it, and so on. */
export function indexNearest(numbers: readonly number[]): Nearest {
  let width = 1;
  while (width < numbers.length) width *= 2;
  // The halves of node n are 2n and 2n + 1; the numbers begin at `width`.
  const least = new Float64Array(2 * width).fill(Number.POSITIVE_INFINITY);
  least.set(numbers, width);
  for (let node = width - 1; node > 0; node--)
    least[node] = Math.min(leastOf(2 * node), leastOf(2 * node + 1));
  function leastOf(node: number): number {
    return least[node] ?? Number.POSITIVE_INFINITY;
  }
  /** Goes down to the first or last small number of a node that holds one. */
  function descend(node: number, limit: number, isLast: boolean): number {
    let at = node;
    while (at < width) {
      const wanted = 2 * at + (isLast ? 1 : 0);
      at = leastOf(wanted) < limit ? wanted : wanted ^ 1;
    }
    return at - width;
  }
  return {
    before(end, limit) {
      if (end >= width) return leastOf(1) < limit ? descend(1, limit, true) : undefined;
      // Up from the place; to the left of a right half stands a half that lies before it.
      for (let node = width + end; node > 1; node >>= 1)
        if (node % 2 === 1 && leastOf(node - 1) < limit) return descend(node - 1, limit, true);
      return undefined;
    },
    from(start, limit) {
      if (start >= width) return undefined;
      let node = width + start;
      while (leastOf(node) >= limit) {
        // Up while it is a right half, then over to the next.
        while (node % 2 === 1) node >>= 1;
        if (node === 0) return undefined;
        node += 1;
      }
      return descend(node, limit, false);
    },
  };
}
