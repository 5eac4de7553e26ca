/** One trial of a replica: a zone of its own, so that nobody has its keys yet, with the proof of the asker in its name (DESIGN: key roll). */
import { type Behavior, PLAIN } from './behavior.ts';

const TRIAL = /^trial-(k[0-9a-z]+)$/;

export const replicaTrial = {
  name: 'replica-trial',
  code: 11,
  syntax: 'trial-<replica>',
  example: 'trial-k20270111',
  summary:
    "a CNAME into a fresh replica of the root's keys, whose DNSKEY answer the resolver must then fetch to validate",
  expect: 'CNAME, then TXT: the DNSKEY answer arrived, or nobody validates',
  references: ['RFC 4035 §5'],
  options: [],

  parse: () => undefined,
  claims: ([first = '', ...more], { hasFamily }) =>
    hasFamily && TRIAL.test(first) && more.length === 0 ? { n: 0, run: '' } : undefined,
  plan({ labels, mintTrial }) {
    const target = mintTrial(TRIAL.exec(labels[0]!)![1]!);
    return { ...PLAIN, answer: target ? { kind: 'alias', target } : { kind: 'absent' } };
  },
} satisfies Behavior;
