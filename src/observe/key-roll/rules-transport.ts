/** Rules of key rolls for keys that left with TC=1 and were never fetched over TCP (RFC 7766 §5): too large for what was offered, or held back here. */
import type { Observation } from '../observation.ts';
import { keysOctets } from './keys-octets.ts';
import { ANSWER_MS, type RollRule, type RollView } from './roll-rule.ts';
import { clock, often, PHASE_WORDS } from './roll-words.ts';

/** Two queries closer than this are one try. */
const RETRY_MS = 200;
/** What may leave over UDP to who offers less, or nothing (RFC 1035 §4.2.1, RFC 6891 §6.2.3). */
const LEAST_OFFER = 512;

export const KEYS_TOO_LARGE = {
  name: 'keys-too-large',
  class: 'TRANSPORT_FAILED',
  when: 'two answers to DNSKEY with TC=1, 200 ms apart, larger than all that it offers over UDP, and for 10 s since the first of them no DNSKEY whole or over TCP, no signal of the new key, no client answer',
  confidence: 'medium',
  unless: 'high where clients got answers before and none since',
  holds(view) {
    const cut = tries(view).filter(({ isTooLarge }) => isTooLarge);
    const [first, last] = [cut[0]?.row, cut.at(-1)?.row];
    if (first === undefined || last === undefined || !isGivenUp(view, first, last)) return undefined;
    return {
      rows: [first, last],
      confidence: view.hasStopped ? 'high' : 'medium',
      sentence: `DNSKEY does not fit into the ${offerOf(first)} octets that it offers over UDP: TC=1 ${often(cut.length)} from ${clock(first)}, in ${PHASE_WORDS[first.phase]}, until ${clock(last)}, and no query over TCP followed.`,
    };
  },
} as const satisfies RollRule;

export const KEYS_HELD_BACK = {
  name: 'keys-held-back',
  class: 'UNKNOWN',
  when: 'two answers to DNSKEY with TC=1 and nothing after them, as in the first rule, but they would have fitted into what it offers: limits of this server made them TC=1',
  confidence: 'low',
  holds(view) {
    const cut = tries(view).filter(({ isTooLarge }) => !isTooLarge);
    const [first, last] = [cut[0]?.row, cut.at(-1)?.row];
    if (first === undefined || last === undefined || !isGivenUp(view, first, last)) return undefined;
    return {
      rows: [first, last],
      sentence: `DNSKEY, ${cut[0]!.octets} octets, fits into the ${offerOf(first)} that it offers over UDP, but this server held it back: it sends no more than udp_plain_max there, and without a cookie no more than some eight times the query. TC=1 ${often(cut.length)} from ${clock(first)}, in ${PHASE_WORDS[first.phase]}, until ${clock(last)}, and no query over TCP followed. So these keys did not reach it, which says nothing of the root, whose answers come over UDP where they fit.`,
    };
  },
} as const satisfies RollRule;

interface Try {
  readonly row: Observation;
  readonly octets: number;
  /** Larger than the most that any of them offers. */
  readonly isTooLarge: boolean;
}

/** Answers with TC=1 since the last sign of keys that came. */
function tries({ ledger, whole, fresh }: RollView): Try[] {
  // A signal that only repeats itself goes on without any keys.
  const changes = fresh.filter(({ signal }, index) => signal !== fresh[index - 1]?.signal);
  const signs = [...whole, ...changes, ...ledger.proofs];
  const lastSign = signs.reduce(
    (most, { time }) => Math.max(most, time),
    ledger.network.lastOverTcp ?? Number.NEGATIVE_INFINITY,
  );
  const cut = ledger.fetches.filter(({ tc, excluded, time }) => tc && excluded === '' && time > lastSign);
  // Some ask thousands of times a second: `Math.max(...)` would overflow the stack.
  const most = cut.reduce((largest, row) => Math.max(largest, offerOf(row)), 0);
  return cut.flatMap((row) => {
    const octets = keysOctets(row);
    return octets === undefined ? [] : [{ row, octets, isTooLarge: octets > most }];
  });
}

function isGivenUp({ observedUntil }: RollView, first: Observation, last: Observation): boolean {
  return last.time - first.time >= RETRY_MS && observedUntil - first.time >= ANSWER_MS;
}

function offerOf({ edns_udp }: Observation): number {
  return Math.max(LEAST_OFFER, edns_udp);
}
