/** The state of a zone that rolls its key: phase, keys, next change (RFC 7583, RFC 5011). */
import { type Behavior, PLAIN } from './behavior.ts';

export const status = {
  name: 'status',
  code: 10,
  syntax: 'status',
  example: 'status',
  summary: 'phase, keys and next change of a zone that rolls its key or stands for the root',
  expect: 'TXT, one line a fact',
  references: ['RFC 7583'],
  options: [],

  parse: () => undefined,
  claims: ([first, ...more], { made }) =>
    first === 'status' && more.length === 0 && made?.status ? { n: 0, run: '' } : undefined,
  plan: ({ made }) => ({ ...PLAIN, answer: { kind: 'text', lines: made?.status ?? [] } }),
} satisfies Behavior;
