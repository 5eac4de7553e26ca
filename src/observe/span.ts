/** Span: from the first to the last of many moments. */

export interface Span {
  readonly first_at: number;
  readonly last_at: number;
}

/** The span that holds all others; `Math.min(...)` would overflow the stack on a day of trials. */
export function spanOf(spans: Iterable<Span>): Span {
  let [first_at, last_at] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  for (const span of spans) {
    first_at = Math.min(first_at, span.first_at);
    last_at = Math.max(last_at, span.last_at);
  }
  return { first_at, last_at };
}
