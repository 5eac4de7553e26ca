/** One trial of a replica: a zone of its own, so that nobody has its keys yet, with the proof of the asker in its name (DESIGN: key roll). */
import { type Behavior, PLAIN } from './behavior.ts';

export const replicaTrial = {
  name: 'replica-trial',
  code: 11,
  syntax: 'trial',
  example: 'trial',
  summary:
    "under a replica of the root's keys: a CNAME into a fresh replica, whose keys the resolver must fetch",
  expect: 'CNAME, then TXT: the answer to DNSKEY arrived, or nobody validates',
  references: ['RFC 4035 §5'],
  options: [],

  parse: () => undefined,
  claims: ([first, ...more], { made }) =>
    first === 'trial' && more.length === 0 && made?.mintTrial ? { n: 0, run: '' } : undefined,
  plan(query) {
    const target = query.mintTrial();
    return { ...PLAIN, answer: target ? { kind: 'alias', target } : { kind: 'absent' } };
  },
} satisfies Behavior;
