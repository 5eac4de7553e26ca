/** Row class: what metrics count by, as one number made of a few octets of a row; and back into words. */

import { RECEIPT_TRANSPORTS } from '../zone/receipt.ts';
import type { Action, Excluded, Relation, Step, Transport } from './facts.ts';
import { ACTIONS, EXCLUDED, FIELD, FLAGS, MARKS, RELATIONS, STEPS } from './layout.ts';

/** What a class says; octets of the query are 0 or 1, and RCODEs above 30 are 31. */
export interface ClassFacts {
  readonly proto: Transport;
  readonly ip_version: 4 | 6;
  readonly tc: boolean;
  readonly action: Action;
  readonly excluded: Excluded;
  readonly step: Step;
  readonly rcode: number;
  readonly req_len: number;
  readonly receipt: { readonly proto: Transport; readonly relation: Relation } | null;
}

/** Bits, lowest first: transport 2, IPv6 1, TC 1, action 3, excluded 2, measured 1, query 1, RCODE 5, receipt 4. */
export const ROW_CLASSES = 2 ** 20;

const MEASURED = STEPS.indexOf('measured');
const MAX_RCODE = 31;

export function classOfRow(octets: Uint8Array, at: number): number {
  const flags = octets[at + FIELD.flags]!;
  const rcode = octets[at + FIELD.rcode]! | (octets[at + FIELD.rcode + 1]! << 8);
  const hasReceipt = octets[at + FIELD.marks]! & MARKS.receipt;
  return (
    (flags & FLAGS.tls ? 2 : flags & FLAGS.tcp ? 1 : 0) |
    (flags & FLAGS.ipv6 ? 4 : 0) |
    (flags & FLAGS.tc ? 8 : 0) |
    ((octets[at + FIELD.action]! & 7) << 4) |
    ((octets[at + FIELD.excluded]! & 3) << 7) |
    (octets[at + FIELD.step] === MEASURED ? 1 << 9 : 0) |
    (octets[at + FIELD.reqLen]! | octets[at + FIELD.reqLen + 1]! ? 1 << 10 : 0) |
    (Math.min(rcode, MAX_RCODE) << 11) |
    (hasReceipt
      ? receiptBits(octets[at + FIELD.receiptProto]!, octets[at + FIELD.receiptRelation]!) << 16
      : 0)
  );
}

/** 1..9; 0 is no receipt. */
function receiptBits(proto: number, relation: number): number {
  return 1 + (proto % 3) * 3 + (relation % 3);
}

export function factsOfClass(number: number): ClassFacts {
  const receipt = (number >> 16) - 1;
  return {
    proto: RECEIPT_TRANSPORTS[number & 3] ?? 'udp',
    ip_version: number & 4 ? 6 : 4,
    tc: (number & 8) !== 0,
    action: ACTIONS[(number >> 4) & 7] ?? 'answer',
    excluded: EXCLUDED[(number >> 7) & 3]!,
    step: number & (1 << 9) ? 'measured' : 'other',
    rcode: (number >> 11) & MAX_RCODE,
    req_len: (number >> 10) & 1,
    receipt:
      receipt < 0
        ? null
        : {
            proto: RECEIPT_TRANSPORTS[Math.floor(receipt / 3)] ?? 'udp',
            relation: RELATIONS[receipt % 3]!,
          },
  };
}
