/** The 12-octet header and the registries that its fields index (RFC 1035 §4.1.1, RFC 2535 §6.1, RFC 8914 §4). */

export const HEADER_OCTETS = 12;

/** Bits of the 16-bit word behind the id. */
export const FLAG = {
  QR: 0x8000,
  AA: 0x0400,
  TC: 0x0200,
  RD: 0x0100,
  RA: 0x0080,
  AD: 0x0020,
  CD: 0x0010,
} as const;

export const OPCODE = { QUERY: 0 } as const;

/** The upper eight of the twelve bits travel in OPT (RFC 6891 §6.1.3). */
export const RCODE = {
  NOERROR: 0,
  FORMERR: 1,
  SERVFAIL: 2,
  NXDOMAIN: 3,
  NOTIMP: 4,
  REFUSED: 5,
  BADVERS: 16,
  BADCOOKIE: 23,
} as const;

/** INFO-CODEs that we send (RFC 8914 §4, RFC 9824 §10.1). */
export const EDE = {
  OTHER: 0,
  NOT_AUTHORITATIVE: 20,
  NOT_SUPPORTED: 21,
  INVALID_QUERY_TYPE: 30,
} as const;

export interface Header {
  readonly id: number;
  /** All sixteen bits: QR, Opcode, AA, TC, RD, RA, Z, AD, CD, RCODE. */
  readonly flags: number;
  readonly qdcount: number;
  readonly ancount: number;
  readonly nscount: number;
  readonly arcount: number;
}

/** Reads the header of at least 12 octets; nothing else is looked at. */
export function readHeader(octets: Uint8Array): Header {
  const word = (at: number) => octets[at]! * 0x100 + octets[at + 1]!;
  return {
    id: word(0),
    flags: word(2),
    qdcount: word(4),
    ancount: word(6),
    nscount: word(8),
    arcount: word(10),
  };
}

export function opcodeOf(flags: number): number {
  return (flags >> 11) & 0xf;
}
