/** Takes down the facts of one exchange when its answer leaves. */

import type { Action, Excluded, Facts, Proof } from '../record/facts.ts';
import { FLAG, RCODE } from '../wire/header.ts';
import { formatName } from '../wire/name.ts';
import type { Edns, Query, Question } from '../wire/query.ts';
import type { Phase } from '../zone/made.ts';
import { type Arrival, fragmentsOf } from './arrival.ts';
import type { Composed } from './compose.ts';
import { NO_COOKIE } from './cookie.ts';
import { armOf, bare, type Draft } from './draft.ts';
import type { Exchange } from './exchange.ts';

/** What left; undefined for silence. */
export interface Sent {
  readonly composed: Composed;
  /** What was said in place of the draft, which a budget did not allow. */
  readonly instead: Draft | undefined;
}

/** @param now microseconds on the clock of `exchange.started` */
export function recordFacts(
  exchange: Exchange,
  draft: Draft,
  proof: Proof,
  sent: Sent | undefined,
  now: number,
): Facts {
  const { arrival, header, query, cookie } = exchange;
  const { question } = query;
  const edns = query.edns ?? NO_EDNS;
  const trial = draft.trial ?? NO_TRIAL;
  const length = sent?.composed.octets.length ?? 0;
  const said = sent?.instead ?? draft;
  // One literal: objects spread together cost more here than all the rest.
  return {
    time: exchange.time,
    src: arrival.source.text,
    src_port: arrival.sourcePort,
    dst: arrival.local,
    proto: arrival.transport,
    ip_version: arrival.source.family,
    id: header.id,
    qname: formatQname(question),
    qtype: question?.qtype ?? 0,
    qclass: question?.qclass ?? 0,
    rd: (header.flags & FLAG.RD) !== 0,
    cd: (header.flags & FLAG.CD) !== 0,
    ad: (header.flags & FLAG.AD) !== 0,
    edns_version: edns.version,
    edns_udp: edns.udpPayloadSize,
    edns_do: edns.dnssecOk,
    edns_options: edns.options.slice(0, MAX_OPTION_CODES).map(({ code }) => code),
    cookie: cookie.state,
    cookie_instance: cookie.state === 'valid' ? cookie.instance : null,
    req_len: query.length,
    res_len: length,
    tc: sent?.composed.truncated ?? false,
    rcode: said.rcode,
    ede: said.error?.infoCode ?? -1,
    zone: draft.zone?.text ?? '',
    behavior: trial.behavior,
    size: trial.asked,
    size_miss: missesSize(draft, sent),
    arm: armOf(draft, arrival.transport),
    options: trial.options,
    filler: sent?.composed.choice.kind ?? 'none',
    run: trial.run,
    step: trial.step,
    instance: sent && isNumbered(exchange, draft, sent) ? exchange.instance : null,
    receipt: trial.receipt,
    phase: phaseOf(draft),
    signal: trial.plan.signal,
    proven: trial.proven,
    proof,
    action: actionOf(draft, sent),
    excluded: sent?.composed.budget ? 'budget' : trial.excluded,
    fragments: sent ? fragmentsOf(length, arrival, armOf(draft, arrival.transport)) : 0,
    latency_us: Math.round(now - exchange.started),
    ...knownBelow(arrival),
    tcp_rtt_us: null,
    tcp_mss: null,
    tcp_pmtu: null,
    syn_mss: null,
    tcp_acked: null,
  };
}

function phaseOf({ zone, trial }: Draft): Phase {
  return trial?.phase ?? zone?.made?.phase ?? '';
}

/** What only the transport can know; 0 is unknown. */
function knownBelow({ ttl, pathMtu }: Arrival) {
  return { ttl: ttl ? ttl : null, path_mtu: pathMtu ? pathMtu : null };
}

/** The facts of an answer that was ready and did not leave, because our own limits or the peer's end came first. */
export function unsent(facts: Facts): Facts {
  return {
    ...facts,
    res_len: 0,
    tc: false,
    instance: null,
    action: 'drop',
    excluded: 'budget',
    fragments: 0,
  };
}

/**
 * A TCP connection that ended before it had asked.
 * @param excluded `budget` where our limits closed it: what follows from that source is our doing
 */
export function wordlessConnection(
  arrival: Arrival,
  time: number,
  excluded: Extract<Excluded, '' | 'budget'>,
): Facts {
  const query: Query = { id: 0, flags: 0, question: undefined, edns: undefined, length: 0 };
  const header = { id: 0, flags: 0, qdcount: 0, ancount: 0, nscount: 0, arcount: 0 };
  const exchange = {
    arrival,
    header,
    query,
    cookie: NO_COOKIE,
    proof: 'tcp',
    time,
    started: 0,
    instance: 0,
  } as const;
  return { ...recordFacts(exchange, bare(RCODE.NOERROR), 'tcp', undefined, 0), excluded };
}

/** A query may hold thousands of options; a row need not. */
const MAX_OPTION_CODES = 32;

const NO_EDNS: Edns = { version: -1, udpPayloadSize: 0, dnssecOk: false, compactOk: false, options: [] };

const NO_TRIAL = {
  behavior: '',
  options: '',
  asked: 0,
  run: '',
  step: 'other',
  receipt: null,
  plan: { signal: '' },
  proven: 0,
  excluded: '',
} as const;

function formatQname(question: Question | undefined): string {
  return question ? formatName(question.qname) : '';
}

function missesSize({ trial }: Draft, sent: Sent | undefined): boolean {
  const size = trial?.plan.size;
  return (
    size !== undefined &&
    sent !== undefined &&
    !sent.composed.truncated &&
    !sent.instead &&
    sent.composed.octets.length !== size
  );
}

// A response that can be told apart from all others: by its receipt, or by its server cookie.
function isNumbered({ cookie }: Exchange, { trial }: Draft, { composed, instead }: Sent): boolean {
  const hasReceipt =
    trial?.step === 'measured' && trial.alias !== undefined && !composed.truncated && !instead;
  return cookie.client !== undefined || hasReceipt;
}

function actionOf(draft: Draft, sent: Sent | undefined): Action {
  if (!sent) return 'drop';
  if (sent.instead?.rcode === RCODE.BADCOOKIE) return 'badcookie';
  if (sent.composed.truncated) return 'tc';
  return draft.rcode === RCODE.REFUSED ? 'refuse' : 'answer';
}
