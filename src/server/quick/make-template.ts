/** Makes the template of an answer that the general way has just given, where there is one: what may not be proven equal is not kept. */
import { verify } from '../../dnssec/key.ts';
import type { Signer } from '../../dnssec/signer.ts';
import { encodeRow, slotsOf } from '../../record/encode.ts';
import type { Facts } from '../../record/facts.ts';
import { FIELD, FLAGS } from '../../record/layout.ts';
import { SLOT_OCTETS } from '../../record/sink.ts';
import { OPTION } from '../../wire/edns-option.ts';
import { FLAG } from '../../wire/header.ts';
import { lower } from '../../wire/name.ts';
import { cname } from '../../wire/rdata/cname.ts';
import { nsec } from '../../wire/rdata/nsec.ts';
import { opt } from '../../wire/rdata/opt.ts';
import { rrsig } from '../../wire/rdata/rrsig.ts';
import { soa } from '../../wire/rdata/soa.ts';
import { txt } from '../../wire/rdata/txt.ts';
import type { Basis } from '../deliver.ts';
import { QUESTION_AT, type QuickQuery } from './quick-query.ts';
import { type PlacedRecord, placeRecords, pointersIn } from './records.ts';
import { type FreshSignature, type Made, TEMPLATE_KIND, type Template } from './template.ts';

/** Larger answers are rare, and copying them is not what they cost. */
const MAX_TEMPLATE_OCTETS = 8192;
/** Remembered signatures are good for a day at least; a template looks for newer ones each hour. */
const RENEWAL_MS = 3_600_000;
/** Octets of RRSIG RDATA in front of the signer's name. */
const RRSIG_FIXED = 18;
const FRESH_TYPES: readonly number[] = [cname.type, txt.type, nsec.type];

/**
 * @param key a copy that the template may keep
 * @param small octets that a source without proof may get
 */
export function makeTemplate(
  kind: number,
  key: Int32Array,
  query: QuickQuery,
  octets: Uint8Array,
  facts: Facts,
  basis: Basis,
  small: number,
): Template | undefined {
  if (octets.length > MAX_TEMPLATE_OCTETS || !repeats(kind, basis)) return undefined;
  const name = lower(octets.subarray(QUESTION_AT, QUESTION_AT + query.nameLength));
  const records = placeRecords(octets);
  const { draft, composed, exchange } = basis;
  const apexAt = QUESTION_AT + query.nameLength - (draft.zone?.apex.length ?? 0);
  if (kind !== TEMPLATE_KIND.named && records.some((one) => dependsOnName(octets, one, apexAt)))
    return undefined;
  const made = kind === TEMPLATE_KIND.named ? undefined : madeAt(octets, name, records, basis);
  const signer = draft.zone?.signer;
  const signature = kind === TEMPLATE_KIND.named ? undefined : freshRecord(records);
  const fresh = signature && signer && freshSignature(octets, records, signature, signer, name, made);
  if (signature && !fresh) return undefined;
  const slots = slotsOf(facts);
  const row = new Uint8Array(slots * SLOT_OCTETS);
  encodeRow(facts, row, new DataView(row.buffer), 0, 0);
  row[FIELD.flags]! &= ~(FLAGS.rd | FLAGS.cd | FLAGS.ad);
  return {
    key,
    name: kind === TEMPLATE_KIND.named ? name : new Uint8Array(0),
    octets: withoutEcho(octets),
    made,
    fresh,
    cookieAt: cookieAt(octets, records),
    row,
    slots,
    isLarge: exchange.arrival.transport === 'udp' && octets.length > small,
    since: exchange.time,
    until: exchange.time + RENEWAL_MS,
    fragments: facts.fragments,
    filler: composed.choice.kind,
    ttl: draft.trial?.plan.ttl ?? 0,
  };
}

/** A copy without the flags that are echoed from the query. */
function withoutEcho(octets: Uint8Array): Uint8Array {
  const copy = Uint8Array.from(octets);
  copy[2]! &= ~(FLAG.RD >> 8);
  copy[3]! &= ~FLAG.CD;
  return copy;
}

/** Whether the next query of the key gets the same answer but for the places that a template patches. */
function repeats(kind: number, { draft, composed }: Basis): boolean {
  const { trial, zone } = draft;
  // What a made zone says may change with the clock.
  if (composed.budget || zone?.fault !== undefined || zone?.made !== undefined) return false;
  if (
    trial &&
    (trial.plan.delayMs > 0 || trial.plan.fault || trial.plan.silent || trial.plan.arm !== 'default')
  )
    return false;
  switch (kind) {
    case TEMPLATE_KIND.named: {
      const entries = [...draft.answer, ...draft.authority, ...draft.additional];
      const isFiller = trial?.isRepeatable && trial.plan.answer.kind === 'filler' && !trial.alias;
      return (
        (!trial || isFiller === true) && entries.every(({ signed, reuse }) => !signed || reuse !== undefined)
      );
    }
    case TEMPLATE_KIND.label:
    case TEMPLATE_KIND.gate:
      // A spare label may meet its like in the query name; filler beside the alias would need a second signature.
      return (
        composed.truncated || (trial?.alias !== undefined && !['label', 'txt'].includes(composed.choice.kind))
      );
    case TEMPLATE_KIND.receipt:
      return trial?.receipt !== null && trial?.receipt !== undefined && !composed.truncated;
    default:
      return (
        trial === undefined && draft.error?.extraText === (kind === TEMPLATE_KIND.elsewhere ? '' : undefined)
      );
  }
}

