/** Encodes the facts of one exchange as a row (layout.ts): for answers that are not made from a template. */
import { BEHAVIORS } from '../behaviors/table.ts';
import { PHASES, SIGNALS } from '../zone/made.ts';
import { RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../zone/receipt.ts';
import { NO_OPTIONS, OPTION_TABLE, packOptions } from '../zone/test-name.ts';
import { writeAddress } from './address.ts';
import type { Facts, ReceiptFacts } from './facts.ts';
import {
  ACTIONS,
  ARMS,
  COOKIES,
  EXCLUDED,
  FIELD,
  FLAGS,
  KIND,
  MARKS,
  MAX_OPTION_CODES,
  PROOFS,
  RELATIONS,
  STEPS,
} from './layout.ts';
import { nameOctets, writeName } from './name-text.ts';
import { type RowSink, SLOT_OCTETS } from './sink.ts';

const TWO_32 = 2 ** 32;
const FIRST_TAIL = SLOT_OCTETS - FIELD.tail;

/** What rows name that has no line in the table of behaviors: receipts, replicas of the root's keys, broken zones. */
const OTHER_CODES = [
  ['receipt', 255],
  ['replica', 254],
  ['broken', 253],
] as const;
const BEHAVIOR_CODES = new Map<string, number>([
  ...BEHAVIORS.map(({ name, code }) => [name, code] as const),
  ...OTHER_CODES,
]);

/** Words of the behavior codes; others are unknown to this version. */
export const BEHAVIOR_NAMES: readonly string[] = Array.from(
  { length: 256 },
  (_, code) => [...BEHAVIOR_CODES].find(([, known]) => known === code)?.[0] ?? '',
);

export function slotsOf({ qname, edns_options }: Pick<Facts, 'qname' | 'edns_options'>): 1 | 2 {
  const codes = Math.min(edns_options.length, MAX_OPTION_CODES);
  return 2 * codes + nameOctets(qname) > FIRST_TAIL ? 2 : 1;
}

/**
 * Reserves room and writes the row; the caller commits.
 * @returns where the row begins in `sink.octets`, -1 where there was no room
 */
export function recordInto(facts: Facts, sink: RowSink): number {
  const at = sink.reserve(slotsOf(facts));
  if (at >= 0) encodeRow(facts, sink.octets, sink.view, at, sink.seq);
  return at;
}

/**
 * Writes every field of a query's row: a slot holds what another row left there.
 *
 * @param at start of `slotsOf(facts)` slots
 * @param seq number of the row in its thread, below 2^40
 */
export function encodeRow(facts: Facts, octets: Uint8Array, view: DataView, at: number, seq: number): void {
  const u8 = (field: number, value: number) => {
    octets[at + field] = value;
  };
  const u16 = (field: number, value: number) => view.setUint16(at + field, value, true);
  const u32 = (field: number, value: number) => view.setUint32(at + field, value, true);
  const { receipt, ip_version, edns_options } = facts;
  writeTail(facts, octets, view, at);
  writeHead(KIND.query, slotsOf(facts), seq, octets, view, at);
  u8(FIELD.flags, flagsOf(facts));
  u8(FIELD.marks, marksOf(facts));
  u8(FIELD.cookie, COOKIES.indexOf(facts.cookie));
  u16(FIELD.srcPort, facts.src_port);
  u16(FIELD.id, facts.id);
  u16(FIELD.qtype, facts.qtype);
  view.setFloat64(at + FIELD.time, facts.time, true);
  writeAddress(facts.src, octets, at + FIELD.src, ip_version);
  writeAddress(facts.dst, octets, at + FIELD.dst, ip_version);
  u16(FIELD.qclass, facts.qclass);
  u16(FIELD.ednsUdp, facts.edns_udp);
  u8(FIELD.ednsVersion, facts.edns_version); // -1 becomes 255
  u8(FIELD.optionCount, Math.min(edns_options.length, MAX_OPTION_CODES));
  u16(FIELD.reqLen, facts.req_len);
  u16(FIELD.resLen, facts.res_len);
  u16(FIELD.rcode, facts.rcode);
  u16(FIELD.ede, facts.ede);
  u16(FIELD.size, facts.size);
  u16(FIELD.proven, facts.proven);
  u8(FIELD.behavior, BEHAVIOR_CODES.get(facts.behavior) ?? 0);
  u8(FIELD.arm, Math.max(0, (ARMS as readonly string[]).indexOf(facts.arm)));
  u8(FIELD.filler, RECEIPT_FILLERS.indexOf(facts.filler));
  u8(FIELD.step, STEPS.indexOf(facts.step));
  u8(FIELD.phase, PHASES.indexOf(facts.phase));
  u8(FIELD.signal, SIGNALS.indexOf(facts.signal));
  u8(FIELD.proof, PROOFS.indexOf(facts.proof));
  u8(FIELD.action, ACTIONS.indexOf(facts.action));
  u8(FIELD.excluded, EXCLUDED.indexOf(facts.excluded));
  u8(FIELD.fragments, Math.min(facts.fragments, 255));
  u8(FIELD.ttl, facts.ttl ?? 0);
  u16(FIELD.pathMtu, Math.min(facts.path_mtu ?? 0, 0xffff)); // 65536 on loopback
  u32(FIELD.instance, facts.instance ?? 0);
  u32(FIELD.cookieInstance, facts.cookie_instance ?? 0);
  writeRun(facts.run, view, at);
  const options = packedOptions(facts.options);
  u32(FIELD.options, options % TWO_32);
  u8(FIELD.optionsHigh, Math.floor(options / TWO_32));
  writeReceipt(receipt ?? NO_RECEIPT, octets, view, at);
  u32(FIELD.latency, facts.latency_us);
  u32(FIELD.tcpRtt, facts.tcp_rtt_us ?? 0);
  u16(FIELD.tcpMss, facts.tcp_mss ?? 0);
  u16(FIELD.tcpPmtu, Math.min(facts.tcp_pmtu ?? 0, 0xffff));
  u16(FIELD.synMss, facts.syn_mss ?? 0);
  u8(FIELD.tcpAcked, facts.tcp_acked === null ? 0 : facts.tcp_acked ? 1 : 2);
  u8(FIELD.icmpType, 0);
  u8(FIELD.icmpCode, 0);
  u8(FIELD.icmpFromFamily, 0);
  u16(FIELD.icmpMtu, 0);
  u8(FIELD.reason, 0);
  u32(FIELD.count, 1);
}

/** What every kind of row begins with. */
export function writeHead(
  kind: number,
  slots: 1 | 2,
  seq: number,
  octets: Uint8Array,
  view: DataView,
  at: number,
): void {
  octets[at + FIELD.kind] = kind;
  octets[at + FIELD.slots] = slots;
  view.setUint32(at + FIELD.seqLow, seq % TWO_32, true);
  octets[at + FIELD.seqHigh] = Math.floor(seq / TWO_32);
}

function flagsOf({ ip_version, proto, rd, cd, ad, edns_do, tc }: Facts): number {
  return (
    (ip_version === 6 ? FLAGS.ipv6 : 0) |
    (proto === 'tcp' ? FLAGS.tcp : 0) |
    (proto === 'tls' ? FLAGS.tls : 0) |
    (rd ? FLAGS.rd : 0) |
    (cd ? FLAGS.cd : 0) |
    (ad ? FLAGS.ad : 0) |
    (edns_do ? FLAGS.dnssecOk : 0) |
    (tc ? FLAGS.tc : 0)
  );
}

function marksOf({ size_miss, instance, receipt, cookie_instance, run, edns_version }: Facts): number {
  return (
    (size_miss ? MARKS.sizeMiss : 0) |
    (instance === null ? 0 : MARKS.instance) |
    (receipt === null ? 0 : MARKS.receipt) |
    (cookie_instance === null ? 0 : MARKS.cookieInstance) |
    (run === '' ? 0 : MARKS.run) |
    (edns_version === 255 ? MARKS.opt : 0)
  );
}

function writeTail(
  { edns_options, qname, zone }: Facts,
  octets: Uint8Array,
  view: DataView,
  at: number,
): void {
  let tail = at + FIELD.tail;
  for (let index = 0; index < edns_options.length && index < MAX_OPTION_CODES; index++) {
    view.setUint16(tail, edns_options[index]!, true);
    tail += 2;
  }
  const length = writeName(qname, octets, tail);
  view.setUint16(at + FIELD.qnameLength, length, true);
  const isBelow = zone !== '' && length > 0 && (zone === '.' || qname.toLowerCase().endsWith(zone));
  octets[at + FIELD.zoneLength] = isBelow ? nameOctets(zone) : 0;
}

function writeRun(run: string, view: DataView, at: number): void {
  view.setUint16(at + FIELD.run, run === '' ? 0 : Number.parseInt(run.slice(0, 4), 16));
  view.setUint32(at + FIELD.run + 2, run === '' ? 0 : Number.parseInt(run.slice(4), 16));
}

const NO_RECEIPT: ReceiptFacts = {
  node: 0,
  instance: 0,
  at: 0,
  asked: 0,
  sent: 0,
  proto: 'udp',
  edns: 0,
  fragments: 0,
  filler: 'none',
  relation: 'own',
};

function writeReceipt(receipt: ReceiptFacts, octets: Uint8Array, view: DataView, at: number): void {
  octets[at + FIELD.receiptFiller] = RECEIPT_FILLERS.indexOf(receipt.filler);
  octets[at + FIELD.receiptFragments] = receipt.fragments;
  octets[at + FIELD.receiptProto] = RECEIPT_TRANSPORTS.indexOf(receipt.proto);
  view.setFloat64(at + FIELD.receiptAt, receipt.at, true);
  view.setUint32(at + FIELD.receiptInstance, receipt.instance, true);
  view.setUint16(at + FIELD.receiptAsked, receipt.asked, true);
  view.setUint16(at + FIELD.receiptSent, receipt.sent, true);
  view.setUint16(at + FIELD.receiptEdns, receipt.edns, true);
  octets[at + FIELD.receiptNode] = receipt.node;
  octets[at + FIELD.receiptRelation] = RELATIONS.indexOf(receipt.relation);
}

/** What `formatOptions` made, as a number again. */
function packedOptions(text: string): number {
  if (text === '') return 0;
  const known = packed.get(text);
  if (known !== undefined) return known;
  const options = { ...NO_OPTIONS };
  for (const token of text.split('-')) {
    const row = OPTION_TABLE.find(({ syntax }) => token.replace(/\d+$/, '') === syntax.replace(/<.*/, ''));
    if (row) options[row.field] = typeof row.value === 'number' ? row.value : Number(/\d+$/.exec(token)?.[0]);
  }
  if (packed.size >= REMEMBERED) packed.clear();
  packed.set(text, packOptions(options));
  return packOptions(options);
}

/** Those seen before; strangers decide how many there are. */
const packed = new Map<string, number>();
const REMEMBERED = 1000;
