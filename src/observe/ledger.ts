/** Ledger: what this server remembers of each source address since it started; `me` reads it from the same memory. */
import { FIELD, FLAGS, MARKS, RELATIONS, STEPS } from '../record/layout.ts';
import { LedgerWriter } from '../record/ledger-table.ts';
import { RECEIPT_TRANSPORTS } from '../zone/receipt.ts';

const OWN = RELATIONS.indexOf('own');
const MEASURED = STEPS.indexOf('measured');
const UDP = RECEIPT_TRANSPORTS.indexOf('udp');

export interface Ledger {
  /** Takes the row at `at` as it happens; rows without a measured answer or a receipt cost nothing. */
  note(octets: Uint8Array, view: DataView, at: number): void;
}

/** @param memory of `ledgerMemory`; this thread is its only writer */
export function openLedger(memory: SharedArrayBuffer): Ledger {
  const table = new LedgerWriter(memory);
  return {
    note(octets, view, at) {
      const flags = octets[at + FIELD.flags]!;
      const marks = octets[at + FIELD.marks]!;
      const length = flags & FLAGS.ipv6 ? 16 : 4;
      const time = view.getFloat64(at + FIELD.time, true);
      if (isArrival(octets, view, at)) {
        const transport = octets[at + FIELD.receiptProto] === UDP ? 'UDP' : 'TCP';
        const size = view.getUint16(at + FIELD.receiptSent, true);
        const fragments = octets[at + FIELD.receiptFragments]!;
        table.note(octets, at + FIELD.src, length, transport, size, time, fragments);
      } else if (
        octets[at + FIELD.step] === MEASURED &&
        (marks & MARKS.instance) !== 0 &&
        (flags & FLAGS.tc) === 0 &&
        view.getUint16(at + FIELD.size, true) > 0
      ) {
        const transport = flags & (FLAGS.tcp | FLAGS.tls) ? 'TCP' : 'UDP';
        const size = view.getUint16(at + FIELD.resLen, true);
        table.note(octets, at + FIELD.src, length, transport, size, time);
      }
    },
  };
}

/** A relayed receipt credits nobody here: else anybody could write into a stranger's ledger. */
function isArrival(octets: Uint8Array, view: DataView, at: number): boolean {
  return (
    (octets[at + FIELD.marks]! & MARKS.receipt) !== 0 &&
    octets[at + FIELD.receiptRelation] === OWN &&
    view.getUint16(at + FIELD.receiptAsked, true) > 0
  );
}
