/** What a case is: servers that get the same load in turn, and what its rows say. */
import type { Load, LoadResult } from '../loads.ts';
import type { Peer } from '../peers/peer.ts';

/** What an answer must be before its server is loaded. */
export interface Expectation {
  readonly qname: string;
  readonly octets?: number;
  /** NOERROR unless it says otherwise; with several, each of them will do. */
  readonly rcodes?: readonly string[];
  /** At least one, unless the server cannot sign. */
  readonly isUnsigned?: boolean;
}

/** One row: a server under a load. Two subjects may share a server. */
export interface Subject {
  readonly label: string;
  readonly peer: Peer;
  readonly load: Load;
  readonly expect: Expectation;
}

export interface Case {
  /** What --cases calls it. */
  readonly key: string;
  readonly title: string;
  /** What one answer costs each server beyond the title: signatures, what is logged. */
  readonly explanation?: string;
  /** For this length of run, since zones of unique names must hold enough of them. */
  subjects(run: RunLength): readonly Subject[];
  /** Measure latency at half the rate of the slowest server. */
  readonly hasLatency?: boolean;
  /** Asked while the servers of the case still run, after the rounds: lines to print and figures for the goals. */
  after?(context: AfterContext): Promise<readonly Fact[]>;
}

export interface RunLength {
  readonly rounds: number;
  readonly seconds: number;
}

export interface Instance {
  readonly peer: Peer;
  readonly pid: number;
  readonly port: number;
  readonly httpPort: number;
}

export interface AfterContext extends RunLength {
  readonly scratch: string;
  /** Millions of names of a denial flood. */
  readonly million: number;
  /** A running server of this case by its name. */
  instance(peerName: string): Instance | undefined;
}

/** A figure beside the table. */
export interface Fact {
  readonly name: string;
  readonly value: number;
  /** The sentence that people read. */
  readonly text: string;
}

/** One round of one subject. */
export interface Measurement extends LoadResult {
  readonly label: string;
  /** Microseconds of CPU time of the serving processes for one answer. */
  readonly userMicros: number;
  readonly systemMicros: number;
  /** Octets resident, of the serving processes. */
  readonly rss: number;
}

export interface CaseResult {
  readonly key: string;
  readonly title: string;
  readonly rows: readonly Row[];
  readonly facts: readonly Fact[];
  /** What was left out, and why. */
  readonly skipped: readonly string[];
}

export interface Row {
  readonly label: string;
  readonly perSecond: number;
  /** Slowest and fastest round. */
  readonly range: readonly [number, number];
  readonly userMicros: number;
  readonly systemMicros: number;
  /** Microseconds of helper processes for one answer, the rest after the last round included; undefined where there are none. */
  readonly helperMicros: number | undefined;
  readonly rss: number;
  /** Over all rounds. */
  readonly lost: number;
  readonly responseOctets: number;
  readonly rcodes: string;
  readonly note: string | undefined;
  readonly latency: { readonly p50: number; readonly p99: number } | undefined;
}
