/** Rules of key rolls for resolvers that hand on what a validator refuses: since the roll, or always. */
import { fetchesBeside, isAfterRoll, isOwn, type RollRule, type RollView } from './roll-rule.ts';
import { clock, often } from './roll-words.ts';

export const LAX = [
  {
    name: 'bogus-since-roll',
    class: 'FAILS_OPEN',
    when: 'before the roll its signals listed the old key alone, as those of a validator do, and of the bogus answers asked for none is known to have reached a client; since the roll clients got such answers',
    confidence: 'medium',
    holds(view) {
      const { old, wholeAfter, ledger } = view;
      const signal = old.findLast((row) => !isAfterRoll(row));
      const [rolled] = wholeAfter;
      const [first] = ledger.bogusProofs;
      if (signal === undefined || rolled === undefined || first === undefined) return undefined;
      // What was never asked for before may have come all the time.
      const control = ledger.bogusAsked.find(({ time }) => time < rolled.time);
      if (control === undefined || first.time < rolled.time) return undefined;
      return {
        rows: [...fetchesBeside(view, [signal]), control, signal, rolled, first],
        sentence: `It said at ${clock(signal)}, before the roll, that it trusts the old key alone, as a validator does; since ${clock(first)} clients get bogus answers through it, and none is known to have got one before: it seems to have stopped validating when its anchor stopped matching. A client that sets CD=1 would look the same.`,
      };
    },
  },
  {
    name: 'answers-on-old-key',
    class: 'FAILS_OPEN',
    when: 'since the new key alone signs, its signals still list the old key alone, and clients got answers of this zone all the same; not where a bogus answer was asked for since and none is known to have reached a client',
    confidence: 'low',
    unless: 'medium where a cookie or TCP shows that the signal is its own',
    holds(view) {
      const signal = view.old.findLast(isAfterRoll);
      const proof = view.proofsAfter.at(-1);
      if (signal === undefined || proof === undefined || mayValidate(view)) return undefined;
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

/** Whether a bogus answer was asked for since the roll and is known to have reached nobody: it may validate. */
function mayValidate({ ledger: { bogusAsked, bogusProofs }, wholeAfter: [rolled] }: RollView): boolean {
  return (
    bogusProofs.length === 0 && bogusAsked.some(({ time }) => rolled !== undefined && time >= rolled.time)
  );
}
