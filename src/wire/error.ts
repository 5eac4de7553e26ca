/** WireError: a message that breaks a rule of the wire format; thrown by `wire/` only and caught once, in `server/respond.ts`. */

export type WireErrorCode =
  | 'TRUNCATED'
  | 'LABEL_TYPE'
  | 'NAME_TOO_LONG'
  | 'POINTER'
  | 'RDLENGTH'
  | 'OPT'
  | 'OPTION'
  | 'QUESTION_COUNT'
  | 'TRAILING_OCTETS'
  | 'TEXT';

export class WireError extends Error {
  override readonly name = 'WireError';
  readonly code: WireErrorCode;
  /** Where in the message the rule was broken, octets from its start. */
  readonly offset: number;

  constructor(code: WireErrorCode, offset: number, message: string) {
    super(`${message} at offset ${offset}`);
    this.code = code;
    this.offset = offset;
  }
}
