/** Contract of the lab: what is tested where, and what a world of namespaces, servers and resolvers offers to whoever runs cells. */
import type { Observation } from '../src/observe/observation.ts';
import type { DigResult, Lookup } from '../test/support/dig.ts';
import type { Finished } from '../test/support/namespace.ts';
import type { Passage } from './passage.ts';
import type { Add } from './resolvers/resolver.ts';

/** EDNS size that a resolver is told to offer; `default` leaves its own. */
export type EdnsSetting = 4096 | 1232 | 'default';
/** Family of the addresses between resolver and server; `any` leaves it to the resolver. */
export type Family = 4 | 6 | 'any';

/** A fresh resolver behind one path asks the sizes one after the other, the smallest first. */
export interface Unit {
  /** Name in the table of resolvers. */
  readonly resolver: string;
  readonly edns: EdnsSetting;
  /** Names in the table of impairments, joined by `+`; `clean` is none. */
  readonly path: string;
  readonly family: Family;
}

export interface Cell extends Unit {
  /** Octets asked for. */
  readonly size: number;
}

/** What a client of the resolver got. */
export interface ClientAnswer {
  /** RCODE mnemonic, or `TIMEOUT`. */
  readonly status: string;
  readonly ad: boolean;
  /** Texts at the end of the chain. */
  readonly texts: readonly string[];
  readonly elapsedMs: number;
}

/** What dig is asked, but for the server. */
export type Question = Omit<Lookup, 'server' | 'port'>;

/** A server of the origin. */
export interface LabServer {
  readonly node: string;
  /** Where it serves the children. */
  readonly address: string;
}

export interface LabResolver {
  /** Where it may be asked. */
  readonly address: string;
  /** Source addresses that its queries may reach the servers from, as the servers see them. */
  readonly sources: readonly string[];
  /**
   * Asks for TXT with dig, DO=1, one try.
   * @param name full name
   */
  ask(name: string, timeoutMs: number): Promise<ClientAnswer>;
  /** Its own folder: configuration, log, and what it remembers of trust anchors. */
  readonly folder: string;
  /** One question by dig, as the options say. */
  dig(question: Question): Promise<DigResult>;
  /** Runs a program where the resolver runs, to its end. */
  run(command: string, args: readonly string[]): Promise<Finished>;
  /** Ends it, lets `meanwhile` change its files, and starts it again as it was. */
  restart(meanwhile: () => void): Promise<void>;
  /** Ends it, and what the path needed for it alone. */
  close(): Promise<void>;
}

export interface Lab {
  /** Origin of the test zone, without the final dot: both servers serve it, the children `v4` and `v6` under it. */
  readonly origin: string;
  /** Starts a resolver of its own, with a source address in a prefix (/24, /48) of its own, behind its path. */
  open(unit: Unit, add?: Add): Promise<LabResolver>;
  /** One question by dig from the network of the servers. */
  dig(lookup: Lookup): Promise<DigResult>;
  readonly servers: readonly LabServer[];
  /** DS lines of the root. */
  readonly anchors: readonly string[];
  /** What both servers make zones from. */
  readonly secret: Uint8Array;
  /** Sets the clock of both servers: milliseconds ahead of this machine's. */
  setClock(aheadMs: number): void;
  /** Milliseconds since the epoch by that clock. */
  now(): number;
  /** The row of every answer that both servers have given so far. */
  rows(): Promise<Observation[]>;
  /** Every packet so far on paths that lose by chance, lost or not. */
  passages(): readonly Passage[];
  /** Data directories of both servers. */
  readonly dataDirectories: readonly string[];
  /** Ends everything that it started, whatever happened; may be called twice. */
  close(): Promise<void>;
}
