/** Root key trust anchor sentinels: validators that know them answer for or against a key tag of the root (RFC 8509). */
import { parseRun } from '../zone/test-name.ts';
import { type Behavior, PLAIN } from './behavior.ts';
import { proving } from './live.ts';

const SENTINEL = /^root-key-sentinel-(is|not)-ta-(\d{5})$/;

export const sentinel = {
  name: 'sentinel',
  code: 7,
  syntax: 'root-key-sentinel-{is,not}-ta-<tag>',
  example: 'root-key-sentinel-is-ta-38696',
  summary:
    'whether the resolver trusts the root key with this tag: five digits, 38696 is KSK-2024, 20326 KSK-2017',
  expect:
    '`is`: an answer where the key is trusted, else SERVFAIL; `not`: the reverse; both answer without validation or support',
  references: ['RFC 8509 §2'],
  options: [],

  // Its hyphens are no options.
  parse: () => undefined,
  claims([first = '', second, ...more]) {
    const [, , tag] = SENTINEL.exec(first) ?? [];
    const run = second === undefined ? '' : parseRun(second);
    if (tag === undefined || Number(tag) > 0xffff || run === undefined || more.length > 0) return undefined;
    return { n: Number(tag), run };
  },
  plan: (query) => ({
    ...PLAIN,
    // RFC 8509 §2.1: resolvers act on A and AAAA only; TXT is for people.
    answer: { kind: 'records', sets: proving(query, `${query.labels[0]!}: the answer`) },
  }),
} satisfies Behavior;
