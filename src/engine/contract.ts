/** What the packet engines owe to the parts above them, and those to them; one test holds both engines to it. */
import type { Config } from '../config.ts';
import type { RowSink } from '../record/sink.ts';
import type { ListenAddress } from './listen.ts';
import type { LoadedWorld } from './load-world.ts';

export type EngineName = 'linux' | 'plain';

export interface Engine {
  readonly name: EngineName;
  /** Addresses in the order of the settings, with the ports that the kernel chose. */
  readonly listening: readonly ListenAddress[];
  /** What it cannot see here, and why: lines for the log at start. */
  readonly unseen: readonly string[];
  /** From then on all threads answer from this. @throws {Error} and nothing has changed, where one thread cannot */
  reload(world: LoadedWorld): Promise<void>;
  /** Answers what has been received, brings every row into its ring, closes the sockets. */
  stop(): Promise<void>;
  counters(): EngineCounters;
  /** Ends a thread as a crash would, for tests; only where there are threads. */
  kill?(thread: number): Promise<void>;
}

export interface EngineCounters {
  /** Threads that answer. */
  readonly threads: number;
  /** Threads that ended by themselves and were replaced. */
  readonly replaced: number;
}

/** What an engine is given by the parts above it. */
export interface EngineParts {
  readonly config: Config;
  readonly world: LoadedWorld;
  /** Of `ledgerMemory`; read by `me`. */
  readonly ledger: SharedArrayBuffer;
  /** A sink for rows of the main thread, as thread 0. */
  sink(): RowSink;
  /** Takes rows out of this ring from now on. */
  attach(ring: SharedArrayBuffer): void;
  /** Brings what has been recorded so far into the ledger. */
  drain(): void;
  /** A socket failed; answers go on. */
  onTrouble(error: Error): void;
  /** A bug of ours in answering one query; the answer was SERVFAIL. */
  onBug(error: Error): void;
  /** A thread ended by itself; another one takes its place. */
  onReplaced(error: Error): void;
}
