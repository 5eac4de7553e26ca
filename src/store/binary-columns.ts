/** Binary columns: how DuckDB takes each column out of the words of a row (record/layout.ts), as they stand in the table `raw`. */
import { BEHAVIOR_NAMES } from '../record/decode.ts';
import {
  ACTIONS,
  ARMS,
  COOKIES,
  EVENTS,
  EXCLUDED,
  FIELD,
  FLAGS,
  KIND,
  LOSSES,
  MARKS,
  PROOFS,
  RELATIONS,
  SEQ_OF_THREAD,
  STEPS,
} from '../record/layout.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../zone/receipt.ts';
import { NO_OPTIONS, OPTION_TABLE, packOptions, unpackOptions } from '../zone/test-name.ts';
import type { COLUMNS, RECEIPT } from './columns.ts';
import { quote } from './duckdb.ts';
import type { SegmentHead } from './segment-format.ts';

/** Offsets of the words of a row that become columns; addresses, run and times have columns of their own. */
export const WORDS: readonly number[] = [
  ...words(FIELD.kind, FIELD.time),
  ...words(FIELD.qclass, FIELD.run),
  ...words(FIELD.options, FIELD.receiptAt),
  ...words(FIELD.receiptInstance, FIELD.tail),
];

function words(from: number, to: number): number[] {
  return Array.from({ length: (to - from) / 4 }, (_, at) => from + 4 * at);
}

export const wordColumn = (at: number) => `w${at}`;

function field(at: number, octets: 1 | 2): string {
  const shift = 8 * (at % 4);
  const shifted = shift === 0 ? wordColumn(at) : `(${wordColumn(at - (at % 4))} >> ${shift})`;
  return shift + 8 * octets === 32 ? shifted : `(${shifted} & ${octets === 1 ? 0xff : 0xffff})`;
}
const u8 = (at: number) => field(at, 1);
const u16 = (at: number) => field(at, 2);
const u32 = wordColumn;
const i16 = (at: number) => `(CAST(${u16(at)} AS INTEGER) + 32768) % 65536 - 32768`;
const known = (sql: string) => `nullif(${sql}, 0)`;
const has = (at: number, bits: number) => `(${u8(at)} & ${bits}) <> 0`;
const flag = (bits: number) => has(FIELD.flags, bits);
const marked = (bits: number, sql: string) => `CASE WHEN ${has(FIELD.marks, bits)} THEN ${sql} END`;
const ofPath = (sql: string) => `CASE WHEN ${u8(FIELD.kind)} = ${KIND.path} THEN ${sql} END`;
/** The word of a code; one that is unknown here has the first. */
const word = (list: readonly string[], at: number) =>
  `coalesce(${sqlList(list)}[${u8(at)} + 1], ${quote(list[0] ?? '')})`;
const sqlList = (list: readonly string[]) => `[${list.map(quote).join(', ')}]`;

const RECEIPT_SQL: Readonly<Record<keyof typeof RECEIPT, string>> = {
  node: u8(FIELD.receiptNode),
  instance: u32(FIELD.receiptInstance),
  at: 'receipt_at',
  asked: u16(FIELD.receiptAsked),
  sent: u16(FIELD.receiptSent),
  proto: word(RECEIPT_TRANSPORTS, FIELD.receiptProto),
  edns: u16(FIELD.receiptEdns),
  fragments: u8(FIELD.receiptFragments),
  filler: word(RECEIPT_FILLERS, FIELD.receiptFiller),
  relation: word(RELATIONS, FIELD.receiptRelation),
};
const RECEIPT_STRUCT = `struct_pack(${Object.entries(RECEIPT_SQL)
  .map(([name, sql]) => `"${name}" := ${sql}`)
  .join(', ')})`;

const QNAME = 'substr(texts, src_characters + 2, qname_characters)';

