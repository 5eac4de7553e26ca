/** Fills a template for one query: id, flags, question, what is made for this message, its signature, its cookie, its row (DESIGN: packet engine). */
import { BACKDATE_SECONDS, spread, VALIDITY_SECONDS } from '../../dnssec/signer.ts';
import { FIELD, FLAGS, MARKS } from '../../record/layout.ts';
import type { RowSink } from '../../record/sink.ts';
import { FLAG } from '../../wire/header.ts';
import { type MutableReceipt, RECEIPT_FILLERS, RECEIPT_TRANSPORTS } from '../../zone/receipt.ts';
import type { Inbound } from '../inbound.ts';
import { LOWER, QUESTION_AT, type QuickQuery } from './quick-query.ts';
import type { FreshSignature, Template } from './template.ts';

/** High and low octet of the flags: what is echoed. */
const RD = FLAG.RD >> 8;
const CD = FLAG.CD;
const AD = FLAG.AD;
const RUN_OCTETS = 6;
const EXPIRATION = 8;
const INCEPTION = 12;
const TWO_32 = 2 ** 32;

/** Copies the message and patches its header and its question. */
export function fillMessage(template: Template, query: QuickQuery, out: Uint8Array, at: number): void {
  const { octets, start, nameLength } = query;
  out.set(template.octets, at);
  out[at] = octets[start]!;
  out[at + 1] = octets[start + 1]!;
  out[at + 2]! |= octets[start + 2]! & RD;
  out[at + 3]! |= octets[start + 3]! & CD;
  const end = QUESTION_AT + nameLength + 2;
  for (let k = QUESTION_AT; k < end; k++) out[at + k] = octets[start + k]!;
}

/** Signs the record that was made for this message, and writes the signature into it. */
export function fillSignature(
  { key, covered, ownerAt, rdataAt, signatureAt }: FreshSignature,
  query: QuickQuery,
  nowSeconds: number,
  out: Uint8Array,
  at: number,
): void {
  const { octets, start, nameLength } = query;
  const nameAt = start + QUESTION_AT;
  for (let k = 0; k < nameLength; k++) covered[ownerAt + k] = LOWER[octets[nameAt + k]!]!;
  write32(covered, EXPIRATION, nowSeconds + VALIDITY_SECONDS + spread(covered, ownerAt, nameLength));
  write32(covered, INCEPTION, nowSeconds - BACKDATE_SECONDS);
  for (let k = EXPIRATION; k < INCEPTION + 4; k++) out[at + rdataAt + k] = covered[k]!;
  key.signInto(covered, 0, covered.length, out, at + signatureAt);
}

/** What a row says of the query itself, besides what all of its kind have in common. */
export function fillRow(
  { row }: Template,
  query: QuickQuery,
  inbound: Inbound,
  rows: RowSink,
  at: number,
  time: number,
  instance: number,
): void {
  const { octets, view } = rows;
  const { source, family, port } = inbound;
  const { start, nameLength } = query;
  octets.set(row, at);
  view.setUint32(at + FIELD.seqLow, rows.seq % TWO_32, true);
  octets[at + FIELD.seqHigh] = rows.seq / TWO_32;
  octets[at + FIELD.flags]! |= rowFlags(query);
  view.setUint16(at + FIELD.srcPort, port, true);
  view.setUint16(at + FIELD.id, (query.octets[start]! << 8) | query.octets[start + 1]!, true);
  view.setUint16(at + FIELD.qtype, query.qtype, true);
  view.setFloat64(at + FIELD.time, time, true);
  const length = family === 4 ? 4 : 16;
  for (let k = 0; k < length; k++) octets[at + FIELD.src + k] = source[k]!;
  octets[at + FIELD.ttl] = inbound.ttl;
  view.setUint16(at + FIELD.pathMtu, Math.min(inbound.pathMtu, 0xffff), true);
  view.setUint32(at + FIELD.instance, row[FIELD.marks]! & MARKS.instance ? instance : 0, true);
  const nameAt = at + FIELD.tail + 2 * row[FIELD.optionCount]!;
  const from = start + QUESTION_AT;
  for (let k = 0; k < nameLength; k++) octets[nameAt + k] = query.octets[from + k]!;
}

export function fillRun(run: Uint8Array, rows: RowSink, at: number): void {
  for (let k = 0; k < RUN_OCTETS; k++) rows.octets[at + FIELD.run + k] = run[k]!;
}

/** What a row says of the answer that a receipt is for. */
export function fillReceipt(receipt: MutableReceipt, { octets, view }: RowSink, at: number): void {
  view.setFloat64(at + FIELD.receiptAt, receipt.at, true);
  view.setUint32(at + FIELD.receiptInstance, receipt.instance, true);
  view.setUint16(at + FIELD.size, receipt.asked, true);
  view.setUint16(at + FIELD.receiptAsked, receipt.asked, true);
  view.setUint16(at + FIELD.receiptSent, receipt.sent, true);
  view.setUint16(at + FIELD.receiptEdns, receipt.edns, true);
  octets[at + FIELD.receiptNode] = receipt.node;
  octets[at + FIELD.receiptFragments] = receipt.fragments;
  octets[at + FIELD.receiptFiller] = RECEIPT_FILLERS.indexOf(receipt.filler);
  octets[at + FIELD.receiptProto] = RECEIPT_TRANSPORTS.indexOf(receipt.transport);
}

function rowFlags({ octets, start }: QuickQuery): number {
  const high = octets[start + 2]!;
  const low = octets[start + 3]!;
  return (high & RD ? FLAGS.rd : 0) | (low & CD ? FLAGS.cd : 0) | (low & AD ? FLAGS.ad : 0);
}

function write32(octets: Uint8Array, at: number, value: number): void {
  octets[at] = value >>> 24;
  octets[at + 1] = (value >>> 16) & 0xff;
  octets[at + 2] = (value >>> 8) & 0xff;
  octets[at + 3] = value & 0xff;
}
