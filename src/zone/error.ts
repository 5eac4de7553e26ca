/** ZoneFileError: what an operator wrote in a zone file breaks a rule; one line with file, line and why. */

export class ZoneFileError extends Error {
  override readonly name = 'ZoneFileError';
  /** The operator can mend it: one line on stderr, exit 2, no stack. */
  readonly operator = true;
  readonly file: string;
  /** 1-based; 0 where no line is to blame. */
  readonly line: number;

  constructor(file: string, line: number, why: string) {
    super(`${file}${line > 0 ? `:${line}` : ''}: ${why}`);
    this.file = file;
    this.line = line;
  }
}
