/** The reply size ladder in one lookup, upward and stateless, ending in the sentences of OARC's test (dns-oarc.net replysizetest). */
import { type Behavior, PLAIN, type Plan, type TestQuery } from './behavior.ts';

/** Sizes that are tried, octets. With the first gate and the end they make 5 CNAMEs; BIND and PowerDNS give up at 12. */
const STEPS = [1232, 1472, 2048, 4096] as const;

/** A name asked again later than this is a retry: the step behind it was lost. */
const RETRY_MS = 250;
const RETRY_RTTS = 4;
/** The same for the first step, whose age is what tells the round-trip time: BIND asks again after 800 ms. */
const FIRST_RETRY_MS = 700;
/**
 * A gate keeps the round-trip time, in units of 10 ms plus one (0 is "not measured yet"), and in the 16 bits above it the EDNS size
 * of the first step: who offers less later has lost an answer. Above both stands whether the gate was made anew for another network,
 * which has not received what the gate says.
 */
const RTT_UNIT_MS = 10;
const RTT_STATES = 0x10000;
const HANDED_OVER = RTT_STATES * 0x10000;

export const ladder = {
  name: 'ladder',
  code: 3,
  syntax: 'rs',
  example: 'rs',
  summary:
    'the largest UDP answer that gets through, in one lookup: 1232, 1472, 2048, 4096 octets, as far as EDNS allows',
  expect:
    'TXT: "<address> DNS reply size limit is at least <N> bytes", the EDNS payload size that was sent, and how it came',
  references: ['RFC 6891 §6.2.3', 'OARC Reply Size Test'],
  options: [],

  handOver: (state) => (state % HANDED_OVER) + HANDED_OVER,
  parse: (test) => (test === 'rs' ? 0 : undefined),
  // n is the size that this name proves: it could be learned only from an answer of n octets.
  plan(query, { n: proven, state: held }) {
    if (query.gateAgeMs === undefined) return step(undefined, 0, 0);
    const state = held % HANDED_OVER;
    const proves = held === state ? proven : 0;
    const isFirst = state === 0;
    const rttUnits = isFirst
      ? Math.min(1 + Math.floor(query.gateAgeMs / RTT_UNIT_MS), RTT_STATES - 1)
      : state % RTT_STATES;
    const patience = isFirst ? FIRST_RETRY_MS : Math.max(RETRY_MS, RETRY_RTTS * rttUnits * RTT_UNIT_MS);
    const offered = query.udpPayloadSize ?? 512;
    const firstOffered = isFirst ? offered : Math.floor(state / RTT_STATES);
    const next = STEPS.find((size) => size > proven && size <= offered);
    const isLate = query.gateAgeMs > patience;
    if (query.transport !== 'udp' || isLate || next === undefined) {
      const isLost = isLate || offered < firstOffered;
      return { ...ending(query, proven, isLost ? query.gateAgeMs : undefined), proves };
    }
    return { ...step(next, next, rttUnits + RTT_STATES * firstOffered), proves };
  },
} satisfies Behavior;

function step(size: number | undefined, n: number, state: number): Plan {
  return {
    ...PLAIN,
    answer: { kind: 'gate', n, state },
    gated: size !== undefined,
    ...(size === undefined ? {} : { size }),
  };
}

function ending(query: TestQuery, proven: number, askedAgainMs: number | undefined): Plan {
  const { source, udpPayloadSize, now } = query;
  const utc = new Date(now).toISOString();
  const lines = [
    udpPayloadSize === undefined
      ? `${source} lacks EDNS, defaults to 512`
      : `${source} sent EDNS buffer size ${udpPayloadSize}`,
    `${source} DNS reply size limit is at least ${Math.max(proven, 512)} bytes`,
    `Tested at ${utc.slice(0, 10)} ${utc.slice(11, 19)} UTC`,
    inOurWords(query, proven, askedAgainMs),
  ];
  return { ...PLAIN, answer: { kind: 'text', lines } };
}

/** What OARC's sentences leave open: how the size came, why the ladder ended, and what was never offered. */
function inOurWords(query: TestQuery, proven: number, askedAgainMs: number | undefined): string {
  const { transport, udpPayloadSize: offered = 512 } = query;
  const passed = STEPS.filter((size) => size <= proven);
  const inOne = (size: number) => query.packets(size) === 1;
  const largest = [passed.findLast(inOne), passed.findLast((size) => !inOne(size))];
  const came = largest.flatMap((size) => (size === undefined ? [] : arrival(size, query.packets(size))));
  const sentences = [
    came.length > 0
      ? `Over UDP ${came.join(', ')}${query.networks > 1 ? ', at one or another of its addresses' : ''}`
      : 'Over UDP nothing above 512 octets is proven',
    ...(transport === 'udp' ? [] : ['then it asked over TCP']),
    ...(transport === 'udp' && askedAgainMs !== undefined ? [whyAgain(proven, offered, askedAgainMs)] : []),
    ...(askedAgainMs === undefined ? neverOffered(Math.max(proven, offered)) : []),
  ];
  return `${sentences.join('; ')}.`;
}

function arrival(size: number, packets: number): string {
  if (packets === 0) return `${size} octets came`;
  return `${size} octets came in ${packets === 1 ? 'one packet' : `${packets} fragments`}`;
}

function whyAgain(proven: number, offered: number, askedAgainMs: number): string {
  const next = STEPS.find((size) => size > proven);
  const lost =
    next === undefined ? '' : `${next} octets got lost, came late, or were asked of a server that is down: `;
  return `${lost}asked again after ${Math.round(askedAgainMs)} ms with EDNS size ${offered}`;
}

function neverOffered(octets: number): string[] {
  const above = STEPS.filter((size) => size > octets);
  return above.length === 0 ? [] : [`never offered: ${above.join(', ')}`];
}
