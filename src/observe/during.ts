/** During: the part of a list in order of time that lies in a span, by halves. */

/** The place of the first moment that is not before `from`; the length where all are. @param moments in order */
export function placeFrom(moments: readonly number[], from: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle] ?? from) < from) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** The place of the first moment after `to`; the length where there is none. @param moments in order */
export function placeAfter(moments: readonly number[], to: number): number {
  let [low, high] = [0, moments.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((moments[middle] ?? to) <= to) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** How many moments lie in a span, both ends counted. @param moments in order */
export function countDuring(moments: readonly number[], from: number, to: number): number {
  return placeAfter(moments, to) - placeFrom(moments, from);
}

/** Members of a list by the moment of each, made once and asked often. */
export interface Timeline<T> {
  /** Those in a span, both ends counted, in order; the first `most` of them. */
  during(from: number, to: number, most?: number): T[];
  /** Of those the first and the last `most`, in order. */
  edgesDuring(from: number, to: number, most: number): T[];
  /** The first of them. */
  firstDuring(from: number, to: number): T | undefined;
}

/** @param list in order of time, which nobody changes afterwards */
export function timelineOf<T extends { readonly time: number }>(list: readonly T[]): Timeline<T> {
  const moments = list.map(({ time }) => time);
  return {
    during(from, to, most = Number.POSITIVE_INFINITY) {
      const start = placeFrom(moments, from);
      return list.slice(start, Math.min(placeAfter(moments, to), start + most));
    },
    edgesDuring(from, to, most) {
      const [start, end] = [placeFrom(moments, from), placeAfter(moments, to)];
      if (end - start <= 2 * most) return list.slice(start, end);
      return [...list.slice(start, start + most), ...list.slice(end - most, end)];
    },
    firstDuring(from, to) {
      const first = list[placeFrom(moments, from)];
      return first !== undefined && first.time <= to ? first : undefined;
    },
  };
}
