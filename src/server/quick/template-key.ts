/** The key of a template: what its answer depends on, but for the patched places, as numbers (DESIGN: packet engine). */
import type { Proof, Relation } from '../../record/facts.ts';
import { COOKIES, PROOFS, RELATIONS } from '../../record/layout.ts';
import { EDNS_FLAG } from '../../wire/query.ts';
import type { CookieState } from '../cookie.ts';
import type { Inbound } from '../inbound.ts';
import type { QuickQuery } from './quick-query.ts';
import type { Subject } from './subject.ts';
import { TEMPLATE_KIND } from './template.ts';

const PROOF_CODE = codes(PROOFS);
const COOKIE_CODE = codes(COOKIES);
const TWO_32 = 2 ** 32;

/** Writes what every query shows: all that the key of a named template holds. */
export function writeKey(
  key: Int32Array,
  kind: number,
  query: QuickQuery,
  { transport, family, local }: Inbound,
  proof: Proof,
  cookie: CookieState,
): void {
  key[0] =
    kind |
    (PROOF_CODE[proof] << 3) |
    (COOKIE_CODE[cookie] << 6) |
    ((transport === 'udp' ? 0 : 1) << 8) |
    ((family === 4 ? 0 : 1) << 9) |
    ((query.hasOpt ? 1 : 0) << 10) |
    ((query.ednsFlags & (EDNS_FLAG.DO | EDNS_FLAG.CO)) >> 3) |
    (local.index << 16);
  key[1] = query.udpPayloadSize | ((kind === TEMPLATE_KIND.named ? query.qtype : 0) << 16);
  key[2] = query.length | (query.nameLength << 16);
  key[3] = 0;
  key[4] = 0;
  key[5] = 0;
  key[6] = 0;
}

/**
 * Writes what the name stands for, where the key is of another kind.
 * @param textLength octets of the text of a receipt
 */
export function writeSubject(
  key: Int32Array,
  subject: Subject,
  query: QuickQuery,
  textLength: number,
  relation: Relation,
): void {
  key[3] = (subject.zone?.index ?? 0) | ((subject.hasRun ? 1 : 0) << 16);
  if (subject.kind === TEMPLATE_KIND.denial) key[4] = query.labels;
  if (subject.kind === TEMPLATE_KIND.receipt)
    key[4] = textLength | (subject.receipt.ttl << 8) | (RELATIONS.indexOf(relation) << 16);
  if (subject.kind !== TEMPLATE_KIND.label && subject.kind !== TEMPLATE_KIND.gate) return;
  key[4] = subject.n | (subject.behavior!.code << 16);
  key[5] = subject.state % TWO_32;
  key[6] = subject.state / TWO_32;
}

export function isNamedKey(key: Int32Array): boolean {
  return key[0]! % 8 === TEMPLATE_KIND.named;
}

/** Looked up for every message, so not searched for. */
function codes<K extends string>(names: readonly K[]): Readonly<Record<K, number>> {
  return Object.fromEntries(names.map((name, code) => [name, code])) as Record<K, number>;
}
