/** Subcommand: what one file in this folder says about itself, and what it is run with. */
import type { Config, SETTINGS } from '../config.ts';

/** One option of one subcommand; settings are not listed, every subcommand takes those. */
export interface SubcommandOption {
  /** As commander reads it: `--json`, `-o, --output <file>`. The value arrives under its camelCase name. */
  readonly flags: string;
  readonly description: string;
  readonly default?: string;
}

/** One positional argument: `<name>` is required, `[name]` optional, `[names...]` takes the rest. */
export interface SubcommandArgument {
  readonly name: string;
  readonly description: string;
}

/** The world of one run; tests hand in their own. */
export interface SubcommandContext {
  /**
   * The settings: flags over environment over file over defaults. Read anew at every call, so a reload calls it again.
   *
   * @throws {ConfigError} the first wrong setting
   */
  config(): Config;
  /** For results: what a pipe reads. */
  readonly out: NodeJS.WritableStream;
  /** For people: progress and problems. */
  readonly err: NodeJS.WritableStream;
  /** Milliseconds since the epoch. */
  now(): number;
}

/** One subcommand; its row in `table.ts` is the only other edit. */
export interface Subcommand {
  /** One word (`serve`) or a group and a word (`config check`). */
  readonly name: string;
  /** One line, no final period; the same as in the table. */
  readonly summary: string;
  readonly options: readonly SubcommandOption[];
  readonly arguments?: readonly SubcommandArgument[];
  /** Settings that its help shows, where it needs few of them; absent for all. */
  readonly settings?: readonly (keyof typeof SETTINGS)[];
  /**
   * Does the work.
   *
   * @param args the positional arguments in order; a `[names...]` is spread out
   * @param options only this subcommand's own options, by camelCase name
   * @returns the exit status: 0 well, 1 a check that failed, 2 refused input
   */
  run(
    context: SubcommandContext,
    args: readonly string[],
    options: Readonly<Record<string, unknown>>,
  ): Promise<number>;
}
