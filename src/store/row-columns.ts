/** Row columns: how each column of a table is taken out of a copied row (record/layout.ts, row-group.ts); THE TABLE for binary rows. */
import type { Observation, ReceiptFacts } from '../observe/observation.ts';
import { readAddress } from '../record/address.ts';
import { BEHAVIOR_NAMES } from '../record/encode.ts';
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
import { PHASES, SIGNALS } from '../zone/made.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../zone/receipt.ts';
import { formatOptions, unpackOptions } from '../zone/test-name.ts';
import { type Bits, COPIED, type Rows } from './row-group.ts';
import type { SegmentHead } from './segment-format.ts';

export type Value = number | string | boolean | null | readonly number[];

export interface RowColumn {
  /** What of a row its value hangs on: rows that are alike in these are alike in this column. */
  readonly parts: readonly Bits[];
  readonly read: (rows: Rows, at: number) => Value;
}

export type FlatName = Exclude<keyof Observation, 'receipt'> | `receipt_${keyof ReceiptFacts}`;

const TWO_32 = 2 ** 32;
/** What a date can name, milliseconds since the epoch. */
const MAX_MOMENT = 8.64e15;

/** Whole milliseconds. A number that is no moment, which no encoder of ours writes, is the first one. */
export function momentOf(number: number): number {
  return Math.abs(number) <= MAX_MOMENT ? Math.round(number) : 0;
}

function octetsOf(at: number, octets: number): Bits[] {
  return Array.from({ length: octets }, (_, index) => ({ at: at + index, bits: 0xff }));
}

const u8 = (at: number): RowColumn => ({
  parts: octetsOf(at, 1),
  read: ({ octets }, row) => octets[row + at]!,
});
const u16 = (at: number): RowColumn => ({
  parts: octetsOf(at, 2),
  read: ({ view }, row) => view.getUint16(row + at, true),
});
const i16 = (at: number): RowColumn => ({
  parts: octetsOf(at, 2),
  read: ({ view }, row) => view.getInt16(row + at, true),
});
const u32 = (at: number): RowColumn => ({
  parts: octetsOf(at, 4),
  read: ({ view }, row) => view.getUint32(row + at, true),
});
const moment = (at: number): RowColumn => ({
  parts: octetsOf(at, 8),
  read: ({ view }, row) => momentOf(view.getFloat64(row + at, true)),
});
/** A code; one that is unknown here is the first. */
const word = (words: readonly string[], at: number): RowColumn => ({
  parts: octetsOf(at, 1),
  read: ({ octets }, row) => words[octets[row + at]!] ?? words[0]!,
});
const has = (at: number, bits: number): RowColumn => ({
  parts: [{ at, bits }],
  read: ({ octets }, row) => (octets[row + at]! & bits) !== 0,
});
const flag = (bits: number) => has(FIELD.flags, bits);
const constant = (value: Value): RowColumn => ({ parts: [], read: () => value });

/** Null for 0. */
const known = ({ parts, read }: RowColumn): RowColumn => ({
  parts,
  read: (rows, row) => read(rows, row) || null,
});
/** Another value for rows without these bits. */
const marked = (bits: number, { parts, read }: RowColumn, without: Value = null): RowColumn => ({
  parts: [{ at: FIELD.marks, bits }, ...parts],
  read: (rows, row) => (rows.octets[row + FIELD.marks]! & bits ? read(rows, row) : without),
});
/** Null for rows of another kind. */
const ofKind = (kind: number, { parts, read }: RowColumn, without: Value = null): RowColumn => ({
  parts: [...octetsOf(FIELD.kind, 1), ...parts],
  read: (rows, row) => (rows.octets[row + FIELD.kind] === kind ? read(rows, row) : without),
});

const seq: RowColumn = {
  parts: [...octetsOf(COPIED.thread, 4), ...octetsOf(FIELD.seqLow, 5)],
  read: ({ octets, view }, row) =>
    view.getUint32(row + COPIED.thread, true) * SEQ_OF_THREAD +
    octets[row + FIELD.seqHigh]! * TWO_32 +
    view.getUint32(row + FIELD.seqLow, true),
};

const address = (at: number): RowColumn => ({
  parts: [{ at: FIELD.flags, bits: FLAGS.ipv6 }, ...octetsOf(at, 16)],
  read: ({ octets }, row) => readAddress(octets, row + at, octets[row + FIELD.flags]! & FLAGS.ipv6 ? 6 : 4),
});

const proto: RowColumn = {
  parts: [{ at: FIELD.flags, bits: FLAGS.tls | FLAGS.tcp }],
  read({ octets }, row) {
    const flags = octets[row + FIELD.flags]!;
    if (flags & FLAGS.tls) return 'tls';
    return flags & FLAGS.tcp ? 'tcp' : 'udp';
  },
};

const ipVersion: RowColumn = {
  parts: [{ at: FIELD.flags, bits: FLAGS.ipv6 }],
  read: ({ octets }, row) => (octets[row + FIELD.flags]! & FLAGS.ipv6 ? 6 : 4),
};

const ednsVersion: RowColumn = {
  parts: [{ at: FIELD.marks, bits: MARKS.opt }, ...octetsOf(FIELD.ednsVersion, 1)],
  read({ octets }, row) {
    const version = octets[row + FIELD.ednsVersion]!;
    return version === 255 && !(octets[row + FIELD.marks]! & MARKS.opt) ? -1 : version;
  },
};

