/** A suite: one thing to find out with real resolvers, with options of its own. */
export interface Suite {
  readonly name: string;
  readonly summary: string;
  /** Its options, for `--help`. */
  readonly usage: string;
  /**
   * @param args behind `--suite NAME`
   * @returns exit status: 0 where all is as expected, else 1
   * @throws {ConfigError} for an option that is wrong, and where there cannot be a lab
   */
  run(args: readonly string[]): Promise<number>;
}
