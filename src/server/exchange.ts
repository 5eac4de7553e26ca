/** Exchange: one query that came, as far as it has been read. */

import type { Proof } from '../record/facts.ts';
import type { readHeader } from '../wire/header.ts';
import type { Query } from '../wire/query.ts';
import type { Arrival } from './arrival.ts';
import type { Cookie } from './cookie.ts';

export interface Exchange {
  readonly arrival: Arrival;
  readonly header: ReturnType<typeof readHeader>;
  /** Without question and EDNS where the message could not be read. */
  readonly query: Query;
  readonly cookie: Cookie;
  /** What proves the source address, gates aside. */
  readonly proof: Proof;
  /** Milliseconds since the epoch. */
  readonly time: number;
  /** Microseconds on the monotonic clock. */
  readonly started: number;
  /** Counter of the response. */
  readonly instance: number;
}
