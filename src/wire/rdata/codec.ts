/** RdataCodec: what one RR TYPE must say of itself; adding a TYPE is one file and one line in `table.ts`. */
import type { Name } from '../name.ts';
import type { Reader } from '../reader.ts';
import type { Writer } from '../writer.ts';

/** The fields of one record in a master file, left to right (RFC 1035 §5.1). Each call takes one and throws with file and line. */
export interface Fields {
  text(what: string): string;
  /** A character-string's octets, escapes resolved. */
  characterString(what: string): Uint8Array;
  name(what: string): Name;
  number(what: string, max: number): number;
  /** All that is left, white space removed, as octets. */
  hex(what: string): Uint8Array;
  base64(what: string): Uint8Array;
  readonly more: boolean;
}

export interface RdataCodec<T> {
  readonly mnemonic: string;
  /** RR TYPE number (IANA). */
  readonly type: number;
  /** Reads exactly `rdlength` octets; the caller checks that. */
  decode(reader: Reader, rdlength: number): T;
  encode(writer: Writer, rdata: T): void;
  /** Absent where a zone file may not hold the type, because the server makes its records. */
  parse?(fields: Fields): T;
}
