/**
 * The life of a query, top to bottom: from octets to octets, or to nothing, and the facts of it.
 *
 *     octets ─▶ screen ─▶ decode ─▶ zone ─▶ test name ─▶ behavior ─▶ plan ─▶ limit ─▶ sign ─▶ fit ─▶ octets
 *                 │         │        └───────── decide ──────────────┘        └──── deliver ────┘
 *               here      here
 *
 * Knows no socket, no file, no clock of its own: UDP, TCP and tests call the same function (RFC 1034 §4.3, RFC 6891, RFC 8906).
 */

import type { Proof } from '../record/facts.ts';
import { OPTION } from '../wire/edns-option.ts';
import { WireError } from '../wire/error.ts';
import { RCODE, readHeader } from '../wire/header.ts';
import { decodeQuery, type Query } from '../wire/query.ts';
import type { Arrival } from './arrival.ts';
import { type Cookie, NO_COOKIE, readCookie } from './cookie.ts';
import { type Core, makeCore, type Surroundings } from './core.ts';
import { decide } from './decide.ts';
import { deliver, type Outcome } from './deliver.ts';
import { bare } from './draft.ts';
import { malformedOption } from './edns.ts';
import type { Exchange } from './exchange.ts';
import { screen } from './screen.ts';
import { sourceTag } from './source.ts';
import { isProven } from './source-proof.ts';

export type Respond = (octets: Uint8Array, arrival: Arrival) => Outcome;

const SILENCE: Outcome = { octets: undefined, delayMs: 0, arm: 'default', facts: undefined };

export function makeResponder(surroundings: Surroundings): Respond {
  return respondWith(makeCore(surroundings));
}

export function respondWith(core: Core): Respond {
  return (octets, arrival) => {
    const verdict = screen(octets);
    if (verdict === 'drop') return SILENCE;
    const exchange = unread(core, octets, arrival, core.nextInstance());
    if (verdict === 'notimp') return deliver(core, exchange, bare(RCODE.NOTIMP), 'none');
    try {
      return answerQuery(core, exchange, decodeQuery(octets));
    } catch (error) {
      if (error instanceof WireError) return deliver(core, exchange, bare(RCODE.FORMERR), 'none');
      core.onBug(error, octets);
      return deliver(core, exchange, bare(RCODE.SERVFAIL), 'none');
    }
  };
}

/** An exchange of which only the header is known: its answer is a header too, and so never larger than the query. */
function unread({ now, monotonic }: Core, octets: Uint8Array, arrival: Arrival, instance: number): Exchange {
  const header = readHeader(octets);
  const query: Query = {
    id: header.id,
    flags: header.flags,
    question: undefined,
    edns: undefined,
    length: octets.length,
  };
  return {
    arrival,
    header,
    query,
    cookie: NO_COOKIE,
    proof: 'none',
    time: now(),
    started: monotonic(),
    instance,
  };
}

function answerQuery(core: Core, bareExchange: Exchange, query: Query): Outcome {
  const { arrival, time } = bareExchange;
  const { edns, question } = query;
  const cookie = cookieOf(core, query, arrival, time);
  const exchange: Exchange = { ...bareExchange, query, cookie, proof: proofOf(core, arrival, cookie, time) };
  // RFC 6891 §6.1.3: the version decides before anything else in OPT does.
  if (edns && edns.version > 0) return deliver(core, exchange, bare(RCODE.BADVERS), 'none');
  if (edns && malformedOption(edns, arrival.transport))
    return deliver(core, exchange, bare(RCODE.FORMERR), 'none');
  // RFC 7873 §5.4: a query without a question may ask for a cookie.
  if (!question)
    return deliver(
      core,
      exchange,
      bare(cookie === NO_COOKIE ? RCODE.FORMERR : RCODE.NOERROR),
      exchange.proof,
    );
  const { draft, proof } = decide(core, exchange, question);
  // That a made zone opens to a prefix shows nothing of this one address in it: it proves the answer at hand, and no more.
  const isOwn = proof !== 'gate' || draft.zone?.made === undefined;
  if (isProven(proof) && isOwn) core.recent.note(sourceTag(arrival.source, core.taggers), time);
  return deliver(core, exchange, draft, proof);
}

function cookieOf(
  { settings, cookieMac }: Core,
  { edns }: Query,
  { source, transport }: Arrival,
  time: number,
): Cookie {
  const data = edns?.options.find(({ code }) => code === OPTION.COOKIE)?.data;
  if (!edns || !data || malformedOption(edns, transport)) return NO_COOKIE;
  return readCookie(data, source, Math.floor(time / 1000), settings.cookieLayout, cookieMac);
}

function proofOf(
  { settings, recent, taggers }: Core,
  { transport, source }: Arrival,
  cookie: Cookie,
  time: number,
): Proof {
  if (settings.isOpen || settings.isAllowed(source.octets, source.octets.length)) return 'allow';
  if (transport !== 'udp') return 'tcp';
  if (cookie.state === 'valid') return 'cookie';
  return recent.has(sourceTag(source, taggers), time) ? 'recent' : 'none';
}
