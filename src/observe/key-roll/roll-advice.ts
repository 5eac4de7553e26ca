/** Roll advice: what an operator changes so that the next roll is followed, by verdict (its class, or a rule of a class that says no more) and software; THE TABLE. */
import type { Software } from '../software.ts';
import type { RollClass } from './roll-class.ts';
import type { RollRuleName } from './roll-rules.ts';

type Advice = Partial<Record<Software | 'any', string>>;

const ADVICE: Partial<Record<RollClass | RollRuleName, Advice>> = {
  STATIC_ANCHOR: {
    bind: 'BIND 9.20 and later follow with "dnssec-validation auto;" alone: with "yes" an "initial-key" or "initial-ds" is never updated, and "static-key" never is in any version.',
    unbound:
      'Unbound follows with "auto-trust-anchor-file:" in a directory that it can write; "trust-anchor:" and "trust-anchor-file:" are static.',
    knot: 'Knot Resolver follows where its key file is writable, trust_anchors.add_file(file, false), and the module ta_update is loaded.',
    any: 'Let it update its anchor by RFC 5011, from a file that it can write, or give it the new key before the roll.',
  },
  NO_TELEMETRY: {
    any: 'PowerDNS Recursor does not follow by itself: update its package, or its file of trust anchors, before each roll.',
  },
  TRANSPORT_FAILED: {
    any: 'Allow it to ask over TCP, to port 53 of any address: the DNSKEY answers of a roll do not fit into 1232 octets.',
  },
  'keys-held-back': {
    any: 'Allow it to ask over TCP, to port 53 of any address: that is what TC=1 asks for, whatever its reason.',
  },
  FAILS_OPEN: {
    any: 'Look for what lets bogus answers pass, such as "val-permissive-mode: yes" of Unbound, and update its anchor.',
  },
};

/** Undefined where there is nothing to change. */
export function adviseRoll(
  { name, class: found }: { readonly name: RollRuleName; readonly class: RollClass },
  software: Software | undefined,
): string | undefined {
  const advice = ADVICE[name] ?? ADVICE[found];
  return (software && advice?.[software]) ?? advice?.any;
}
