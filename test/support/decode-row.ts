/** Decodes one row into the columns of an observation, field by field: what the columns of a segment are held against. */

import { readAddress } from '../../src/record/address.ts';
import { BEHAVIOR_NAMES } from '../../src/record/encode.ts';
import type { ReceiptFacts } from '../../src/record/facts.ts';
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
  MAX_OPTION_CODES,
  PROOFS,
  RELATIONS,
  SEQ_OF_THREAD,
  STEPS,
} from '../../src/record/layout.ts';
import type { Row } from '../../src/record/row.ts';
import { formatName, lower } from '../../src/wire/name.ts';
import { PHASES, SIGNALS } from '../../src/zone/made.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../../src/zone/receipt.ts';
import { formatOptions, unpackOptions } from '../../src/zone/test-name.ts';

const TWO_32 = 2 ** 32;

/**
 * The row at `at`, of any kind but a filler.
 *
 * Octets that no encoder of ours writes give a wrong row, never an exception: numbers without a word become the first one.
 */
export function decodeRow(octets: Uint8Array, view: DataView, at: number): Row {
  const u8 = (field: number) => octets[at + field]!;
  const u16 = (field: number) => view.getUint16(at + field, true);
  const u32 = (field: number) => view.getUint32(at + field, true);
  const flags = u8(FIELD.flags);
  const marks = u8(FIELD.marks);
  const family = flags & FLAGS.ipv6 ? 6 : 4;
  const isPath = u8(FIELD.kind) === KIND.path;
  const { edns_options, qname, zone } = readTail(octets, view, at);
  return {
    event: wordOf(EVENTS, u8(FIELD.kind)) || 'query',
    count: u32(FIELD.count),
    reason: wordOf(LOSSES, u8(FIELD.reason)),
    time: view.getFloat64(at + FIELD.time, true),
    src: readAddress(octets, at + FIELD.src, family),
    src_port: u16(FIELD.srcPort),
    dst: readAddress(octets, at + FIELD.dst, family),
    proto: transportOf(flags),
    ip_version: family,
    id: u16(FIELD.id),
    qname,
    qtype: u16(FIELD.qtype),
    qclass: u16(FIELD.qclass),
    rd: (flags & FLAGS.rd) !== 0,
    cd: (flags & FLAGS.cd) !== 0,
    ad: (flags & FLAGS.ad) !== 0,
    edns_version: ednsVersion(u8(FIELD.ednsVersion), marks),
    edns_udp: u16(FIELD.ednsUdp),
    edns_do: (flags & FLAGS.dnssecOk) !== 0,
    edns_options,
    cookie: wordOf(COOKIES, u8(FIELD.cookie)),
    cookie_instance: marks & MARKS.cookieInstance ? u32(FIELD.cookieInstance) : null,
    req_len: u16(FIELD.reqLen),
    res_len: u16(FIELD.resLen),
    tc: (flags & FLAGS.tc) !== 0,
    rcode: u16(FIELD.rcode),
    ede: view.getInt16(at + FIELD.ede, true),
    zone,
    behavior: BEHAVIOR_NAMES[u8(FIELD.behavior)]!,
    size: u16(FIELD.size),
    size_miss: (marks & MARKS.sizeMiss) !== 0,
    arm: wordOf(ARMS, u8(FIELD.arm)),
    options: formatOptions(unpackOptions(u32(FIELD.options) + u8(FIELD.optionsHigh) * TWO_32)),
    filler: wordOf(RECEIPT_FILLERS, u8(FIELD.filler)),
    run: marks & MARKS.run ? readRun(view, at) : '',
    step: wordOf(STEPS, u8(FIELD.step)),
    instance: marks & MARKS.instance ? u32(FIELD.instance) : null,
    receipt: marks & MARKS.receipt ? readReceipt(octets, view, at) : null,
    phase: wordOf(PHASES, u8(FIELD.phase)),
    signal: wordOf(SIGNALS, u8(FIELD.signal)),
    proven: u16(FIELD.proven),
    proof: wordOf(PROOFS, u8(FIELD.proof)),
    action: wordOf(ACTIONS, u8(FIELD.action)),
    excluded: wordOf(EXCLUDED, u8(FIELD.excluded)),
    fragments: u8(FIELD.fragments),
    latency_us: u32(FIELD.latency),
    ttl: known(u8(FIELD.ttl)),
    path_mtu: known(u16(FIELD.pathMtu)),
    tcp_rtt_us: known(u32(FIELD.tcpRtt)),
    tcp_mss: known(u16(FIELD.tcpMss)),
    tcp_pmtu: known(u16(FIELD.tcpPmtu)),
    syn_mss: known(u16(FIELD.synMss)),
    tcp_acked: ACKED[u8(FIELD.tcpAcked)] ?? null,
    icmp_type: isPath ? u8(FIELD.icmpType) : null,
    icmp_code: isPath ? u8(FIELD.icmpCode) : null,
    icmp_mtu: known(u16(FIELD.icmpMtu)),
    icmp_from: isPath ? offender(octets, at) : null,
  };
}

