/** Takes down the facts of one exchange when its answer leaves. */
import { FLAG, RCODE } from '../wire/header.ts';
import { formatName } from '../wire/name.ts';
import { zoneText } from '../zone/zone.ts';
import { fragmentsOf } from './arrival.ts';
import type { Composed } from './compose.ts';
import type { Draft } from './draft.ts';
import type { Exchange } from './exchange.ts';
import type { Action, Facts, Proof } from './facts.ts';

/** What left; undefined for silence. */
export interface Sent {
  readonly composed: Composed;
  /** BADCOOKIE left in place of the draft. */
  readonly badcookie: boolean;
}

/** @param now microseconds on the clock of `exchange.started` */
export function recordFacts(
  exchange: Exchange,
  draft: Draft,
  proof: Proof,
  sent: Sent | undefined,
  now: number,
): Facts {
  const { arrival } = exchange;
  const length = sent?.composed.octets.length ?? 0;
  return {
    ...arrivalFacts(exchange),
    ...trialFacts(draft, sent, length),
    res_len: length,
    tc: sent?.composed.truncated ?? false,
    rcode: sent?.badcookie ? RCODE.BADCOOKIE : draft.rcode,
    ede: draft.error?.infoCode ?? -1,
    zone: draft.zone ? zoneText(draft.zone.apex) : '',
    instance: sent && isNumbered(exchange, draft) ? exchange.instance : null,
    proof,
    action: actionOf(draft, sent),
    fragments: sent ? fragmentsOf(length, arrival) : 0,
    latency_us: Math.round(now - exchange.started),
  };
}

type ArrivalFacts = Pick<
  Facts,
  | 'time'
  | 'src'
  | 'src_port'
  | 'dst'
  | 'proto'
  | 'ip_version'
  | 'id'
  | 'qname'
  | 'qtype'
  | 'qclass'
  | 'rd'
  | 'cd'
  | 'ad'
  | 'edns_version'
  | 'edns_udp'
  | 'edns_do'
  | 'edns_options'
  | 'cookie'
  | 'cookie_instance'
  | 'req_len'
>;

function arrivalFacts({ arrival, time, header, query, cookie }: Exchange): ArrivalFacts {
  const { edns, question } = query;
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
    req_len: query.length,
  };
}

type TrialFacts = Pick<
  Facts,
  'behavior' | 'size' | 'size_miss' | 'arm' | 'filler' | 'run' | 'step' | 'receipt' | 'proven' | 'excluded'
>;

function trialFacts({ trial }: Draft, sent: Sent | undefined, length: number): TrialFacts {
  const arm = 'default';
  const filler = sent?.composed.choice.kind ?? 'none';
  const excluded = sent?.composed.budget ? 'budget' : (trial?.excluded ?? '');
  if (!trial)
    return {
      behavior: '',
      size: 0,
      size_miss: false,
      arm,
      filler,
      run: '',
      step: 'other',
      receipt: null,
      proven: 0,
      excluded,
    };
  const { behavior, asked, run, step, receipt, proven, plan } = trial;
  const isSized = plan.size !== undefined && sent !== undefined && !sent.composed.truncated;
  return {
    behavior,
    size: asked,
    size_miss: isSized && length !== plan.size,
    arm,
    filler,
    run,
    step,
    receipt,
    proven,
    excluded,
  };
}

// A response that can be told apart from all others: by its receipt, or by its server cookie.
function isNumbered({ cookie }: Exchange, { trial }: Draft): boolean {
  return cookie.client !== undefined || (trial?.step === 'measured' && trial.alias !== undefined);
}

function actionOf(draft: Draft, sent: Sent | undefined): Action {
  if (!sent) return 'drop';
  if (sent.badcookie) return 'badcookie';
  if (sent.composed.truncated) return 'tc';
  return draft.rcode === RCODE.REFUSED ? 'refuse' : 'answer';
}
