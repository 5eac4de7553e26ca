/** A response as compliance texts speak of it, read by dns-packet, which shares no code with ours. */
import { decode, type OptAnswer } from 'dns-packet';

/** Upper eight bits from OPT (RFC 6891 §6.1.3). */
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

const FLAGS = [
  ['aa', 0x0400],
  ['tc', 0x0200],
  ['rd', 0x0100],
  ['ra', 0x0080],
  ['z', 0x0040],
  ['ad', 0x0020],
  ['cd', 0x0010],
] as const;

export interface SeenOpt {
  readonly version: number;
  /** `do`, `co`, and `mbz` where any other bit is set. */
  readonly flags: string;
  readonly udpPayloadSize: number;
  /** In the order of the message. */
  readonly options: ReadonlyMap<number, Uint8Array>;
}

export interface SeenRecord {
  readonly name: string;
  readonly type: string;
  readonly data: unknown;
}

export interface Seen {
  readonly id: number;
  readonly opcode: number;
  readonly rcode: string;
  /** Those that are set, QR aside, in the order of the header. */
  readonly flags: string;
  readonly question: string | undefined;
  /** `owner TYPE`, as they stand. */
  readonly answer: readonly string[];
  readonly authority: readonly string[];
  /** Without OPT. */
  readonly additional: readonly string[];
  readonly opt: SeenOpt | undefined;
  readonly records: Readonly<Record<'answer' | 'authority' | 'additional', readonly SeenRecord[]>>;
  readonly size: number;
}

/** @throws {Error} for silence, a query, trailing octets, and more than one OPT */
export function seen(octets: Uint8Array | undefined): Seen {
  if (octets === undefined) throw new Error('no answer');
  const message = Buffer.from(octets);
  const packet = decode(message);
  if (decode.bytes !== message.length)
    throw new Error(`${message.length - decode.bytes} octets behind the last record`);
  const word = message.readUInt16BE(2);
  if ((word & 0x8000) === 0) throw new Error('QR is clear');
  const opts = (packet.additionals ?? []).filter((record): record is OptAnswer => record.type === 'OPT');
  if (opts.length > 1) throw new Error('two OPT records');
  const [opt] = opts;
  const rcode = (word & 0xf) | ((opt?.extendedRcode ?? 0) << 4);
  const records = {
    answer: recordsOf(packet.answers),
    authority: recordsOf(packet.authorities),
    additional: recordsOf(packet.additionals),
  };
  const [question] = packet.questions ?? [];
  return {
    id: message.readUInt16BE(0),
    opcode: (word >> 11) & 0xf,
    rcode: RCODES[rcode] ?? `RCODE${rcode}`,
    flags: FLAGS.flatMap(([name, bit]) => (word & bit ? [name] : [])).join(' '),
    question: question && `${question.name} ${question.type}`,
    answer: records.answer.map(({ name, type }) => `${name} ${type}`),
    authority: records.authority.map(({ name, type }) => `${name} ${type}`),
    additional: records.additional.map(({ name, type }) => `${name} ${type}`),
    opt: opt && seenOpt(opt),
    records,
    size: message.length,
  };
}

function recordsOf(answers: ReturnType<typeof decode>['answers']): SeenRecord[] {
  return (answers ?? []).flatMap((record) =>
    record.type === 'OPT'
      ? []
      : [{ name: record.name, type: record.type, data: 'data' in record ? record.data : undefined }],
  );
}

function seenOpt(opt: OptAnswer): SeenOpt {
  const flags = [
    ...(opt.flags & 0x8000 ? ['do'] : []),
    ...(opt.flags & 0x4000 ? ['co'] : []),
    ...(opt.flags & 0x3fff ? ['mbz'] : []),
  ];
  return {
    version: opt.ednsVersion,
    flags: flags.join(' '),
    udpPayloadSize: opt.udpPayloadSize,
    options: new Map(opt.options.map(({ code, data }) => [Number(code), new Uint8Array(data ?? [])])),
  };
}

/** INFO-CODE of the Extended DNS Error in an answer (RFC 8914 §2), undefined where it has none. */
export function infoCode({ opt }: Seen): number | undefined {
  const data = opt?.options.get(15);
  return data && data[0]! * 0x100 + data[1]!;
}