const PACKED = `(${u32(FIELD.options)} + ${u8(FIELD.optionsHigh)} * 4294967296)`;
const MOST = unpackOptions(2 ** 40 - 1);
/** As `formatOptions` writes them: each field of the packed number, if it holds something, by the rows of the table. */
const OPTIONS = `substr(concat(${OPTION_TABLE.map(({ syntax, field: name, value }) => {
  const held = `(${PACKED} // ${packOptions({ ...NO_OPTIONS, [name]: 1 })} % ${MOST[name] + 1})`;
  const text = quote(`-${syntax.replace(/<.*/, '')}`);
  if (typeof value !== 'number') return `CASE WHEN ${held} <> 0 THEN ${text} || ${held} ELSE '' END`;
  return value === 0 ? "''" : `CASE WHEN ${held} = ${value} THEN ${text} ELSE '' END`;
}).join(', ')}), 2)`;

/**
 * Columns of `raw` beside the words, in order. Every text costs a call into DuckDB, so a row has one: `texts` is the source address,
 * the query name and, of a path event, who sent it, with spaces between them; a name has none.
 */
export const NUMBER_COLUMNS = [
  'thread',
  'dst',
  'src_characters',
  'qname_characters',
  'zone_characters',
  'run_high',
  'run_low',
] as const;
export const TIME_COLUMNS = ['time', 'receipt_at'] as const;

/**
 * SQL by name of column, for every column of an observation and for those of its receipt alone.
 * @param dst texts of our addresses, by the number in `raw`
 */
export function columnsSql(head: SegmentHead, dst: readonly string[]): Readonly<Record<string, string>> {
  const receipt = Object.entries(RECEIPT_SQL).map(([name, sql]) => [
    `receipt_${name}`,
    marked(MARKS.receipt, sql),
  ]);
  return { ...allColumns(head, dst), ...Object.fromEntries(receipt) };
}

function allColumns(
  { node, boot }: SegmentHead,
  dst: readonly string[],
): Record<keyof typeof COLUMNS, string> {
  return {
    time: 'time',
    node: quote(node),
    boot: String(boot),
    seq: `thread * ${SEQ_OF_THREAD} + ${u8(FIELD.seqHigh)} * 4294967296 + ${u32(FIELD.seqLow)}`,
    src: 'left(texts, src_characters)',
    src_port: u16(FIELD.srcPort),
    dst: `${sqlList(dst)}[dst + 1]`,
    proto: `CASE WHEN ${flag(FLAGS.tls)} THEN 'tls' WHEN ${flag(FLAGS.tcp)} THEN 'tcp' ELSE 'udp' END`,
    ip_version: `CASE WHEN ${flag(FLAGS.ipv6)} THEN 6 ELSE 4 END`,
    id: u16(FIELD.id),
    qname: QNAME,
    qtype: u16(FIELD.qtype),
    qclass: u16(FIELD.qclass),
    rd: flag(FLAGS.rd),
    cd: flag(FLAGS.cd),
    ad: flag(FLAGS.ad),
    edns_version: `CASE WHEN ${u8(FIELD.ednsVersion)} = 255 AND NOT ${has(FIELD.marks, MARKS.opt)} THEN -1 ELSE ${u8(FIELD.ednsVersion)} END`,
    edns_udp: u16(FIELD.ednsUdp),
    edns_do: flag(FLAGS.dnssecOk),
    edns_options: 'edns_options',
    cookie: word(COOKIES, FIELD.cookie),
    cookie_instance: marked(MARKS.cookieInstance, u32(FIELD.cookieInstance)),
    req_len: u16(FIELD.reqLen),
    res_len: u16(FIELD.resLen),
    tc: flag(FLAGS.tc),
    rcode: u16(FIELD.rcode),
    ede: i16(FIELD.ede),
    zone: `lower(right(${QNAME}, zone_characters))`,
    behavior: word(BEHAVIOR_NAMES, FIELD.behavior),
    size: u16(FIELD.size),
    size_miss: has(FIELD.marks, MARKS.sizeMiss),
    arm: word(ARMS, FIELD.arm),
    options: `CASE WHEN ${u32(FIELD.options)} = 0 AND ${u8(FIELD.optionsHigh)} = 0 THEN '' ELSE ${OPTIONS} END`,
    filler: word(RECEIPT_FILLERS, FIELD.filler),
    run: `CASE WHEN ${has(FIELD.marks, MARKS.run)} THEN format('{:04x}{:08x}', run_high, run_low) ELSE '' END`,
    step: word(STEPS, FIELD.step),
    instance: marked(MARKS.instance, u32(FIELD.instance)),
    receipt: marked(MARKS.receipt, RECEIPT_STRUCT),
    proven: u16(FIELD.proven),
    proof: word(PROOFS, FIELD.proof),
    action: word(ACTIONS, FIELD.action),
    excluded: word(EXCLUDED, FIELD.excluded),
    fragments: u8(FIELD.fragments),
    latency_us: u32(FIELD.latency),
    event: `coalesce(nullif(${word(EVENTS, FIELD.kind)}, ''), 'query')`,
    count: u32(FIELD.count),
    reason: word(LOSSES, FIELD.reason),
    ttl: known(u8(FIELD.ttl)),
    path_mtu: known(u16(FIELD.pathMtu)),
    tcp_rtt_us: known(u32(FIELD.tcpRtt)),
    tcp_mss: known(u16(FIELD.tcpMss)),
    tcp_pmtu: known(u16(FIELD.tcpPmtu)),
    tcp_acked: `[NULL, true, false][${u8(FIELD.tcpAcked)} + 1]`,
    icmp_type: ofPath(u8(FIELD.icmpType)),
    icmp_code: ofPath(u8(FIELD.icmpCode)),
    icmp_mtu: known(u16(FIELD.icmpMtu)),
    icmp_from: ofPath("nullif(substr(texts, src_characters + qname_characters + 3), '')"),
  };
}
