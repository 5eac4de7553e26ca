/** What one resolver software must tell the lab: the shape of every row of the table. */
import type { Pair } from '../addresses.ts';

/** What one resolver has besides what all of its software have. */
export interface Addition {
  /** Lines in the language of its configuration: within `server:` of Unbound, at the end of all others. */
  readonly lines: string;
  /** Written to its folder once, by name. */
  readonly files?: Readonly<Record<string, string>>;
  readonly args?: readonly string[];
  /** Its queries leave over IPv4 alone, so that servers see one source address. */
  readonly isIpv4Only?: boolean;
}

/** @param folder of the resolver; @param own its addresses */
export type Add = (folder: string, own: Pair) => Addition;

export const NOTHING: Addition = { lines: '' };

export interface Settings {
  /** Its addresses: clients ask at the IPv4 one, its own queries leave from both. */
  readonly own: Pair;
  /** EDNS UDP payload size of its queries, in octets; `undefined` leaves the software's default. */
  readonly ednsSize: number | undefined;
  /** DS lines of the root. */
  readonly anchors: readonly string[];
  /** Master file with name and addresses of the root's server, in the resolver's folder. */
  readonly hintsFile: string;
  /** Whom a forwarder asks. */
  readonly upstream: string;
  readonly addition: Addition;
}

export interface Software {
  readonly name: string;
  /** Debian's package. */
  readonly package: string;
  readonly binary: string;
  /** Name of the row of the software that a forwarder has behind it; a resolver that iterates has none. */
  readonly behind?: string;
  /**
   * @param directory its own, empty but for the hints
   * @returns files to write there, by name, and the arguments that keep it in the foreground
   */
  configure(
    directory: string,
    settings: Settings,
  ): { readonly files: Readonly<Record<string, string>>; readonly args: readonly string[] };
}
