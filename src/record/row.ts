/** Row: what one row of any event says, as columns; for a query its facts. */
import type { Facts } from './facts.ts';
import type { EVENTS, LOSSES } from './layout.ts';

/** `path`: an ICMP error came back. `flood`: queries that were only counted. `lost`: rows that could not be kept. */
export type RowEvent = Exclude<(typeof EVENTS)[number], ''>;

export type LossReason = Exclude<(typeof LOSSES)[number], ''>;

/** Columns that mean nothing for an event hold 0, nothing, or the first of their words. */
export interface Row extends Facts {
  readonly event: RowEvent;
  /** Queries or rows that it stands for; 1 but for `flood` and `lost`. */
  readonly count: number;
  /** Why rows were lost; empty for every other event. */
  readonly reason: LossReason | '';
  /** Path events only. */
  readonly icmp_type: number | null;
  readonly icmp_code: number | null;
  /** MTU that the error names, octets; null where it names none. */
  readonly icmp_mtu: number | null;
  /** Who sent the error, null where unknown. */
  readonly icmp_from: string | null;
}
