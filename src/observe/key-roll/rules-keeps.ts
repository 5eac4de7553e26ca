/** Rules of key rolls for validators whose signals do not list the new key: static, failing, pending, or like one that does not validate. */
import { fetchesBeside, isAfterRoll, isOwn, type RollRule, type RollView } from './roll-rule.ts';
import { clock, lapse, often } from './roll-words.ts';

const OWN =
  'high where a cookie or TCP shows that the signal is its own, or clients got answers before the roll and none since';

/** What speaks for a slow resolver where another one is static. */
const OR_SLOW = (view: RollView) =>
  view.holdDownMs === undefined ? '' : `, or waits longer than the ${lapse(view.holdDownMs)} of this profile`;

export const KEEPS = [
  {
    name: 'old-after-roll',
    class: 'STATIC_ANCHOR',
    when: 'since the new key alone signs, its signals list the old key alone, and it had been sent both keys for the hold-down of the profile and more; no client got an answer that the new key alone signs',
    confidence: 'medium',
    unless: OWN,
    holds(view) {
      const { keySeen, holdDownMs, slackMs, old, hasStopped, proofsAfter } = view;
      if (keySeen === undefined || holdDownMs === undefined || proofsAfter.length > 0) return undefined;
      const signals = old.filter((row) => isAfterRoll(row) && row.time - keySeen.time > holdDownMs + slackMs);
      const last = signals.at(-1);
      if (last === undefined) return undefined;
      return {
        rows: [keySeen, ...fetchesBeside(view, [last]), last],
        confidence: hasStopped || isOwn(last) ? 'high' : 'medium',
        sentence: `It was sent both keys from ${clock(keySeen)}, and its key-tag queries list the old key alone ${lapse(last.time - keySeen.time)} later, when the new one alone signs (evidence). So its anchor is static${OR_SLOW(view)} (inference).`,
      };
    },
  },
  {
    name: 'follows-or-open',
    class: 'UNKNOWN',
    when: 'clients got answers that the new key alone signs, and no signal lists the new key: it took it, or it does not validate',
    confidence: 'low',
    holds({ proofsAfter, wholeAfter, old }) {
      const [proof] = proofsAfter;
      const last = old.at(-1);
      if (proof === undefined) return undefined;
      const told =
        last === undefined
          ? 'No key-tag query tells of its keys'
          : `Its key-tag queries listed the old key alone until ${clock(last)}, and none tells of the new one`;
      return {
        rows: [...(last ? [last] : []), wholeAfter[0]!, proof],
        sentence: `Clients got answers through it that the new key alone signs, ${often(proofsAfter.length)} from ${clock(proof)}: it trusts the new key, or it does not validate. ${told}: absence proves nothing. Ask for live.bogus through it: SERVFAIL means that it validates, and so has taken the new key; an answer means that it does not validate.`,
      };
    },
  },
  {
    name: 'old-past-hold-down',
    class: 'STATIC_ANCHOR',
    when: 'its signals listed the old key alone when it had been sent both keys for the hold-down of the profile and more, and list nothing new since the roll, while it fetches DNSKEY',
    confidence: 'medium',
    unless: 'high where clients got answers before the roll and none since',
    holds(view) {
      const { keySeen, holdDownMs, slackMs, old, wholeAfter, hasStopped } = view;
      if (keySeen === undefined || holdDownMs === undefined) return undefined;
      const last = old.findLast(({ time }) => time - keySeen.time > holdDownMs + slackMs);
      const [fetch] = wholeAfter;
      if (last === undefined || fetch === undefined) return undefined;
      return {
        rows: [keySeen, ...fetchesBeside(view, [last]), last, fetch],
        confidence: hasStopped ? 'high' : 'medium',
        sentence: `It was sent both keys from ${clock(keySeen)}, its key-tag queries still listed the old key alone ${lapse(last.time - keySeen.time)} later, and none lists the new one since${hasStopped ? '; clients got answers before the roll and none since' : ''} (evidence). So its anchor is static${OR_SLOW(view)} (inference).`,
      };
    },
  },
  {
    name: 'stopped-answering',
    class: 'STATIC_ANCHOR',
    when: 'its signals listed the old key alone while it was sent both keys, and clients got answers before the roll and none since, although it fetched DNSKEY and they asked',
    confidence: 'medium',
    holds(view) {
      const { keySeen, old, hasStopped, askedAfter, wholeAfter } = view;
      const last = keySeen && old.findLast(({ time }) => time >= keySeen.time);
      if (last === undefined || !hasStopped) return undefined;
      return {
        rows: [keySeen!, last, wholeAfter[0]!, ...askedAfter.slice(0, 1)],
        sentence: `Its key-tag queries listed the old key alone until ${clock(last)}; since the new key alone signs, clients asked ${often(askedAfter.length)} and no answer reached them (evidence). So its anchor is static, or it took the new key too late${OR_SLOW(view)} (inference).`,
      };
    },
  },
  {
    name: 'no-signals',
    class: 'NO_TELEMETRY',
    when: 'it fetched DNSKEY before and since the roll without a signal, always with CD=0, asking for other names of the zone too; or clients got answers before the roll and none since',
    confidence: 'medium',
    unless: 'high where both hold',
    holds(view) {
      const { ledger, whole, wholeAfter, hasStopped, askedAfter } = view;
      const [first] = whole;
      const [after] = wholeAfter;
      // Whoever asks for keys alone watches the zone.
      const asksNames = ledger.rows.length > ledger.keyQueries.length;
      const leavesCheckingOn = asksNames && whole.every(({ cd }) => !cd);
      if (ledger.signals.length > 0 || first === undefined || after === undefined || isAfterRoll(first))
        return undefined;
      if (!leavesCheckingOn && !hasStopped) return undefined;
      const failing = hasStopped
        ? `; clients got answers before the roll, asked ${often(askedAfter.length)} since, and got none: it fails`
        : '';
      return {
        rows: [first, after, ...(hasStopped ? askedAfter.slice(0, 1) : [])],
        confidence: leavesCheckingOn && hasStopped ? 'high' : 'medium',
        sentence: `It fetched DNSKEY with DO=1${leavesCheckingOn ? ' and CD=0' : ''} before and since the roll and sent no key-tag query${leavesCheckingOn ? ', as PowerDNS Recursor does, which cannot follow by itself' : ''}${failing}.`,
      };
    },
  },
  {
    name: 'pending',
    class: 'HOLDS',
    when: 'the zone still is in its pre-publication, it was sent both keys, its last signal lists the old key alone, and the hold-down of the profile is not over',
    confidence: 'medium',
    holds(view) {
      const { keySeen, backed, holdDownMs, slackMs, observedUntil, phaseNow } = view;
      const last = backed.at(-1);
      if (phaseNow !== 'prepub' || keySeen === undefined || holdDownMs === undefined) return undefined;
      if (last?.signal !== 'old' || observedUntil - keySeen.time > holdDownMs + slackMs) return undefined;
      return {
        rows: [keySeen, last],
        sentence: `It was sent both keys from ${clock(keySeen)}, and its last key-tag query, at ${clock(last)}, lists the old key alone: it has to see the new one for ${lapse(holdDownMs)}, until ${clock({ time: keySeen.time + holdDownMs })}.`,
      };
    },
  },
] as const satisfies readonly RollRule[];
