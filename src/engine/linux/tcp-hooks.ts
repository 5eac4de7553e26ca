/** What the TCP loop is given, and what it calls. */
import type { LocalAddress } from '../../server/inbound.ts';
import type { TcpLimits } from '../tcp-limits.ts';
import type { LoopHooks } from './hooks.ts';

/** A socket that listens, by `openTcp`; the loop never closes it. */
export interface TcpListener {
  readonly fd: number;
  readonly local: LocalAddress;
  readonly family: 4 | 6;
}

export interface TcpHooks extends LoopHooks {
  /** Looked up again and again, so that a reload takes effect. */
  limits(): TcpLimits;
}
