/** What one resolver software must tell the harness: the shape of every row of the table. */

export interface ResolverOptions {
  /** The loopback address it listens on; its own queries leave from there too. */
  readonly listen: string;
  /** EDNS UDP payload size of its queries, in octets; `undefined` leaves the software's default. */
  readonly ednsSize: number | undefined;
  /** DS or DNSKEY lines. */
  readonly anchors: readonly string[];
  /** The zone under test (`probe.test.`) and the server that a stub or forward zone points to. */
  readonly origin: { readonly zone: string; readonly address: string };
  /** The server of the root zone, for software that must iterate from there. */
  readonly root: string;
  /** The validating resolver that a forwarder hands its queries to. */
  readonly upstream: string;
}

export interface Resolver {
  readonly name: string;
  /** Debian's package. */
  readonly package: string;
  readonly binary: string;
  /** Where it listens when the test does not say. */
  readonly address: string;
  /** `validator`: resolves and validates itself. `forwarder`: relays what a validator says. */
  readonly role: 'validator' | 'forwarder';
  /** The start of the server of {@link ResolverOptions.root}, or none. */
  readonly needsRoot: boolean;
  /**
   * @param directory its own, empty and writable
   * @returns files to write there, by name, and the arguments that keep it in the foreground
   */
  configure(
    directory: string,
    options: ResolverOptions,
  ): { readonly files: Readonly<Record<string, string>>; readonly args: readonly string[] };
}

/** The lines, or none of them where the software's default EDNS size is wanted. */
export function sized(ednsSize: number | undefined, lines: (octets: number) => string): string {
  return ednsSize === undefined ? '' : lines(ednsSize);
}
