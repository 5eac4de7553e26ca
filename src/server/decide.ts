/** Decides what is said to a question: class, type, zone, name, in that order (RFC 1034 §4.3.2, RFC 8906). */
import type { TestQuery } from '../behaviors/behavior.ts';
import type { Proof } from '../record/facts.ts';
import { EDE, FLAG, RCODE } from '../wire/header.ts';
import { formatName, labelsBelow, labelText, nameKey } from '../wire/name.ts';
import type { Question } from '../wire/query.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { ds } from '../wire/rdata/ds.ts';
import { isMetaType, QTYPES, typeText } from '../wire/rdata/table.ts';
import { CLASS } from '../wire/rrset.ts';
import { childAt, type Zone } from '../zone/zone.ts';
import { fragmentsOf } from './arrival.ts';
import { chaosAnswer } from './chaos.ts';
import type { Core } from './core.ts';
import { bare, type Draft, overBudget, unsignedEntry } from './draft.ts';
import type { Exchange } from './exchange.ts';
import { locate } from './locate.ts';
import { isKeyTagQuery, keysAnswer, scripted } from './made-draft.ts';
import { payWork } from './pay.ts';
import { prefixTag, sourceTag, type Taggers } from './source.ts';
import { isProven } from './source-proof.ts';
import { answerTest } from './trial.ts';
import type { GateSeen, TrialAnswer } from './trial-context.ts';
import { proofName } from './trial-proof.ts';
import { answerDs, answerFrom, refer, type Wishes } from './zone-data.ts';

export function decide(core: Core, exchange: Exchange, question: Question): TrialAnswer {
  const { qname, qtype, qclass } = question;
  const said = (draft: Draft, proof = exchange.proof): TrialAnswer => ({ draft, proof });
  if (qclass === CLASS.CH) return said(answerChaos(core, question));
  if (qclass !== CLASS.IN) return said(notOurs());
  const refused = refuseMetaType(qtype);
  if (refused) return said(refused);
  const pay = (microseconds: number) => payWork(core, exchange.time, exchange.proof, microseconds);
  const place = locate(core.tree, qname, qtype, exchange.arrival.localKey, exchange.time, pay);
  if (place.kind === 'elsewhere') return said(notOurs());
  if (place.kind === 'unpaid') return said(overBudget(place.zone));
  const wishes = wishesOf(exchange);
  const { zone } = place;
  // Trust anchors are told to every zone, but below a cut to the zone there.
  const isTelemetry = place.kind === 'zone' && isKeyTagQuery(qname, zone);
  if (zone.script && !isTelemetry) return said(scripted(zone, zone.script, exchange, question, pay));
  if (place.kind === 'referral') return said(refer(zone, place.child, wishes));
  const child = childAt(zone, qname, exchange.time);
  if (child && qtype === ds.type) return said(answerDs(zone, qname, child, wishes));
  const known = zone.names.get(nameKey(qname));
  if (known) {
    const draft = answerFrom(zone, qname, qtype, [...known.values()], wishes, true);
    const proof = proofAt(zone, exchange, core.taggers);
    return said(qtype === dnskey.type ? keysAnswer(draft, zone, exchange.query, proof) : draft, proof);
  }
  return answerName(core, exchange, question, zone, wishes);
}

function answerName(
  core: Core,
  exchange: Exchange,
  question: Question,
  zone: Zone,
  wishes: Wishes,
): TrialAnswer {
  const { arrival, time, instance } = exchange;
  return answerTest({
    dnssecOk: wishes.dnssecOk,
    compactOk: wishes.compactOk,
    nowSeconds: wishes.nowSeconds,
    zone,
    question,
    now: time,
    macs: core.macs,
    proof: proofAt(zone, exchange, core.taggers),
    sourceTag: sourceTag(arrival.source, core.taggers),
    prefixTag: prefixTag(arrival.source, core.taggers),
    node: core.settings.node,
    arms: core.settings.arms,
    instance,
    family: arrival.source.family,
    fragments: (octets, arm) => fragmentsOf(octets, arrival, arm),
    newRun: () => newRun(core),
    query: (gate) => testQuery(core, exchange, question, zone, gate),
  });
}

function testQuery(
  core: Core,
  exchange: Exchange,
  question: Question,
  zone: Zone,
  gate: GateSeen | undefined,
): TestQuery {
  const { arrival, time, header, cookie, query } = exchange;
  const { edns } = query;
  return {
    source: arrival.source.text,
    sourcePort: arrival.sourcePort,
    local: arrival.local,
    transport: arrival.transport,
    udpPayloadSize: edns?.udpPayloadSize,
    dnssecOk: edns?.dnssecOk ?? false,
    checkingDisabled: (header.flags & FLAG.CD) !== 0,
    recursionDesired: (header.flags & FLAG.RD) !== 0,
    cookie: cookie.state,
    ednsOptions: edns?.options.map(({ code }) => code) ?? [],
    requestOctets: query.length,
    node: core.settings.node.name,
    zone: formatName(zone.apex),
    labels: labelsBelow(question.qname, zone.apex).map(labelText),
    made: zone.made,
    addresses: zone.hostAddresses,
    now: time,
    gateAgeMs: gate?.ageMs,
    networks: gate?.networks ?? 0,
    packets: (octets) => fragmentsOf(octets, { ...arrival, transport: 'udp' }),
    ledger: () => core.ledger(arrival.source.text),
    proofName: () => proofName(core, exchange, question, zone),
    mint: (wish) => zone.family?.mint?.(wish, time),
    mintTrial: (label) =>
      zone.family?.mintTrial?.(label, newRun(core), prefixTag(arrival.source, core.taggers), time),
    calendar: () => zone.family?.calendar,
  };
}

function newRun(core: Core): string {
  return Buffer.from(core.random(6)).toString('hex');
}

/** Whose label proves that it asked a short while ago, is a source with proof there. */
export function proofAt({ made }: Zone, { arrival, time, proof }: Exchange, taggers: Taggers): Proof {
  const opens = !isProven(proof) && made?.opensTo?.(prefixTag(arrival.source, taggers), time);
  return opens ? 'gate' : proof;
}

function wishesOf({ query: { edns }, time }: Exchange): Wishes {
  return {
    dnssecOk: edns?.dnssecOk ?? false,
    compactOk: edns?.compactOk ?? false,
    nowSeconds: Math.floor(time / 1000),
  };
}

function answerChaos({ settings }: Core, { qname, qtype }: Question): Draft {
  const set = chaosAnswer(qname, settings.node.name, settings.version);
  if (!set) return bare(RCODE.REFUSED);
  const asked = qtype === set.type || qtype === QTYPES.ANY;
  return { ...bare(RCODE.NOERROR), authoritative: true, answer: asked ? [unsignedEntry(set)] : [] };
}

function notOurs(): Draft {
  return bare(RCODE.REFUSED, { infoCode: EDE.NOT_AUTHORITATIVE, extraText: '' });
}

function refuseMetaType(qtype: number): Draft | undefined {
  if (!isMetaType(qtype) || qtype === QTYPES.ANY) return undefined;
  // RFC 5936 §2.2.1: no transfer; synthesized names have no meaning in one.
  if (qtype === QTYPES.AXFR || qtype === QTYPES.IXFR) return bare(RCODE.REFUSED);
  // RFC 9824 §3.5: NXNAME is never a question. Neither is OPT.
  return bare(RCODE.FORMERR, {
    infoCode: EDE.INVALID_QUERY_TYPE,
    extraText: `${typeText(qtype)} cannot be asked for`,
  });
}
