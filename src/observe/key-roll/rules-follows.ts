/** Rules of key rolls for resolvers that the rows show at work: lost to transport, following, or lax. */

import type { Observation } from '../observation.ts';
import {
  ANSWER_MS,
  fetchesBeside,
  isAfterRoll,
  isOwn,
  type RollGround,
  type RollRule,
  type RollView,
  wentBack,
} from './roll-rule.ts';
import { clock, lapse, often, PHASE_WORDS, SIGNAL_WORDS } from './roll-words.ts';

const OWN =
  'high where a cookie or TCP shows that the signal is its own, or clients got answers that the new key alone signs';
/** Two queries closer than this are one try. */
const RETRY_MS = 200;

export const SEEN = [
  {
    name: 'keys-too-large',
    class: 'TRANSPORT_FAILED',
    when: 'two answers to DNSKEY with TC=1, 200 ms apart, and for 10 s since the first of them no DNSKEY whole or over TCP, no signal of the new key, no client answer',
    confidence: 'medium',
    unless: 'high where clients got answers before and none since',
    holds: keysTooLarge,
  },
  {
    name: 'mixed-signals',
    class: 'UNKNOWN',
    when: 'its signals list the old key alone again after they had listed the new one',
    confidence: 'low',
    holds(view) {
      const back = wentBack(view);
      const [first] = view.fresh;
      if (back === undefined || first === undefined) return undefined;
      return {
        rows: [first, back],
        sentence: `Its key-tag queries listed ${SIGNAL_WORDS[first.signal]} at ${clock(first)}, and the old key alone again at ${clock(back)}: two resolvers share this address, or one could not write its anchor file and restarted, or one of the two is forged.`,
      };
    },
  },
  {
    name: 'signals-changed',
    class: 'FOLLOWS',
    when: 'its signals listed the old key alone, and then the new one',
    confidence: 'medium',
    unless: OWN,
    holds(view) {
      const [first] = view.fresh;
      const before = first && view.old.filter(({ time }) => time <= first.time);
      if (first === undefined || before === undefined || before.length === 0) return undefined;
      const last = before.at(-1)!;
      return follows(
        view,
        [last, first],
        `Its key-tag queries listed the old key alone until ${clock(last)}, and ${SIGNAL_WORDS[first.signal]} from ${clock(first)}${afterPublication(view, first)}`,
      );
    },
  },
  {
    name: 'signals-new',
    class: 'FOLLOWS',
    when: 'its signals list the new key, and none was seen that lists the old one alone',
    confidence: 'medium',
    holds(view) {
      const [first] = view.fresh;
      if (first === undefined) return undefined;
      const ground = follows(
        view,
        [first],
        `Its key-tag queries list ${SIGNAL_WORDS[first.signal]} since ${clock(first)}; the change itself was not seen`,
      );
      return { ...ground, confidence: 'medium' };
    },
  },
  {
    name: 'bogus-since-roll',
    class: 'FAILS_OPEN',
    when: 'before the roll it withheld a bogus answer that was asked for, and since the roll clients got such answers; it was a validator by its signals, or by clients that had answers of this zone',
    confidence: 'medium',
    holds({ ledger: { bogusAsked, bogusProofs, proofs }, backed, wholeAfter, whole }) {
      const [rolled] = wholeAfter;
      const [first] = bogusProofs;
      const withheld = rolled && bogusAsked.find(({ time }) => time < rolled.time);
      const wasValidator = backed.length > 0 || proofs.some((row) => !isAfterRoll(row));
      if (first === undefined || withheld === undefined || whole.every(isAfterRoll)) return undefined;
      if (first.time < rolled!.time || !wasValidator) return undefined;
      return {
        rows: [withheld, rolled!, first],
        sentence: `It withheld the bogus answer before the roll; since ${clock(first)} clients get bogus answers through it: it seems to have stopped validating when its anchor stopped matching. A client that sets CD=1 would look the same.`,
      };
    },
  },
  {
    name: 'answers-on-old-key',
    class: 'FAILS_OPEN',
    when: 'since the new key alone signs, its signals still list the old key alone, and clients got answers of this zone all the same; no bogus answer was asked for since and withheld',
    confidence: 'low',
    unless: 'medium where a cookie or TCP shows that the signal is its own',
    holds(view) {
      const signal = view.old.findLast(isAfterRoll);
      const proof = view.proofsAfter.at(-1);
      if (signal === undefined || proof === undefined || hasWithheld(view)) return undefined;
      return {
        rows: [...fetchesBeside(view, [signal]), signal, proof],
        confidence: isOwn(signal) ? 'medium' : 'low',
        sentence: `It said at ${clock(signal)} that it trusts the old key alone, which no longer signed, and yet a client got an answer of this zone through it at ${clock(proof)}: it lets pass what it cannot validate, unless the signal is forged or the client sets CD=1. Ask for live.bogus through it.`,
      };
    },
  },
  {
    name: 'bogus-though-anchor',
    class: 'UNKNOWN',
    when: 'clients got bogus answers, and yet its signals are those of a validator',
    confidence: 'low',
    holds({ ledger: { bogusProofs }, backed }) {
      const [proof] = bogusProofs;
      const signal = backed.at(-1);
      if (proof === undefined || signal === undefined) return undefined;
      return {
        rows: [signal, proof],
        sentence: `It sends key-tag queries as a validator does, and yet a client got a bogus answer through it at ${clock(proof)}: the client may have set CD=1, the resolver may only log what is bogus, or two resolvers share this address.`,
      };
    },
  },
  {
    name: 'bogus-answer',
    class: 'NOT_VALIDATING',
    when: 'a client got a bogus answer, and answers did not end at the roll as those of a validator do',
    confidence: 'medium',
    unless: 'high where it never asked for DNSKEY either',
    holds({ ledger: { bogusProofs, keyQueries }, hasStopped }) {
      const [proof] = bogusProofs;
      if (proof === undefined || hasStopped) return undefined;
      const isSure = keyQueries.length === 0;
      return {
        rows: [proof],
        confidence: isSure ? 'high' : 'medium',
        sentence: `A client got a bogus answer through it at ${clock(proof)}${isSure ? ', and it never asked for the keys of this zone' : '; it does fetch DNSKEY, so that client may have set CD=1, or the resolver only logs what is bogus'}.`,
      };
    },
  },
  {
    name: 'keys-never-asked',
    class: 'NOT_VALIDATING',
    when: 'clients got answers of this zone for five TTLs of its keys and longer, and neither it nor a neighbor of its /24 or /48 asked for DNSKEY',
    confidence: 'medium',
    holds({ ledger: { proofs, relayed, network, first_at }, ttlMs }) {
      const last = proofs.at(-1);
      const hasAsked = network.keyQueries.length + relayed.length > 0;
      if (last === undefined || hasAsked || last.time - first_at < 5 * ttlMs) return undefined;
      return {
        rows: [proofs[0]!, last],
        sentence: `Clients got answers of this zone through it ${often(proofs.length)}, and it never asked for the keys that a validator needs.`,
      };
    },
  },
] as const satisfies readonly RollRule[];

