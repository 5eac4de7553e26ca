/** What the main thread and its packet threads say to each other. */
import type { Arm } from '../../behaviors/behavior.ts';
import type { SharedTables } from '../../server/shared.ts';
import type { WorldData } from '../world.ts';
import type { UdpSocket } from './hooks.ts';
import type { TcpListener } from './tcp-hooks.ts';

/** All that a thread begins with; the same for one that replaces it. */
export interface ThreadStart {
  /** In numbers of rows and responses. */
  readonly thread: number;
  readonly sockets:
    | {
        readonly kind: 'udp';
        readonly udp: readonly UdpSocket[];
        /** By `openIcmp`; the first thread alone has it. */
        readonly icmp: number | undefined;
      }
    | { readonly kind: 'tcp'; readonly tcp: readonly TcpListener[] };
  readonly control: SharedArrayBuffer;
  readonly ring: SharedArrayBuffer;
  readonly shared: SharedTables;
  readonly ledger: SharedArrayBuffer;
  readonly pathMtus: SharedArrayBuffer;
  readonly arms: readonly Arm[];
  readonly world: WorldData;
}

/**
 * To a thread. A reload has two steps: `prepare` builds a world and puts it aside, `commit` answers from it, `forget` drops it.
 * Each is followed by a new generation in the control words.
 */
export type ToThread =
  | { readonly kind: 'prepare'; readonly reload: number; readonly world: WorldData }
  | { readonly kind: 'commit' | 'forget'; readonly reload: number };

/** From a thread. `reload` 0 is its start. */
export type FromThread =
  | { readonly kind: 'done'; readonly reload: number }
  | { readonly kind: 'refused'; readonly reload: number; readonly error: Error }
  | { readonly kind: 'trouble' | 'bug'; readonly error: Error };
