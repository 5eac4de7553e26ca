/** Wordless connections: those that end before they have asked, as rows, one a second for each source (RFC 7766 §6.2.2, RFC 9210 §6.5). */
import type { Excluded } from '../../record/facts.ts';
import { Inbound } from '../../server/inbound.ts';
import { arrivalOf } from '../../server/quick/service.ts';
import { wordlessConnection } from '../../server/record.ts';
import { WordlessLimit } from '../wordless-limit.ts';
import type { TcpHooks } from './tcp-hooks.ts';
import type { Peer } from './tcp-peer.ts';

export class Wordless {
  private readonly hooks: Pick<TcpHooks, 'record' | 'now'>;
  private readonly limit = new WordlessLimit();

  constructor(hooks: Pick<TcpHooks, 'record' | 'now'>) {
    this.hooks = hooks;
  }

  /**
   * @param excluded `budget` where our own limits ended it: the row keeps the path from being blamed
   * @param now milliseconds of the loop's clock
   */
  note(peer: Peer, excluded: Extract<Excluded, '' | 'budget'>, now: number): void {
    if (!this.limit.take(peer.words, now)) return;
    const inbound = new Inbound(peer.local);
    inbound.transport = 'tcp';
    peer.introduce(inbound);
    const facts = wordlessConnection(arrivalOf(inbound), this.hooks.now(), excluded);
    this.hooks.record({ ...facts, syn_mss: peer.synMss || null });
  }
}