/** Number of the row in its process, as it stands in the column `seq`. */
export function seqOfRow(octets: Uint8Array, view: DataView, at: number, thread: number): number {
  return (
    thread * SEQ_OF_THREAD + octets[at + FIELD.seqHigh]! * TWO_32 + view.getUint32(at + FIELD.seqLow, true)
  );
}

function wordOf<W extends string>(words: readonly [W, ...W[]], code: number): W {
  return words[code] ?? words[0];
}

const ACKED = [null, true, false];

function known(number: number): number | null {
  return number === 0 ? null : number;
}

function transportOf(flags: number): Row['proto'] {
  if (flags & FLAGS.tls) return 'tls';
  return flags & FLAGS.tcp ? 'tcp' : 'udp';
}

function readRun(view: DataView, at: number): string {
  const run = view.getUint16(at + FIELD.run) * TWO_32 + view.getUint32(at + FIELD.run + 2);
  return run.toString(16).padStart(12, '0');
}

function ednsVersion(version: number, marks: number): number {
  return version === 255 && !(marks & MARKS.opt) ? -1 : version;
}

function offender(octets: Uint8Array, at: number): string | null {
  const family = octets[at + FIELD.icmpFromFamily]!;
  return family === 0 ? null : readAddress(octets, at + FIELD.icmpFrom, family);
}

function readTail(octets: Uint8Array, view: DataView, at: number) {
  const count = Math.min(octets[at + FIELD.optionCount]!, MAX_OPTION_CODES);
  const edns_options: number[] = [];
  for (let index = 0; index < count; index++)
    edns_options.push(view.getUint16(at + FIELD.tail + 2 * index, true));
  const start = at + FIELD.tail + 2 * count;
  const name = octets.subarray(start, start + view.getUint16(at + FIELD.qnameLength, true));
  const apex = octets[at + FIELD.zoneLength]!;
  return {
    edns_options,
    qname: name.length === 0 ? '' : formatName(name),
    zone: apex === 0 ? '' : formatName(lower(name.subarray(-apex))),
  };
}

function readReceipt(octets: Uint8Array, view: DataView, at: number): ReceiptFacts {
  return {
    node: octets[at + FIELD.receiptNode]!,
    instance: view.getUint32(at + FIELD.receiptInstance, true),
    at: view.getFloat64(at + FIELD.receiptAt, true),
    asked: view.getUint16(at + FIELD.receiptAsked, true),
    sent: view.getUint16(at + FIELD.receiptSent, true),
    proto: wordOf(RECEIPT_TRANSPORTS, octets[at + FIELD.receiptProto]!),
    edns: view.getUint16(at + FIELD.receiptEdns, true),
    fragments: octets[at + FIELD.receiptFragments]!,
    filler: wordOf(RECEIPT_FILLERS, octets[at + FIELD.receiptFiller]!),
    relation: wordOf(RELATIONS, octets[at + FIELD.receiptRelation]!),
  };
}