/** Names that were compressed against the labels of this one query name would be wrong for the next. */
function dependsOnName(
  octets: Uint8Array,
  { type, ownerPointer, ownerAt, rdataAt, section }: PlacedRecord,
  apexAt: number,
): boolean {
  const inner =
    type === soa.type
      ? pointersIn(octets, rdataAt, 2)
      : type === cname.type
        ? pointersIn(octets, rdataAt, 1)
        : [];
  const owner = pointersIn(octets, ownerAt, 1);
  const isOwn =
    ownerPointer === QUESTION_AT && (section === 'answer' || type === nsec.type || type === rrsig.type);
  return inner.some((target) => target < apexAt) || (!isOwn && owner.some((target) => target < apexAt));
}

function madeAt(
  octets: Uint8Array,
  name: Uint8Array,
  records: readonly PlacedRecord[],
  { draft, composed }: Basis,
): Made {
  const { trial } = draft;
  const [first] = records;
  if (composed.truncated) return undefined;
  // Behind the length octet of the first label, or of the one character-string.
  if (trial?.alias && first)
    return { kind: trial.step === 'measured' ? 'receipt' : 'gate', at: first.rdataAt + 1 };
  if (trial?.step === 'receipt' && first?.type === txt.type) return { kind: 'text', at: first.rdataAt + 1 };
  const denial = records.find(({ type }) => type === nsec.type);
  return denial && isSuccessor(octets, denial.rdataAt, name)
    ? { kind: 'next', at: denial.rdataAt + 2 }
    : undefined;
}

/** The next name is this one behind a label of one octet, but for names that have no room for it (RFC 4471 §3.1.2). */
function isSuccessor(octets: Uint8Array, at: number, name: Uint8Array): boolean {
  return octets[at] === 1 && octets[at + 1] === 0 && name.every((octet, k) => octets[at + 2 + k] === octet);
}

/** The one signature over a record of the query name: all others are remembered. */
function freshRecord(records: readonly PlacedRecord[]): PlacedRecord | undefined {
  return records.find(({ type, ownerPointer }) => type === rrsig.type && ownerPointer === QUESTION_AT);
}

/** @returns undefined where what would be signed is not what was signed just now */
function freshSignature(
  octets: Uint8Array,
  records: readonly PlacedRecord[],
  signature: PlacedRecord,
  signer: Signer,
  name: Uint8Array,
  made: Made,
): FreshSignature | undefined {
  const record = records[records.indexOf(signature) - 1];
  const [key, another] = record ? signer.keysFor(record.type) : [];
  if (!record || !key || another || !made || !FRESH_TYPES.includes(record.type)) return undefined;
  const front = RRSIG_FIXED + signer.apex.length;
  const rdata = canonicalRdata(octets, record, lower(signer.apex));
  const ownerAt = front;
  const rdataAt = front + name.length + 10;
  const covered = new Uint8Array(rdataAt + rdata.length);
  covered.set(octets.subarray(signature.rdataAt, signature.rdataAt + front));
  covered.set(name, ownerAt);
  covered.set(octets.subarray(record.rdataAt - 10, record.rdataAt), ownerAt + name.length);
  covered[rdataAt - 2] = rdata.length >> 8;
  covered[rdataAt - 1] = rdata.length & 0xff;
  covered.set(rdata, rdataAt);
  const signatureAt = signature.rdataAt + front;
  if (!verify(key.rdata, covered, octets.subarray(signatureAt, signature.rdataAt + signature.rdlength)))
    return undefined;
  return {
    key,
    costMicroseconds: key.costMicroseconds,
    rdataAt: signature.rdataAt,
    signatureAt,
    covered,
    ownerAt,
    madeAt: rdataAt + made.at - record.rdataAt,
  };
}

/** The alias' target is compressed in the message, never in what is signed. */
function canonicalRdata(
  octets: Uint8Array,
  { type, rdataAt, rdlength }: PlacedRecord,
  apex: Uint8Array,
): Uint8Array {
  const rdata = octets.subarray(rdataAt, rdataAt + rdlength);
  return type === cname.type ? Uint8Array.from([...rdata.subarray(0, -2), ...apex]) : rdata;
}

function cookieAt(octets: Uint8Array, records: readonly PlacedRecord[]): number {
  const found = records.find(({ type }) => type === opt.type);
  if (!found) return -1;
  const end = found.rdataAt + found.rdlength;
  for (let at = found.rdataAt; at < end; at += 4 + ((octets[at + 2]! << 8) | octets[at + 3]!))
    if (((octets[at]! << 8) | octets[at + 1]!) === OPTION.COOKIE) return at + 4;
  return -1;
}
