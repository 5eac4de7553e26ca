/** Window: how long things that belong together may lie apart. */

/** Rows belong to one trial while no gap between its answers is longer; also how long a cookie is evidence. */
export const WINDOW_MS = 60_000;

/** A resolver goes on with what it knows within this time of an answer. */
export const FOLLOW_MS = 2_000;

/** Clocks of two nodes may be so far apart. */
export const CLOCK_MS = 5_000;
