/** What a server under load is to the bench. */
import type { ChildProcess } from 'node:child_process';

export interface Place {
  /** The repository. */
  readonly root: string;
  /** Its own folder, made already. */
  readonly dir: string;
  /** To answer on, UDP and TCP, at 127.0.0.1. */
  readonly port: number;
  /** For metrics, where the server has them. */
  readonly httpPort: number;
}

export interface Peer {
  /** Distinguishes it among all that a case starts; also the name of its folder. */
  readonly name: string;
  /** Its process tree serves; padzone's descendants are helpers, weighed apart. */
  readonly hasHelpers?: boolean;
  /** Seconds until it may be ready, 15 unless it says otherwise. */
  readonly readySeconds?: number;
  /** What is missing to run it; undefined when nothing is. */
  missing(root: string): string | undefined;
  start(place: Place): ChildProcess;
}
