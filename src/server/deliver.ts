/** Delivers a draft: what may leave, as octets, and the facts of it (DESIGN: limit ─▶ sign ─▶ fit). */

import type { Arm } from '../behaviors/behavior.ts';
import type { Facts, Proof } from '../record/facts.ts';
import { type ExtendedError, extendedErrorOption, reportChannelOption } from '../wire/edns-option.ts';
import { EDE, FLAG, RCODE } from '../wire/header.ts';
import type { ResponseEdns } from '../wire/message.ts';
import type { Query } from '../wire/query.ts';
import { dnskey } from '../wire/rdata/dnskey.ts';
import { MAX_MESSAGE } from '../wire/writer.ts';
import type { Zone } from '../zone/zone.ts';
import { type Composed, compose, type Frame } from './compose.ts';
import { makeCookie } from './cookie.ts';
import type { Core } from './core.ts';
import { armOf, bare, type Draft } from './draft.ts';
import { answerOptions } from './edns.ts';
import type { Exchange } from './exchange.ts';
import { udpLimit } from './limit.ts';
import { payOctets, payWork } from './pay.ts';
import { recordFacts } from './record.ts';
import { isProven } from './source-proof.ts';

/** What an answer was made of: enough to see whether the next query of its kind gets the same. */
export interface Basis {
  readonly exchange: Exchange;
  readonly draft: Draft;
  readonly composed: Composed;
}

export interface Outcome {
  /** The message to send, undefined for silence. */
  readonly octets: Uint8Array | undefined;
  readonly delayMs: number;
  readonly arm: Arm;
  /** Undefined where nothing was worth a row: runts, responses. */
  readonly facts: Facts | undefined;
  /** Undefined where the answer is not what its draft says: silence, BADCOOKIE, SERVFAIL over a budget. */
  readonly basis?: Basis;
}

const OVER_BUDGET: ExtendedError = { infoCode: EDE.OTHER, extraText: 'over budget' };
/** Opcode of a query, as bits of the flags. */
const OPCODE_BITS = 0x7800;

/** @param proof of the source address, gates included */
export function deliver(core: Core, exchange: Exchange, draft: Draft, proof: Proof): Outcome {
  const { plan } = draft.trial ?? {};
  const isUdp = exchange.arrival.transport === 'udp';
  if (plan?.silent === 'both' || plan?.silent === (isUdp ? 'udp' : 'tcp'))
    return {
      octets: undefined,
      delayMs: 0,
      arm: 'default',
      facts: recordFacts(exchange, draft, proof, undefined, core.monotonic()),
    };
  const composed = compose(draft, frameOf(core, exchange, draft, proof));
  const instead = composed.budget ? insteadOf(draft, exchange, proof) : undefined;
  const said = instead
    ? { ...compose(instead, frameOf(core, exchange, instead, proof)), budget: true }
    : composed;
  const facts = recordFacts(exchange, draft, proof, { composed: said, instead }, core.monotonic());
  const made = {
    octets: said.octets,
    delayMs: plan?.delayMs ?? 0,
    arm: armOf(draft, exchange.arrival.transport),
    facts,
  };
  return instead ? made : { ...made, basis: { exchange, draft, composed } };
}

/** What is said over a budget where TC=1 would lead nowhere; undefined where it may. */
function insteadOf({ zone }: Draft, { arrival, cookie }: Exchange, proof: Proof): Draft | undefined {
  // RFC 7766 §5: TC=1 asks for a retry over TCP, and this is one.
  if (arrival.transport !== 'udp') return bare(RCODE.SERVFAIL, OVER_BUDGET, zone);
  // RFC 7873 §5.2.3: a client with a cookie is asked to come back with ours.
  const isAsked = !isProven(proof) && cookie.state !== 'none';
  return isAsked ? bare(RCODE.BADCOOKIE, undefined, zone) : undefined;
}

function frameOf(core: Core, exchange: Exchange, draft: Draft, proof: Proof): Frame {
  const { header, query, arrival, time } = exchange;
  const isUdp = arrival.transport === 'udp';
  return {
    id: header.id,
    // RD (RFC 1035 §4.1.1) and CD (RFC 4035 §3.1.6) are copied; under an opcode that we do not serve they mean nothing.
    echoedFlags:
      header.flags & (draft.rcode === RCODE.NOTIMP ? OPCODE_BITS : OPCODE_BITS | FLAG.RD | FLAG.CD),
    question: query.question,
    edns: query.edns && responseEdns(core, exchange, draft),
    nowSeconds: Math.floor(time / 1000),
    isUdp,
    limit: isUdp ? udpLimit(query.edns, query.length, draft.class, proof, core.settings) : MAX_MESSAGE,
    payOctets: (octets) => payOctets(core, exchange, octets),
    paySigning: (microseconds) => payWork(core, time, proof, microseconds),
  };
}

function responseEdns(
  { settings, cookieMac }: Core,
  exchange: Exchange,
  { error, rcode, zone }: Draft,
): ResponseEdns | undefined {
  const { arrival, cookie, instance, time, query } = exchange;
  if (!query.edns) return undefined;
  const { client } = cookie;
  // What was malformed is not answered option by option; a FORMERR with a reason was well formed (RFC 7873 §5.3).
  const answerable = rcode === RCODE.FORMERR && !error ? { ...query.edns, options: [] } : query.edns;
  const options = answerOptions(answerable, {
    node: settings.node.name,
    transport: arrival.transport,
    tcpIdle: settings.tcpIdle,
    cookie: () =>
      client &&
      makeCookie(client, arrival.source, instance, Math.floor(time / 1000), settings.cookieLayout, cookieMac),
  });
  return {
    udpPayloadSize: settings.udpPlainMax,
    dnssecOk: query.edns.dnssecOk,
    compactOk: query.edns.compactOk && query.edns.dnssecOk,
    options: [
      ...options,
      ...(error ? [extendedErrorOption(error)] : []),
      ...(zone?.reportsTo && query.edns.dnssecOk && !isRehearsedKeys(zone, query)
        ? [reportChannelOption(zone.reportsTo)]
        : []),
    ],
  };
}

/** As the root's, keys that roll leave over UDP in all phases but one: they have no octet to spare, and other answers say where reports go. */
function isRehearsedKeys({ made }: Zone, { question }: Query): boolean {
  return question?.qtype === dnskey.type && made !== undefined && made.phase !== '';
}
