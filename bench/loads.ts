/** What a load is, and what it brings back. */

export interface LoadResult {
  readonly answers: number;
  readonly lost: number;
  readonly perSecond: number;
  /** Mean octets of one response; a server that truncates shows here. */
  readonly responseOctets: number;
  /** As `NOERROR 100%`. */
  readonly rcodes: string;
  /** What else there is to say of it. */
  readonly note?: string;
}

export interface LoadPlace {
  readonly port: number;
  /** Scratch folder of the bench. */
  readonly scratch: string;
  readonly seconds: number;
  /** How often this load has run already with this server, so that it never asks a unique name twice. */
  readonly turn: number;
}

export interface Load {
  run(place: LoadPlace): Promise<LoadResult>;
  /** The same at a fixed rate: half of the answers within `p50`, 99 of 100 within `p99`, in ms. */
  latency?(place: LoadPlace, perSecond: number): Promise<{ readonly p50: number; readonly p99: number }>;
}
