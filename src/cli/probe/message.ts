/** The probe's queries and replies, through dns2, which shares no code with our own encoder (RFC 1035 §4). */
import { Packet, type Reader } from 'dns2';

/** RFC 6891 §6.2.3: what we say we can receive over UDP. */
const UDP_PAYLOAD_SIZE = 4096;
const DNSSEC_OK = 0x8000;
const OPT = 41;
const EXTENDED_ERROR = 15;

const RCODES: Readonly<Record<number, string>> = {
  0: 'NOERROR',
  1: 'FORMERR',
  2: 'SERVFAIL',
  3: 'NXDOMAIN',
  4: 'NOTIMP',
  5: 'REFUSED',
  16: 'BADVERS',
  23: 'BADCOOKIE',
};

export interface ExtendedError {
  readonly infoCode: number;
  /** May be empty (RFC 8914 §2). */
  readonly extraText: string;
}

export interface Reply {
  readonly id: number;
  /** Mnemonic, or RCODE<n>. */
  readonly rcode: string;
  readonly qname: string;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly ra: boolean;
  /** Owner to target, both as sent. */
  readonly cnames: readonly { readonly owner: string; readonly target: string }[];
  /** Lines of text, in the order sent. */
  readonly texts: readonly { readonly owner: string; readonly text: string }[];
  readonly errors: readonly ExtendedError[];
}

/** A TXT query with RD, EDNS size 4096 and DO set (RFC 6891, RFC 3225). */
export function encodeQuery(id: number, qname: string): Buffer {
  const query = new Packet();
  query.header.id = id;
  query.header.rd = 1;
  query.questions.push(new Packet.Question(qname, Packet.TYPE.TXT, Packet.CLASS.IN));
  const opt = Packet.Resource.EDNS([]);
  opt.class = UDP_PAYLOAD_SIZE;
  opt.ttl = DNSSEC_OK;
  query.additionals.push(opt);
  return query.toBuffer();
}

/**
 * Header, question and answer section by dns2; of the rest only the Extended DNS Errors (RFC 8914).
 *
 * Deliberate: not `Packet.parse`, which swallows errors, drops EDE and loses its place after it.
 *
 * @throws {Error} when the octets are no DNS reply with one question
 */
export function decodeReply(octets: Buffer): Reply {
  const reader = new Packet.Reader(octets);
  const header = Packet.Header.parse(reader);
  if (header.qr !== 1 || header.qdcount !== 1) throw new Error('not a reply to one question');
  const { name: qname } = Packet.Question.decode(reader);
  const cnames: { owner: string; target: string }[] = [];
  const texts: { owner: string; text: string }[] = [];
  for (let left = header.ancount; left > 0; left--) {
    const record = Packet.Resource.decode(reader);
    if (record.type === Packet.TYPE.CNAME) cnames.push({ owner: record.name, target: record.domain ?? '' });
    if (record.type === Packet.TYPE.TXT) {
      for (const text of lines([record.data ?? []].flat())) texts.push({ owner: record.name, text });
    }
  }
  const { extendedRcode, errors } = decodeOpt(octets, reader, header.nscount + header.arcount);
  const rcode = (extendedRcode << 4) | header.rcode;
  return {
    id: header.id,
    rcode: RCODES[rcode] ?? `RCODE${rcode}`,
    qname,
    aa: header.aa === 1,
    tc: header.tc === 1,
    ra: header.ra === 1,
    cnames,
    texts,
    errors,
  };
}

/** A character-string of 255 octets goes on in the next one; a shorter one ends its line. */
function lines(strings: readonly string[]): string[] {
  const done: string[] = [];
  let line = '';
  for (const [index, string] of strings.entries()) {
    line += string;
    if (string.length === 255 && index < strings.length - 1) continue;
    done.push(line);
    line = '';
  }
  return done;
}

function decodeOpt(octets: Buffer, reader: Reader, records: number) {
  const errors: ExtendedError[] = [];
  let extendedRcode = 0;
  for (let left = records; left > 0; left--) {
    Packet.Name.decode(reader);
    const type = reader.read(16);
    reader.read(16); // CLASS, or the payload size
    const ttl = reader.read(32);
    const rdlength = reader.read(16);
    const at = reader.offset / 8; // dns2 counts bits
    reader.offset += rdlength * 8;
    if (type !== OPT) continue;
    extendedRcode = ttl >>> 24;
    errors.push(...decodeErrors(octets.subarray(at, at + rdlength)));
  }
  return { extendedRcode, errors };
}

function* decodeErrors(options: Buffer): Generator<ExtendedError> {
  for (let at = 0; at + 4 <= options.length; ) {
    const data = options.subarray(at + 4, at + 4 + options.readUInt16BE(at + 2));
    if (options.readUInt16BE(at) === EXTENDED_ERROR && data.length >= 2) {
      yield { infoCode: data.readUInt16BE(0), extraText: data.toString('utf8', 2) };
    }
    at += 4 + options.readUInt16BE(at + 2);
  }
}
