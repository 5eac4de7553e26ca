/** The replicas of the root's DNSKEY answers, with dates and octets (DESIGN: key roll). */
import { type Behavior, PLAIN } from './behavior.ts';

export const roots = {
  name: 'roots',
  code: 12,
  syntax: 'roots',
  example: 'roots',
  summary: "the replicas of the root's DNSKEY answers: names, dates, octets",
  expect: 'TXT, one line a replica',
  references: [],
  options: [],

  parse: (test) => (test === 'roots' ? 0 : undefined),
  plan(query) {
    const lines = query.calendar();
    return { ...PLAIN, answer: lines ? { kind: 'text', lines } : { kind: 'absent' } };
  },
} satisfies Behavior;
