/** The probe's queries and replies, through dns2, which shares no code with our own encoder (RFC 1035 §4). */
import { Packet, type Reader } from 'dns2';

/** RFC 6891 §6.2.3: what we say we can receive over UDP. */
export const UDP_PAYLOAD_SIZE = 4096;
const DNSSEC_OK = 0x8000;
const TYPES = { ...Packet.TYPE, OPT: 41, RRSIG: 46 } as const;
const EXTENDED_ERROR = 15;
/** In the fourth octet of a message (RFC 4035 §3.1.6); dns2 keeps it, its types do not. */
const AUTHENTIC_DATA = 0x20;
/** Of the signature times in RRSIG RDATA (RFC 4034 §3.1). */
const EXPIRATION_AT = 8;
const INCEPTION_AT = 12;

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

export interface Question {
  readonly name: string;
  readonly type: 'A' | 'AAAA' | 'TXT' | 'NS' | 'SOA' | 'DNSKEY';
  /** Class CHAOS in place of IN. */
  readonly isChaos?: true;
  /** CD=1: the resolver shall not validate (RFC 4035 §3.2.2). */
  readonly checkingDisabled?: true;
  /** No OPT record. */
  readonly isPlain?: true;
}

export interface ExtendedError {
  readonly infoCode: number;
  /** May be empty (RFC 8914 §2). */
  readonly extraText: string;
}

export interface Key {
  readonly flags: number;
  readonly algorithm: number;
  readonly tag: number;
}

/** Seconds since the epoch. */
export interface SignatureTimes {
  readonly inception: number;
  readonly expiration: number;
}

export interface Reply {
  readonly id: number;
  /** Mnemonic, or RCODE<n>. */
  readonly rcode: string;
  readonly qname: string;
  readonly aa: boolean;
  readonly tc: boolean;
  readonly ra: boolean;
  readonly ad: boolean;
  /** What the other side says it can receive over UDP; undefined without OPT. */
  readonly udpPayloadSize: number | undefined;
  /** Owner to target, both as sent. */
  readonly cnames: readonly { readonly owner: string; readonly target: string }[];
  /** Lines of text, in the order sent. */
  readonly texts: readonly { readonly owner: string; readonly text: string }[];
  /** Mnemonics of the TYPEs in the answer section, or TYPE<n>. */
  readonly types: readonly string[];
  /** Targets of NS records in the answer section. */
  readonly nameservers: readonly string[];
  readonly keys: readonly Key[];
  /** Of all RRSIG records in the answer section. */
  readonly signatures: readonly SignatureTimes[];
  readonly errors: readonly ExtendedError[];
}

/** A query with RD, and unless it is plain with EDNS size 4096 and DO (RFC 6891, RFC 3225). */
export function encodeQuery(id: number, question: Question): Buffer {
  const { name, type, isChaos, checkingDisabled, isPlain } = question;
  const query = new Packet();
  Object.assign(query.header, { id, rd: 1, cd: checkingDisabled ? 1 : 0 });
  query.questions.push(new Packet.Question(name, TYPES[type], isChaos ? Packet.CLASS.CH : Packet.CLASS.IN));
  if (isPlain) return query.toBuffer();
  const opt = Packet.Resource.EDNS([]);
  opt.class = UDP_PAYLOAD_SIZE;
  opt.ttl = DNSSEC_OK;
  query.additionals.push(opt);
  return query.toBuffer();
}

/**
 * Header, question and answer section by dns2; of the rest only what OPT says, with the Extended DNS Errors (RFC 8914).
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
  const records = Array.from({ length: header.ancount }, () => Packet.Resource.decode(reader));
  const { extendedRcode, ...opt } = decodeOpt(octets, reader, header.nscount + header.arcount);
  const rcode = (extendedRcode << 4) | header.rcode;
  const of = (type: number) => records.filter((record) => record.type === type);
  return {
    id: header.id,
    rcode: RCODES[rcode] ?? `RCODE${rcode}`,
    qname,
    aa: header.aa === 1,
    tc: header.tc === 1,
    ra: header.ra === 1,
    ad: (octets.readUInt8(3) & AUTHENTIC_DATA) !== 0,
    cnames: of(TYPES.CNAME).map(({ name, domain }) => ({ owner: name, target: domain ?? '' })),
    texts: of(TYPES.TXT).flatMap(({ name, data }) =>
      lines([data ?? []].flat()).map((text) => ({ owner: name, text })),
    ),
    types: records.map(({ type }) => typeName(type)),
    nameservers: of(TYPES.NS).map(({ ns }) => ns ?? ''),
    keys: of(TYPES.DNSKEY).map(({ flags = 0, algorithm = 0, keyTag = 0 }) => ({
      flags,
      algorithm,
      tag: keyTag,
    })),
    signatures: of(TYPES.RRSIG).map(({ data }) => signatureTimes(data)),
    ...opt,
  };
}

/** Whether there is no such name or TYPE, which an empty answer tells as well where signatures are wanted (RFC 9824 §3.1). */
export function isDenial({ rcode, types }: Reply): boolean {
  return rcode === 'NXDOMAIN' || (rcode === 'NOERROR' && types.length === 0);
}

/** Names as text in either form: `.` and `a.` are `` and `a` to dns2. Case does not count (RFC 4343 §3). */
export function sameName(one: string, other: string): boolean {
  const [a, b] = [one, other].map((name) => name.toLowerCase().replace(/\.$/, ''));
  return a === b;
}

function typeName(type: number): string {
  return Object.entries(TYPES).find(([, number]) => number === type)?.[0] ?? `TYPE${type}`;
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

/** @param rdata as dns2 leaves what it does not know: a Buffer, whatever its types say */
function signatureTimes(rdata: unknown): SignatureTimes {
  if (!Buffer.isBuffer(rdata)) throw new Error('an RRSIG without RDATA');
  return { inception: rdata.readUInt32BE(INCEPTION_AT), expiration: rdata.readUInt32BE(EXPIRATION_AT) };
}

function decodeOpt(octets: Buffer, reader: Reader, records: number) {
  const errors: ExtendedError[] = [];
  let extendedRcode = 0;
  let udpPayloadSize: number | undefined;
  for (let left = records; left > 0; left--) {
    Packet.Name.decode(reader);
    const type = reader.read(16);
    const udpSize = reader.read(16); // of OPT; CLASS of all others
    const ttl = reader.read(32);
    const rdlength = reader.read(16);
    const at = reader.offset / 8; // dns2 counts bits
    reader.offset += rdlength * 8;
    if (type !== TYPES.OPT) continue;
    udpPayloadSize = udpSize;
    extendedRcode = ttl >>> 24;
    errors.push(...decodeErrors(octets.subarray(at, at + rdlength)));
  }
  return { extendedRcode, udpPayloadSize, errors };
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
