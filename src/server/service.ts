/** Service: what a loop over sockets calls for each message. One a thread. */

import type { Arm } from '../behaviors/behavior.ts';
import type { Facts } from '../record/facts.ts';
import type { RowSink } from '../record/sink.ts';
import type { Inbound } from './inbound.ts';

/** An answer that does not leave at once, or not in the usual way, or that has no room in the loop's buffer. */
export interface Special {
  readonly octets: Uint8Array;
  readonly delayMs: number;
  readonly arm: Arm;
  /** To be recorded when it leaves, or as `unsent`. */
  readonly facts: Facts;
}

export interface Service {
  /**
   * Answers one message.
   * @param out the answer is written at `at`; `limit` octets are free there
   * @param rows gets the row of an answer that leaves at once, and of silence; not yet committed. Its latency is the loop's to say.
   * @returns octets of the answer; 0 where nothing leaves now
   */
  answer(inbound: Inbound, out: Uint8Array, at: number, limit: number, rows: RowSink): number;
  /** Set by `answer` to what leaves otherwise; undefined after every other answer. */
  readonly special: Special | undefined;
  /** Set by `answer`: where in `rows.octets` the row of this message begins, -1 where there is none. */
  readonly rowAt: number;
  /** Set by `answer`: true where the message was no query at all (a runt, a response): TCP then closes the connection. */
  readonly isNonsense: boolean;
}
