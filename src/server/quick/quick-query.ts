/**
 * QuickQuery: the few facts of a plain query that choose its template, read where it stands (RFC 1035 §4.1, RFC 6891 §6.1.2).
 *
 * Plain: one question of class IN without compression, then nothing, or an OPT of version 0 that is empty or holds one COOKIE.
 * Whatever else comes is for the decoder, which knows every rule.
 */
import { OPTION } from '../../wire/edns-option.ts';
import { lowerOctet } from '../../wire/name.ts';
import { EDNS_FLAG } from '../../wire/query.ts';
import { opt } from '../../wire/rdata/opt.ts';
import { CLASS } from '../../wire/rrset.ts';
import { isCookieLength } from '../cookie.ts';

export const QUESTION_AT = 12;
/** Each octet in lower case. */
export const LOWER = Uint8Array.from({ length: 256 }, (_, octet) => lowerOctet(octet));
const MAX_NAME = 255;
const MAX_LABEL = 63;
/** OPT without options: root, TYPE, CLASS, TTL, RDLENGTH. */
const OPT_OCTETS = 11;
/** QR and OPCODE, which are 0 in a query. */
const NOT_A_QUERY = 0xf8;

export class QuickQuery {
  octets: Uint8Array = new Uint8Array(0);
  start = 0;
  length = 0;
  /** Octets of the name with the root's; the name begins at `start` + 12. */
  nameLength = 0;
  labels = 0;
  /** Where each label begins, from the start of the name: its length octet. */
  readonly labelAt = new Uint8Array(128);
  qtype = 0;
  /** Over the name without regard to case. */
  hash = 0;
  hasOpt = false;
  udpPayloadSize = 0;
  /** The lower 16 bits of OPT's TTL. */
  ednsFlags = 0;
  /** Offset of the COOKIE data in `octets`, and its length: 0 where there is none. */
  cookieAt = 0;
  cookieLength = 0;

  get dnssecOk(): boolean {
    return (this.ednsFlags & EDNS_FLAG.DO) !== 0;
  }

  /** @returns false where the query is not plain */
  read(octets: Uint8Array, start: number, length: number): boolean {
    this.octets = octets;
    this.start = start;
    this.length = length;
    return length > QUESTION_AT + 4 && this.isPlainHeader() && this.readName() && this.readRest();
  }

  private isPlainHeader(): boolean {
    const { octets, start } = this;
    return (
      (octets[start + 2]! & NOT_A_QUERY) === 0 &&
      octets[start + 4] === 0 &&
      octets[start + 5] === 1 &&
      // ANCOUNT, NSCOUNT and the high octet of ARCOUNT
      (octets[start + 6]! |
        octets[start + 7]! |
        octets[start + 8]! |
        octets[start + 9]! |
        octets[start + 10]!) ===
        0 &&
      octets[start + 11]! <= 1
    );
  }

  private readName(): boolean {
    const { octets } = this;
    const nameAt = this.start + QUESTION_AT;
    const end = Math.min(this.start + this.length - 4, nameAt + MAX_NAME);
    let hash = 0x811c9dc5;
    let labels = 0;
    let at = nameAt;
    for (let label = octets[at]!; label !== 0; label = octets[at]!) {
      const next = at + label + 1;
      if (label > MAX_LABEL || next >= end) return false;
      this.labelAt[labels] = at - nameAt;
      for (; at < next; at++) hash = Math.imul(hash ^ LOWER[octets[at]!]!, 0x0100_0193);
      labels++;
    }
    this.nameLength = at + 1 - nameAt;
    this.labels = labels;
    this.hash = hash;
    return labels > 0;
  }

  private readRest(): boolean {
    const { octets, start, length } = this;
    const at = start + QUESTION_AT + this.nameLength;
    this.qtype = (octets[at]! << 8) | octets[at + 1]!;
    this.cookieLength = 0;
    this.ednsFlags = 0;
    this.udpPayloadSize = 0;
    this.hasOpt = octets[start + 11] === 1;
    if (octets[at + 2] !== 0 || octets[at + 3] !== CLASS.IN) return false;
    return this.hasOpt ? this.readOpt(at + 4) : at + 4 === start + length;
  }

  private readOpt(at: number): boolean {
    const { octets } = this;
    const end = this.start + this.length;
    if (at + OPT_OCTETS > end || octets[at] !== 0) return false;
    if (octets[at + 1] !== 0 || octets[at + 2] !== opt.type || octets[at + 6] !== 0) return false;
    this.udpPayloadSize = (octets[at + 3]! << 8) | octets[at + 4]!;
    this.ednsFlags = (octets[at + 7]! << 8) | octets[at + 8]!;
    const room = (octets[at + 9]! << 8) | octets[at + 10]!;
    if (at + OPT_OCTETS + room !== end) return false;
    return room === 0 || this.readCookie(at + OPT_OCTETS, room);
  }

  private readCookie(at: number, room: number): boolean {
    const { octets } = this;
    this.cookieAt = at + 4;
    this.cookieLength = (octets[at + 2]! << 8) | octets[at + 3]!;
    const isCookie = octets[at] === 0 && octets[at + 1] === OPTION.COOKIE;
    return room > 4 && isCookie && this.cookieLength === room - 4 && isCookieLength(this.cookieLength);
  }
}
