/** Answers of zones that are made, as drafts: keys that are measured or signaled, and words that a script says (DESIGN: key roll). */
import { PLAIN, type Plan } from '../behaviors/behavior.ts';
import { signalOf, telemetry } from '../behaviors/telemetry.ts';
import type { Proof } from '../record/facts.ts';
import { OPTION } from '../wire/edns-option.ts';
import { labelsBelow, labelText, type Name } from '../wire/name.ts';
import type { Query, Question } from '../wire/query.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import type { Script } from '../zone/made.ts';
import type { Zone } from '../zone/zone.ts';
import { bare, type Draft, overBudget, type TrialDraft, unsignedEntry } from './draft.ts';
import type { Exchange } from './exchange.ts';
import { isProven } from './source-proof.ts';
import { PLAIN_TRIAL } from './trial-draft.ts';

const ZONE_DATA: Plan = { ...PLAIN, answer: { kind: 'text', lines: [] } };

/**
 * DNSKEY of a replica is measured: it leaves as large as it is to whoever has a proof; what others get, of another prefix than the
 * trial was made for, says nothing about the path. A query may also list trust anchors.
 */
export function keysAnswer(draft: Draft, zone: Zone, query: Query, proof: Proof): Draft {
  const { made } = zone;
  const tags = keyTags(query);
  const signal = tags ? signalOf(tags, made) : '';
  const noted = { ...PLAIN_TRIAL, step: 'other', plan: { ...ZONE_DATA, signal } } as const;
  if (made?.dnskeyOctets !== undefined) {
    const { dnskeyOctets: asked, run } = made;
    const excluded = isProven(proof) ? '' : 'gate';
    const trial: TrialDraft = { ...noted, behavior: 'replica', asked, run, excluded };
    return { ...draft, class: 'measured', trial };
  }
  return tags ? { ...draft, trial: { ...noted, behavior: telemetry.name, asked: 0, run: '' } } : draft;
}

/** RFC 8145 §4.1: 16-bit tags; undefined where the query has no such option, or a malformed one. */
function keyTags({ edns }: Query): number[] | undefined {
  const data = edns?.options.find(({ code }) => code === OPTION.KEY_TAG)?.data;
  if (!data || data.length === 0 || data.length % 2 !== 0) return undefined;
  return Array.from(
    { length: data.length / 2 },
    (_, index) => (data[2 * index]! << 8) | data[2 * index + 1]!,
  );
}

/** Whether a query tells the trust anchors of a resolver in its name (RFC 8145 §5.1): it is answered in every zone, never denied. */
export function isKeyTagQuery(qname: Name, zone: Zone): boolean {
  const labels = labelsBelow(qname, zone.apex).map(labelText);
  return telemetry.claims(labels) !== undefined;
}

/**
 * What a zone says that has words of its own.
 * @param pay asked first: false where so many microseconds are more than the query may cost
 */
export function scripted(
  zone: Zone,
  script: Script,
  { arrival, time, query }: Exchange,
  { qname, qtype }: Question,
  pay: (microseconds: number) => boolean,
): Draft {
  const question = {
    qname,
    qtype,
    dnssecOk: query.edns?.dnssecOk ?? false,
    options: query.edns?.options.map(({ code }) => code) ?? [],
    transport: arrival.transport,
    nowSeconds: Math.floor(time / 1000),
  };
  const trial = {
    ...PLAIN_TRIAL,
    behavior: 'broken',
    asked: 0,
    run: '',
    step: 'other',
    excluded: 'fault',
  } as const;
  if (!pay(script.cost(question))) return { ...overBudget(zone), trial: { ...trial, plan: ZONE_DATA } };
  const statement = script.answer(question);
  const { rcode, answer, authority, additional, referral = false, truncated = false, silent } = statement;
  // Not so those of any other type, RRSIG say: validation needs none as large.
  const isNeeded = qtype === dnskey.type || answer.length === 0;
  return {
    ...bare(rcode, undefined, zone),
    authoritative: !referral,
    answer: answer.map(unsignedEntry),
    authority: authority.map(unsignedEntry),
    additional: additional.map(unsignedEntry),
    class: isNeeded ? 'infrastructure' : 'other',
    trial: { ...trial, plan: { ...ZONE_DATA, truncate: truncated, silent } },
  };
}
