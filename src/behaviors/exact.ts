/** One answer of a chosen size and nothing else: for dig, load tests and other people's tools. */
import { type Behavior, parseSize, planOptions } from './behavior.ts';

export const exact = {
  name: 'exact',
  code: 2,
  syntax: 'p<N>',
  example: 'p1232',
  summary: 'one signed TXT answer of exactly N octets, 512 to 65535, without a receipt',
  expect: 'N octets over UDP where the EDNS payload size allows, else TC=1 and N octets over TCP',
  references: ['RFC 6891 §6.2.3', 'RFC 7766 §5'],
  answers: 'filler',
  options: ['tc', 'arm', 'silent', 'fault', 'delayMs', 'ttl'],

  parse: (test) => parseSize('p', test),
  plan: (_query, { n, options }) => ({
    answer: { kind: 'filler' },
    size: n,
    gated: true,
    ...planOptions(options),
  }),
} satisfies Behavior;
