/** A fresh zone for a rehearsal of a key roll: its name carries all that every server needs to serve it (DESIGN: key roll). */
import { type Behavior, PLAIN } from './behavior.ts';

const WISH = /^new-([a-z0-9-]{1,40})$/;

export const mint = {
  name: 'mint',
  code: 9,
  syntax: 'new-<profile>',
  example: 'new-fast',
  zone: 'roll',
  summary:
    'a zone of your own that rolls its key: its name, its start and its trust anchor; under `roll.<origin>` only',
  expect: 'TXT, other lines at every query',
  references: ['RFC 5011'],
  options: [],

  parse: () => undefined,
  claims: ([first = '', ...more], { hasFamily }) =>
    hasFamily && WISH.test(first) && more.length === 0 ? { n: 0, run: '' } : undefined,
  plan(query) {
    const lines = query.mint(WISH.exec(query.labels[0]!)![1]!);
    return { ...PLAIN, answer: lines ? { kind: 'text', lines } : { kind: 'absent' } };
  },
} satisfies Behavior;
