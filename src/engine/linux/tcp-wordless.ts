/** Wordless connections: those that end before they have asked, as rows, one a second for each source (RFC 7766 §6.2.2, RFC 9210 §6.5). */
import type { Excluded } from '../../record/facts.ts';
import { Inbound } from '../../server/inbound.ts';
import { arrivalOf } from '../../server/quick/service.ts';
import { wordlessConnection } from '../../server/record.ts';
import type { TcpHooks } from './tcp-hooks.ts';
import type { Peer } from './tcp-peer.ts';

const SLOTS = 4096;
/** A flood of connections writes no flood of rows. */
const QUIET_MS = 1000;

export class Wordless {
  private readonly hooks: Pick<TcpHooks, 'record' | 'now'>;
  private readonly notedAt = new Float64Array(SLOTS).fill(Number.NEGATIVE_INFINITY);

  constructor(hooks: Pick<TcpHooks, 'record' | 'now'>) {
    this.hooks = hooks;
  }

  /**
   * @param excluded `budget` where our own limits ended it: the row keeps the path from being blamed
   * @param now milliseconds of the loop's clock
   */
  note(peer: Peer, excluded: Extract<Excluded, '' | 'budget'>, now: number): void {
    const slot = (peer.family === 4 ? peer.words[0] : peer.words[3]) % SLOTS;
    if (now - this.notedAt[slot]! < QUIET_MS) return;
    this.notedAt[slot] = now;
    const inbound = new Inbound(peer.local);
    inbound.transport = 'tcp';
    peer.introduce(inbound);
    const facts = wordlessConnection(arrivalOf(inbound), this.hooks.now(), excluded);
    this.hooks.record({ ...facts, syn_mss: peer.synMss || null });
  }
}
