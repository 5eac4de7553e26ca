/**
 * The life of a query, top to bottom: from octets to octets, or to nothing, and the facts of it.
 *
 *     octets ─▶ screen ─▶ decode ─▶ zone ─▶ test name ─▶ behavior ─▶ plan ─▶ limit ─▶ sign ─▶ fit ─▶ octets
 *
 * Knows no socket, no file, no clock of its own: UDP, TCP and tests call the same function (RFC 1034 §4.3, RFC 6891, RFC 8906).
 */
import type { TestQuery } from '../behaviors/behavior.ts';
import { extendedErrorOption, OPTION } from '../wire/edns-option.ts';
import { WireError } from '../wire/error.ts';
import { EDE, FLAG, RCODE, readHeader } from '../wire/header.ts';
import { encodeResponse } from '../wire/message.ts';
import { formatName, nameKey } from '../wire/name.ts';
import { decodeQuery, type Edns, type Query, type Question } from '../wire/query.ts';
import { ds } from '../wire/rdata/ds.ts';
import { isMetaType, QTYPES, typeText } from '../wire/rdata/table.ts';
import { CLASS } from '../wire/rrset.ts';
import { MAX_MESSAGE } from '../wire/writer.ts';
import { makeMac } from '../zone/mac.ts';
import { type Zone, type ZoneTree, zoneText } from '../zone/zone.ts';
import { type Arrival, fragmentsOf } from './arrival.ts';
import { makeBuckets, makeRecentProofs } from './budget.ts';
import { chaosAnswer } from './chaos.ts';
import { type Composed, compose, type Frame } from './compose.ts';
import { type Cookie, type CookieLayout, makeCookie, NO_COOKIE, readCookie } from './cookie.ts';
import { bare, type Draft, unsignedEntry } from './draft.ts';
import { answerOptions, malformedOption } from './edns.ts';
import type { Facts, Proof } from './facts.ts';
import { NO_FILLER } from './fit.ts';
import { type SizeSettings, udpLimit } from './limit.ts';
import { locate } from './locate.ts';
import { screen } from './screen.ts';
import { prefixTag, type Source, sourceTag } from './source.ts';
import { answerTest, isProven, type TrialContext } from './trial.ts';
import { answerDs, answerFrom, refer } from './zone-data.ts';

export interface ResponderSettings extends SizeSettings {
  readonly node: { readonly name: string; readonly id: number };
  /** Answered to version.bind; empty hides it. */
  readonly version: string;
  /** Shared by all nodes, at least 16 octets. */
  readonly secret: Uint8Array;
  readonly cookieLayout: CookieLayout;
  /** Seconds. */
  readonly tcpIdle: number;
  /** Whether this source needs no proof. */
  isAllowed(source: Source): boolean;
  /** Large UDP octets a second: to one prefix, its burst, and in all; 0 is no limit. */
  readonly udpBudget: number;
  readonly udpBudgetBurst: number;
  readonly udpBudgetTotal: number;
  /** Percent of a core that sources without proof may spend on signatures. */
  readonly signingBudget: number;
}

/** Everything that is not a function of the query: brought in once, at the edge. */
export interface Surroundings {
  readonly tree: ZoneTree;
  readonly settings: ResponderSettings;
  /** Milliseconds since the epoch. */
  now(): number;
  /** Microseconds from any origin, never backwards. */
  monotonic(): number;
  /** Octets that nobody can guess. */
  random(octets: number): Uint8Array;
  /** This node's view of a source address, as lines of text. */
  ledger(source: string): readonly string[];
  /** A bug of ours in answering one query; the answer was SERVFAIL. */
  onBug(error: unknown, query: Uint8Array): void;
}

export interface Outcome {
  /** The message to send, undefined for silence. */
  readonly octets: Uint8Array | undefined;
  readonly delayMs: number;
  /** Undefined where nothing was worth a row: runts, responses. */
  readonly facts: Facts | undefined;
}

export type Respond = (octets: Uint8Array, arrival: Arrival) => Outcome;

const SILENCE: Outcome = { octets: undefined, delayMs: 0, facts: undefined };
const PREFIX_SLOTS = 16_384;

