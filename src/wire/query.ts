/** A query as received: header, question and EDNS; every other record is walked over (RFC 1035 §4.1, RFC 6891 §6.1). */
import { WireError } from './error.ts';
import { HEADER_OCTETS, readHeader } from './header.ts';
import type { Name } from './name.ts';
import { type EdnsOption, opt } from './rdata/opt.ts';
import { Reader } from './reader.ts';

export interface Question {
  /** In the query's own case, which the answer echoes. */
  readonly qname: Name;
  readonly qtype: number;
  readonly qclass: number;
}

export interface Edns {
  readonly version: number;
  /** As sent; values below 512 mean 512 (RFC 6891 §6.2.3). */
  readonly udpPayloadSize: number;
  readonly dnssecOk: boolean;
  /** Compact Answers OK: NXDOMAIN may be said as such (RFC 9824 §5.1). */
  readonly compactOk: boolean;
  readonly options: readonly EdnsOption[];
}

export interface Query {
  readonly id: number;
  readonly flags: number;
  /** Absent only where QDCOUNT is 0 (RFC 7873 §5.4). */
  readonly question: Question | undefined;
  readonly edns: Edns | undefined;
  /** Octets of the whole message. */
  readonly length: number;
}

/** Bits of the lower half of OPT's TTL. */
export const EDNS_FLAG = { DO: 0x8000, CO: 0x4000 } as const;

/**
 * Decodes one query message to its last octet.
 * @param octets at least 12: `server/screen.ts` has seen to that
 * @throws {WireError} whatever rule it breaks; the answer is then FORMERR
 */
export function decodeQuery(octets: Uint8Array): Query {
  const { id, flags, qdcount, ancount, nscount, arcount } = readHeader(octets);
  if (qdcount > 1) throw new WireError('QUESTION_COUNT', 4, `QDCOUNT ${qdcount}, want 1 (RFC 9619)`);
  const reader = new Reader(octets, HEADER_OCTETS);
  const question =
    qdcount === 1 ? { qname: reader.name(), qtype: reader.u16(), qclass: reader.u16() } : undefined;
  for (let count = ancount + nscount; count > 0; count--) {
    const at = reader.offset;
    if (readRecord(reader).edns)
      throw new WireError('OPT', at, 'OPT outside the additional section (RFC 6891 §6.1.1)');
  }
  let edns: Edns | undefined;
  for (let count = arcount; count > 0; count--) {
    const at = reader.offset;
    const found = readRecord(reader).edns;
    // RFC 6891 §6.1.1: more than one OPT is a FORMERR.
    if (found && edns) throw new WireError('OPT', at, 'second OPT (RFC 6891 §6.1.1)');
    edns ??= found;
  }
  if (reader.remaining > 0)
    throw new WireError('TRAILING_OCTETS', reader.offset, `${reader.remaining} octets after the last record`);
  return { id, flags, question, edns, length: octets.length };
}

function readRecord(reader: Reader): { edns?: Edns } {
  const at = reader.offset;
  const owner = reader.name();
  const type = reader.u16();
  const rclass = reader.u16();
  const ttl = reader.u32();
  const rdlength = reader.u16();
  if (type !== opt.type) {
    reader.octets(rdlength);
    return {};
  }
  if (owner.length > 1) throw new WireError('OPT', at, 'OPT whose owner is not the root (RFC 6891 §6.1.2)');
  if (reader.remaining < rdlength)
    throw new WireError('TRUNCATED', reader.offset, `RDLENGTH ${rdlength}, ${reader.remaining} octets left`);
  const { options } = opt.decode(reader, rdlength);
  return {
    edns: {
      version: (ttl >>> 16) & 0xff,
      udpPayloadSize: rclass,
      dnssecOk: (ttl & EDNS_FLAG.DO) !== 0,
      compactOk: (ttl & EDNS_FLAG.CO) !== 0,
      options,
    },
  };
}