const options: RowColumn = {
  parts: [...octetsOf(FIELD.options, 4), ...octetsOf(FIELD.optionsHigh, 1)],
  read({ octets, view }, row) {
    const packed = view.getUint32(row + FIELD.options, true) + octets[row + FIELD.optionsHigh]! * TWO_32;
    return packed === 0 ? '' : formatOptions(unpackOptions(packed));
  },
};

const run: RowColumn = {
  parts: octetsOf(FIELD.run, 6),
  read({ view }, row) {
    const number = view.getUint16(row + FIELD.run) * TWO_32 + view.getUint32(row + FIELD.run + 2);
    return number.toString(16).padStart(12, '0');
  },
};

const event: RowColumn = {
  parts: octetsOf(FIELD.kind, 1),
  read: ({ octets }, row) => EVENTS[octets[row + FIELD.kind]!] || 'query',
};

const ACKED = [null, true, false];
const acked: RowColumn = {
  parts: octetsOf(FIELD.tcpAcked, 1),
  read: ({ octets }, row) => ACKED[octets[row + FIELD.tcpAcked]!] ?? null,
};

const offender: RowColumn = {
  parts: [...octetsOf(FIELD.icmpFromFamily, 1), ...octetsOf(FIELD.icmpFrom, 16)],
  read({ octets }, row) {
    const family = octets[row + FIELD.icmpFromFamily]!;
    return family === 0 ? null : readAddress(octets, row + FIELD.icmpFrom, family);
  },
};

const NAME = octetsOf(COPIED.name, 4);
const receipt = (column: RowColumn) => marked(MARKS.receipt, column);
const ofPath = (column: RowColumn) => ofKind(KIND.path, column);

/** The columns of the rows of one segment. */
export function rowColumns({ node, boot }: SegmentHead): Readonly<Record<FlatName, RowColumn>> {
  return { ...ROW_COLUMNS, node: constant(node), boot: constant(momentOf(boot)) };
}

const ROW_COLUMNS: Readonly<Record<Exclude<FlatName, 'node' | 'boot'>, RowColumn>> = {
  time: moment(FIELD.time),
  seq,
  src: address(FIELD.src),
  src_port: u16(FIELD.srcPort),
  dst: address(FIELD.dst),
  proto,
  ip_version: ipVersion,
  id: u16(FIELD.id),
  qname: { parts: NAME, read: (rows, row) => rows.qname(row) },
  qtype: u16(FIELD.qtype),
  qclass: u16(FIELD.qclass),
  rd: flag(FLAGS.rd),
  cd: flag(FLAGS.cd),
  ad: flag(FLAGS.ad),
  edns_version: ednsVersion,
  edns_udp: u16(FIELD.ednsUdp),
  edns_do: flag(FLAGS.dnssecOk),
  edns_options: { parts: octetsOf(COPIED.codes, 4), read: (rows, row) => rows.codes(row) },
  cookie: word(COOKIES, FIELD.cookie),
  cookie_instance: marked(MARKS.cookieInstance, u32(FIELD.cookieInstance)),
  req_len: u16(FIELD.reqLen),
  res_len: u16(FIELD.resLen),
  tc: flag(FLAGS.tc),
  rcode: u16(FIELD.rcode),
  ede: i16(FIELD.ede),
  zone: { parts: NAME, read: (rows, row) => rows.zone(row) },
  behavior: word(BEHAVIOR_NAMES, FIELD.behavior),
  size: u16(FIELD.size),
  size_miss: has(FIELD.marks, MARKS.sizeMiss),
  arm: word(ARMS, FIELD.arm),
  options,
  filler: word(RECEIPT_FILLERS, FIELD.filler),
  run: marked(MARKS.run, run, ''),
  step: word(STEPS, FIELD.step),
  instance: marked(MARKS.instance, u32(FIELD.instance)),
  phase: word(PHASES, FIELD.phase),
  signal: word(SIGNALS, FIELD.signal),
  receipt_node: receipt(u8(FIELD.receiptNode)),
  receipt_instance: receipt(u32(FIELD.receiptInstance)),
  receipt_at: receipt(ofKind(KIND.query, moment(FIELD.receiptAt), 0)),
  receipt_asked: receipt(u16(FIELD.receiptAsked)),
  receipt_sent: receipt(u16(FIELD.receiptSent)),
  receipt_proto: receipt(word(RECEIPT_TRANSPORTS, FIELD.receiptProto)),
  receipt_edns: receipt(u16(FIELD.receiptEdns)),
  receipt_fragments: receipt(u8(FIELD.receiptFragments)),
  receipt_filler: receipt(word(RECEIPT_FILLERS, FIELD.receiptFiller)),
  receipt_relation: receipt(word(RELATIONS, FIELD.receiptRelation)),
  proven: u16(FIELD.proven),
  proof: word(PROOFS, FIELD.proof),
  action: word(ACTIONS, FIELD.action),
  excluded: word(EXCLUDED, FIELD.excluded),
  fragments: u8(FIELD.fragments),
  latency_us: u32(FIELD.latency),
  event,
  count: u32(FIELD.count),
  reason: word(LOSSES, FIELD.reason),
  ttl: known(u8(FIELD.ttl)),
  path_mtu: known(u16(FIELD.pathMtu)),
  tcp_rtt_us: known(u32(FIELD.tcpRtt)),
  tcp_mss: known(u16(FIELD.tcpMss)),
  tcp_pmtu: known(u16(FIELD.tcpPmtu)),
  syn_mss: known(u16(FIELD.synMss)),
  tcp_acked: acked,
  icmp_type: ofPath(u8(FIELD.icmpType)),
  icmp_code: ofPath(u8(FIELD.icmpCode)),
  icmp_mtu: known(u16(FIELD.icmpMtu)),
  icmp_from: ofPath(offender),
};
