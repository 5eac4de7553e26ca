/** ConfigError: an operator gave a setting that cannot stand. */

/**
 * One wrong setting, as one line: where it was given, what was given, what is allowed.
 *
 * Exit status 2 without a stack: `operator` tells the command line so.
 */
export class ConfigError extends Error {
  override readonly name = 'ConfigError';
  readonly code = 'PADZONE_CONFIG';
  readonly operator = true;
  /** Further problems of the same settings; `config check` prints them all. */
  readonly others: readonly ConfigError[];

  constructor(message: string, options: { cause?: unknown; others?: readonly ConfigError[] } = {}) {
    super(message, options.cause === undefined ? {} : { cause: options.cause });
    this.others = options.others ?? [];
  }
}
