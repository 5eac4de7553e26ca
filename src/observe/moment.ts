/** Moment: finding a place in a list that is in order of time, and a moment in words. */

/** How many members lie at or before `moment`, by halves. @param list in order of time */
export function countUpTo(list: readonly { readonly at: number }[], moment: number): number {
  let [low, high] = [0, list.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((list[middle]?.at ?? moment) <= moment) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `2026-11-23 16:40 UTC`, for sentences. */
export function minuteOf(moment: number): string {
  return `${new Date(moment).toISOString().slice(0, 16).replace('T', ' ')} UTC`;
}
