/** Rules of key rolls that decide nothing: each says what is missing. */
import { isAfterRoll, type RollRule } from './roll-rule.ts';
import { clock, lapse, often } from './roll-words.ts';

export const OPEN = [
  {
    name: 'overdue',
    class: 'UNKNOWN',
    when: 'the zone still is in its pre-publication, the hold-down of the profile is over, and its last signal lists the old key alone',
    confidence: 'low',
    holds({ keySeen, backed, holdDownMs, phaseNow }) {
      const last = backed.at(-1);
      if (phaseNow !== 'prepub' || last?.signal !== 'old' || !keySeen || holdDownMs === undefined)
        return undefined;
      return {
        rows: [keySeen, last],
        sentence: `It was sent both keys from ${clock(keySeen)} and lists the old key alone at ${clock(last)}, although the ${lapse(holdDownMs)} of this profile are over: its own hold-down is longer, or its anchor is static. Look again after the roll.`,
      };
    },
  },
  {
    name: 'signal-alone',
    class: 'UNKNOWN',
    when: 'it sent signals, and fetched DNSKEY with DO=1 in none of their phases',
    confidence: 'low',
    holds({ ledger: { signals }, backed }) {
      const [first] = signals;
      if (first === undefined || backed.length > 0) return undefined;
      return {
        rows: [first],
        sentence: `Key-tag queries came from it ${often(signals.length)}, but no query for DNSKEY with DO=1 in the same phase: anybody can ask for such a name, and forwarders pass it on.`,
      };
    },
  },
  {
    name: 'foreign-anchor',
    class: 'UNKNOWN',
    when: 'its signals list none of the keys of this roll',
    confidence: 'low',
    holds({ backed }) {
      const [first] = backed;
      if (first === undefined || !backed.every(({ signal }) => signal === 'other')) return undefined;
      return {
        rows: [first],
        sentence: `Its key-tag queries list none of the keys of this zone: the anchor that it was given is that of another zone, or of an earlier roll.`,
      };
    },
  },
  {
    name: 'too-late',
    class: 'UNKNOWN',
    when: 'it was not sent both keys for as long as the hold-down before the new key alone signed',
    confidence: 'low',
    holds({ old, whole, backed }) {
      const [first] = whole;
      const last = backed.at(-1);
      if (first === undefined || last === undefined || !whole.some(isAfterRoll)) return undefined;
      return {
        rows: [first, last],
        sentence: old.some(isAfterRoll)
          ? `It trusts the old key alone, which no longer signs, but it was not sent both keys for long enough before: begin again with a new zone, in its first phase.`
          : `Its last key-tag query came at ${clock(last)}, before it could have taken the new key, and none since: absence proves nothing. Ask for live and live.bogus through it.`,
      };
    },
  },
  {
    name: 'too-early',
    class: 'UNKNOWN',
    when: 'it fetched DNSKEY before the roll, and nothing since',
    confidence: 'low',
    holds({ whole, ledger: { rows } }) {
      const last = whole.at(-1);
      if (last === undefined || isAfterRoll(last)) return undefined;
      return {
        rows: [last],
        sentence: rows.some(isAfterRoll)
          ? `It last fetched DNSKEY at ${clock(last)}, before the roll: whether it follows shows when it fetches it again.`
          : `It was last seen before the roll, at ${clock(last)}: ask for a name of this zone through it after the roll.`,
      };
    },
  },
  {
    name: 'no-anchor',
    class: 'UNKNOWN',
    when: 'it fetches DNSKEY without a signal, and in no phase did an answer reach a client, although they asked',
    confidence: 'low',
    holds({ ledger: { signals, proofs, relayed, asked }, whole }) {
      const [first] = whole;
      const [question] = asked;
      if (first === undefined || question === undefined) return undefined;
      if (signals.length + proofs.length + relayed.length > 0) return undefined;
      return {
        rows: [first, question],
        sentence: `It fetches DNSKEY and sends no key-tag query, and no answer of this zone is known to have reached a client, of ${often(asked.length)} asked: perhaps it has no anchor for this zone, or nobody asks for the name in the answer.`,
      };
    },
  },
  {
    name: 'silence',
    class: 'UNKNOWN',
    when: 'it fetches DNSKEY, and no answer with keys or no signal came of it',
    confidence: 'low',
    holds({ ledger: { fetches, signals } }) {
      const [first] = fetches;
      return (
        first && {
          rows: [first],
          sentence:
            signals.length > 0
              ? `It asked for DNSKEY with DO=1 and got no answer with keys yet: ask for a name of this zone through it again.`
              : `It fetches DNSKEY with DO=1 and sends no key-tag query; absence proves nothing, because some resolvers send them rarely. Ask for live and live.bogus through it.`,
        }
      );
    },
  },
  {
    name: 'asked-straight',
    class: 'UNKNOWN',
    when: 'every query has RD=1 or AD=1',
    confidence: 'low',
    holds({ ledger: { rows, straight } }) {
      return rows.length > 0
        ? undefined
        : {
            rows: straight.slice(0, 1),
            sentence: `It asked this server straight, with RD=1 or AD=1, as dig does: that tells nothing of a resolver.`,
          };
    },
  },
  {
    name: 'no-keys',
    class: 'UNKNOWN',
    when: 'all that is left: it asked for names of the zone, and not for DNSKEY with DO=1',
    confidence: 'low',
    holds({ ledger: { rows } }) {
      return {
        rows: rows.slice(0, 1),
        sentence: `It asked for names of this zone, and not for its keys with DO=1: it does not validate, or had them cached.`,
      };
    },
  },
] as const satisfies readonly RollRule[];