function keysTooLarge({ ledger, whole, fresh, hasStopped, observedUntil }: RollView): RollGround | undefined {
  // A signal that only repeats itself goes on without any keys.
  const changes = fresh.filter(({ signal }, index) => signal !== fresh[index - 1]?.signal);
  const signs = [...whole, ...changes, ...ledger.proofs, ...ledger.network.overTcp];
  const lastSign = signs.reduce((most, { time }) => Math.max(most, time), Number.NEGATIVE_INFINITY);
  const truncated = ledger.fetches.filter(
    ({ tc, excluded, time }) => tc && excluded === '' && time > lastSign,
  );
  const [first, last] = [truncated[0], truncated.at(-1)];
  if (first === undefined || last === undefined || last.time - first.time < RETRY_MS) return undefined;
  if (observedUntil - first.time < ANSWER_MS) return undefined;
  return {
    rows: [first, last],
    confidence: hasStopped ? 'high' : 'medium',
    sentence: `DNSKEY does not fit into the ${first.edns_udp || 512} octets that it offers over UDP: TC=1 ${often(truncated.length)} from ${clock(first)}, in ${PHASE_WORDS[first.phase]}, until ${clock(last)}, and no query over TCP followed.`,
  };
}

/** Whether a bogus answer was asked for since the roll and reached nobody: so it validates. */
function hasWithheld({ ledger: { bogusAsked, bogusProofs }, wholeAfter: [rolled] }: RollView): boolean {
  return (
    bogusProofs.length === 0 && bogusAsked.some(({ time }) => rolled !== undefined && time >= rolled.time)
  );
}

/** A verdict for it, with what it did since and what speaks against it. */
function follows(view: RollView, rows: readonly Observation[], how: string): RollGround {
  const { fresh, proofsAfter, ledger } = view;
  const dropped = fresh.find(({ signal }) => signal === 'new');
  const [proof] = proofsAfter;
  const bogus = ledger.bogusProofs.at(-1);
  const parts = [
    `${how}.`,
    ...(dropped === undefined || dropped === rows.at(-1)
      ? []
      : [`It dropped the old key by ${clock(dropped)}.`]),
    ...(proof === undefined ? [] : [`Clients got answers that the new key alone signs.`]),
    ...(bogus === undefined
      ? []
      : [`A client got a bogus answer through it as well, at ${clock(bogus)}: it may have set CD=1.`]),
  ];
  return {
    rows: [
      ...fetchesBeside(view, rows),
      ...rows,
      ...(dropped ? [dropped] : []),
      ...(proof ? [proof] : []),
      ...(bogus ? [bogus] : []),
    ],
    confidence: (proof !== undefined || fresh.some(isOwn)) && bogus === undefined ? 'high' : 'medium',
    sentence: parts.join(' '),
  };
}

function afterPublication({ keySeen }: RollView, { time }: Observation): string {
  return keySeen === undefined || keySeen.time > time
    ? ''
    : `, ${lapse(time - keySeen.time)} after it was first sent both`;
}
