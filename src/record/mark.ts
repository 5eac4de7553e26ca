/** Changes of a row that has been written and not yet committed: its answer left otherwise than thought. */
import { ACTIONS, EXCLUDED, FIELD, FLAGS, MARKS } from './layout.ts';

const DROP = ACTIONS.indexOf('drop');
const BUDGET = EXCLUDED.indexOf('budget');

/** The answer was ready and did not leave, because our own limits or the peer's end came first. */
export function markUnsent(octets: Uint8Array, view: DataView, at: number): void {
  view.setUint16(at + FIELD.resLen, 0, true);
  octets[at + FIELD.flags]! &= ~FLAGS.tc;
  octets[at + FIELD.marks]! &= ~MARKS.instance;
  view.setUint32(at + FIELD.instance, 0, true);
  octets[at + FIELD.action] = DROP;
  octets[at + FIELD.excluded] = BUDGET;
  octets[at + FIELD.fragments] = 0;
}

/** How long the query waited and the answer took: from when the loop read it to when the answer was handed to the kernel. */
export function markLatency(view: DataView, at: number, microseconds: number): void {
  view.setUint32(at + FIELD.latency, microseconds, true);
}

/** What the kernel knows of a TCP connection when an answer is done with; 0 and undefined where it does not say. */
export interface TcpFacts {
  /** Microseconds. */
  readonly rttUs: number;
  /** Octets. */
  readonly mss: number;
  readonly pmtu: number;
  /** What the SYN offered, octets. */
  readonly synMss: number;
  /** Whether the last octet of this answer was acknowledged. */
  readonly acked: boolean | undefined;
}

export function patchTcp(view: DataView, at: number, { rttUs, mss, pmtu, synMss, acked }: TcpFacts): void {
  view.setUint32(at + FIELD.tcpRtt, rttUs, true);
  view.setUint16(at + FIELD.tcpMss, Math.min(mss, 0xffff), true);
  view.setUint16(at + FIELD.tcpPmtu, Math.min(pmtu, 0xffff), true);
  view.setUint16(at + FIELD.synMss, synMss, true);
  view.setUint8(at + FIELD.tcpAcked, acked === undefined ? 0 : acked ? 1 : 2);
}