export function makeResponder({
  tree,
  settings,
  now,
  monotonic,
  random,
  ledger,
  onBug,
}: Surroundings): Respond {
  const mac = (purpose: Parameters<typeof makeMac>[1]) => makeMac(settings.secret, purpose);
  const macs = { gate: mac('gate'), receipt: mac('receipt') };
  const taggers = { source: mac('source'), prefix: mac('prefix') };
  const cookieMac = mac('cookie');
  const recent = makeRecentProofs();
  const prefixOctets = makeBuckets(settings.udpBudget, settings.udpBudgetBurst, PREFIX_SLOTS);
  const allOctets = makeBuckets(settings.udpBudgetTotal, settings.udpBudgetTotal, 1);
  const signingPerSecond = settings.signingBudget * 10_000;
  const signing = makeBuckets(signingPerSecond, signingPerSecond, 1);
  let counter = new DataView(random(4).buffer).getUint32(0);

  function respond(octets: Uint8Array, arrival: Arrival): Outcome {
    const started = monotonic();
    const verdict = screen(octets);
    if (verdict === 'drop') return SILENCE;
    const exchange = openExchange(octets, arrival, started);
    if (verdict === 'notimp') return finishBare(exchange, RCODE.NOTIMP);
    try {
      return answerQuery(exchange, decodeQuery(octets));
    } catch (error) {
      if (error instanceof WireError) return finishBare(exchange, RCODE.FORMERR);
      onBug(error, octets);
      return finishBare(exchange, RCODE.SERVFAIL);
    }
  }

  function openExchange(octets: Uint8Array, arrival: Arrival, started: number): Exchange {
    counter = (counter + 1) >>> 0;
    return { octets, arrival, started, time: now(), instance: counter, header: readHeader(octets) };
  }

  function answerQuery(exchange: Exchange, query: Query): Outcome {
    const { arrival, time } = exchange;
    const { edns, question } = query;
    // RFC 6891 §6.1.3: the version decides before anything else in OPT does.
    if (edns && edns.version > 0) return finish(exchange, query, NO_COOKIE, bare(RCODE.BADVERS), 'none');
    if (edns && malformedOption(edns, arrival.transport)) return finishBare(exchange, RCODE.FORMERR);
    const cookieData = edns?.options.find(({ code }) => code === OPTION.COOKIE)?.data;
    const cookie = cookieData
      ? readCookie(cookieData, arrival.source, Math.floor(time / 1000), settings.cookieLayout, cookieMac)
      : NO_COOKIE;
    const proof = proofOf(arrival, cookie, time);
    if (!question) {
      // RFC 7873 §5.4: a query without a question may ask for a cookie.
      return cookieData
        ? finish(exchange, query, cookie, bare(RCODE.NOERROR), proof)
        : finishBare(exchange, RCODE.FORMERR);
    }
    const { draft, proof: final } = decide(exchange, query, question, cookie, proof);
    if (isProven(final)) recent.note(sourceTag(arrival.source, taggers), time);
    return finish(exchange, query, cookie, draft, final);
  }

  function proofOf({ transport, source }: Arrival, cookie: Cookie, time: number): Proof {
    if (settings.isAllowed(source)) return 'allow';
    if (transport !== 'udp') return 'tcp';
    if (cookie.state === 'valid') return 'cookie';
    return recent.has(sourceTag(source, taggers), time) ? 'recent' : 'none';
  }

  function decide(
    exchange: Exchange,
    query: Query,
    question: Question,
    cookie: Cookie,
    proof: Proof,
  ): { draft: Draft; proof: Proof } {
    const { qname, qtype, qclass } = question;
    if (qclass === CLASS.CH) {
      const set = chaosAnswer(qname, settings.node.name, settings.version);
      return {
        draft: set
          ? { ...bare(RCODE.NOERROR), authoritative: true, answer: [unsignedEntry(set)] }
          : bare(RCODE.REFUSED),
        proof,
      };
    }
    if (qclass !== CLASS.IN)
      return { draft: bare(RCODE.REFUSED, { infoCode: EDE.NOT_AUTHORITATIVE, extraText: '' }), proof };
    const refused = refuseMetaType(qtype);
    if (refused) return { draft: refused, proof };
    const place = locate(tree, qname, qtype, exchange.arrival.localKey);
    if (place.kind === 'elsewhere')
      return { draft: bare(RCODE.REFUSED, { infoCode: EDE.NOT_AUTHORITATIVE, extraText: '' }), proof };
    const wishes = {
      dnssecOk: query.edns?.dnssecOk ?? false,
      compactOk: query.edns?.compactOk ?? false,
      nowSeconds: Math.floor(exchange.time / 1000),
    };
    if (place.kind === 'referral') return { draft: refer(place.zone, place.child, wishes), proof };
    const { zone } = place;
    const child = zone.children.get(nameKey(qname));
    if (child && qtype === ds.type) return { draft: answerDs(zone, qname, child, wishes), proof };
    const known = zone.names.get(nameKey(qname));
    if (known) return { draft: answerFrom(zone, qname, qtype, [...known.values()], wishes, true), proof };
    return answerTest({ ...wishes, ...trialContext(exchange, query, question, zone, cookie, proof) });
  }

  function trialContext(
    exchange: Exchange,
    query: Query,
    question: Question,
    zone: Zone,
    cookie: Cookie,
    proof: Proof,
  ): Omit<TrialContext, 'dnssecOk' | 'compactOk' | 'nowSeconds'> {
    const { arrival, time, instance } = exchange;
    return {
      zone,
      question,
      now: time,
      macs,
      proof,
      sourceTag: sourceTag(arrival.source, taggers),
      prefixTag: prefixTag(arrival.source, taggers),
      node: settings.node,
      instance,
      family: arrival.source.family,
      fragments: (octets) => fragmentsOf(octets, arrival),
      newRun: () => Buffer.from(random(6)).toString('hex'),
      query: (gateAgeMs) => testQuery(exchange, query, zone, cookie, gateAgeMs),
    };
  }

  function testQuery(
    { arrival, time, octets, header }: Exchange,
    { edns }: Query,
    zone: Zone,
    cookie: Cookie,
    gateAgeMs: number | undefined,
  ): TestQuery {
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
      requestOctets: octets.length,
      node: settings.node.name,
      zone: formatName(zone.apex),
      now: time,
      gateAgeMs,
      ledger: () => ledger(arrival.source.text),
    };
  }

  /** Limits, signs, fits and encodes a draft, and takes down the facts. */
  function finish(exchange: Exchange, query: Query, cookie: Cookie, draft: Draft, proof: Proof): Outcome {
    const { arrival, time, instance } = exchange;
    const { transport } = arrival;
    const { trial } = draft;
    if (trial && trial.plan.silent === (transport === 'udp' ? 'udp' : 'tcp'))
      return {
        octets: undefined,
        delayMs: 0,
        facts: facts(exchange, query, cookie, draft, proof, undefined),
      };
    const limit =
      transport === 'udp' ? udpLimit(query.edns, query.length, draft.class, proof, settings) : MAX_MESSAGE;
    const paySigning = (microseconds: number) =>
      isProven(proof) || microseconds === 0 || signing.take(0, microseconds, time);
    const frame = frameOf(exchange, query, cookie, draft, limit, paySigning);
    let composed = compose(draft, frame);
    const plainLimit = udpLimit(query.edns, query.length, 'other', 'none', settings);
    if (
      transport === 'udp' &&
      proof !== 'allow' &&
      composed.octets.length > plainLimit &&
      !mayLeave(composed.octets.length, arrival, time)
    )
      composed = { ...compose(draft, { ...frame, limit: 0 }), budget: true };
    const spent = composed.budget && cookie.state === 'client';
    if (spent) composed = { ...compose(bare(RCODE.BADCOOKIE, undefined, draft.zone), frame), budget: true };
    const sent = { composed, instance, badcookie: spent };
    return {
      octets: composed.octets,
      delayMs: trial?.plan.delayMs ?? 0,
      facts: facts(exchange, query, cookie, draft, proof, sent),
    };
  }

  /** Octets above the plain limit are paid for by the prefix that they go to, and by all together. */
  function mayLeave(octets: number, { source }: Arrival, time: number): boolean {
    return prefixOctets.take(prefixTag(source, taggers), octets, time) && allOctets.take(0, octets, time);
  }

  function frameOf(
    { header, arrival, instance, time }: Exchange,
    { edns, question }: Query,
    cookie: Cookie,
    draft: Draft,
    limit: number,
    paySigning: Frame['paySigning'],
  ): Frame {
    const nowSeconds = Math.floor(time / 1000);
    return {
      id: header.id,
      // RFC 6840 §5.6, RFC 4035 §3.1.6: CD is copied; RD too (RFC 1035 §4.1.1); BADVERS says nothing more.
      echoedFlags: header.flags & (0x7800 | FLAG.RD | FLAG.CD),
      question,
      edns: edns && responseEdns(edns, draft),
      nowSeconds,
      limit,
      paySigning,
    };

    function responseEdns(asked: Edns, { error }: Draft) {
      const options = answerOptions(asked, {
        node: settings.node.name,
        transport: arrival.transport,
        tcpIdle: settings.tcpIdle,
        cookie: () =>
          cookie.client &&
          makeCookie(cookie.client, arrival.source, instance, nowSeconds, settings.cookieLayout, cookieMac),
      });
      return {
        udpPayloadSize: settings.udpPlainMax,
        dnssecOk: asked.dnssecOk,
        compactOk: asked.compactOk && asked.dnssecOk,
        options: error ? [...options, extendedErrorOption(error)] : options,
      };
    }
  }

  /** Header alone: for what could not be read, or is not served. Never larger than the query. */
  function finishBare(exchange: Exchange, rcode: number): Outcome {
    const { header } = exchange;
    const octets = encodeResponse({
      id: header.id,
      flags: header.flags & (0x7800 | (rcode === RCODE.NOTIMP ? 0 : FLAG.RD)),
      rcode,
      question: undefined,
      answer: [],
      authority: [],
      additional: [],
      edns: undefined,
    });
    const composed: Composed = { octets, truncated: false, choice: NO_FILLER, budget: false };
    const query: Query = {
      id: header.id,
      flags: header.flags,
      question: undefined,
      edns: undefined,
      length: exchange.octets.length,
    };
    const sent = { composed, instance: null, badcookie: false };
    return { octets, delayMs: 0, facts: facts(exchange, query, NO_COOKIE, bare(rcode), 'none', sent) };
  }

  function facts(
    { arrival, time, started, header, octets }: Exchange,
    { edns, question }: Query,
    cookie: Cookie,
    draft: Draft,
    proof: Proof,
    sent: { composed: Composed; instance: number | null; badcookie: boolean } | undefined,
  ): Facts {
    const { trial, zone } = draft;
    const length = sent?.composed.octets.length ?? 0;
    const truncated = sent?.composed.truncated ?? false;
    const size = trial?.asked ?? 0;
    const sized = trial?.plan.size !== undefined && !truncated && sent !== undefined;
    const numbered = cookie.client !== undefined || (trial?.step === 'measured' && trial.alias !== undefined);
    return {
      time,
      src: arrival.source.text,
      src_port: arrival.sourcePort,
      dst: arrival.local,
      proto: arrival.transport,
      ip_version: arrival.source.family,
      id: header.id,
      qname: question ? formatName(question.qname) : '',
      qtype: question?.qtype ?? 0,
      qclass: question?.qclass ?? 0,
      rd: (header.flags & FLAG.RD) !== 0,
      cd: (header.flags & FLAG.CD) !== 0,
      ad: (header.flags & FLAG.AD) !== 0,
      edns_version: edns?.version ?? -1,
      edns_udp: edns?.udpPayloadSize ?? 0,
      edns_do: edns?.dnssecOk ?? false,
      edns_options: edns?.options.map(({ code }) => code) ?? [],
      cookie: cookie.state,
      cookie_instance: cookie.state === 'valid' ? cookie.instance : null,
      req_len: octets.length,
      res_len: length,
      tc: truncated,
      rcode: sent?.badcookie ? RCODE.BADCOOKIE : draft.rcode,
      ede: draft.error?.infoCode ?? -1,
      zone: zone ? zoneText(zone.apex) : '',
      behavior: trial?.behavior ?? '',
      size,
      size_miss: sized && length !== trial?.plan.size,
      arm: 'default',
      filler: sent?.composed.choice.kind ?? 'none',
      run: trial?.run ?? '',
      step: trial?.step ?? 'other',
      instance: numbered && sent ? sent.instance : null,
      receipt: trial?.receipt ?? null,
      proof,
      action: actionOf(draft, truncated, sent),
      excluded: sent?.composed.budget ? 'budget' : (trial?.excluded ?? ''),
      fragments: sent ? fragmentsOf(length, arrival) : 0,
      latency_us: Math.round(monotonic() - started),
    };
  }

  return respond;
}

interface Exchange {
  readonly octets: Uint8Array;
  readonly arrival: Arrival;
  readonly started: number;
  readonly time: number;
  readonly instance: number;
  readonly header: ReturnType<typeof readHeader>;
}

function refuseMetaType(qtype: number): Draft | undefined {
  if (!isMetaType(qtype) || qtype === QTYPES.ANY) return undefined;
  // RFC 5936 §2.2.1: no transfer; synthesized names have no meaning in one.
  if (qtype === QTYPES.AXFR || qtype === QTYPES.IXFR) return bare(RCODE.REFUSED);
  // RFC 9824 §3.4: NXNAME is never a question. Neither is OPT.
  return bare(RCODE.FORMERR, {
    infoCode: EDE.INVALID_QUERY_TYPE,
    extraText: `${typeText(qtype)} cannot be asked for`,
  });
}

function actionOf(
  draft: Draft,
  truncated: boolean,
  sent: { badcookie: boolean } | undefined,
): Facts['action'] {
  if (!sent) return 'drop';
  if (sent.badcookie) return 'badcookie';
  if (truncated) return 'tc';
  return draft.rcode === RCODE.REFUSED ? 'refuse' : 'answer';
}
