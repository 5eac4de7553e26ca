/** One measured trial: an answer of exactly N octets whose CNAME target only its receiver can ask for. */
import { type Behavior, parseSize, planOptions } from './behavior.ts';

export const sized = {
  name: 'sized',
  code: 1,
  syntax: 's<N>',
  example: 's1232',
  summary: 'one measured trial: a signed answer of exactly N octets, 512 to 65535, whose arrival is proven',
  expect:
    'N octets over UDP where the EDNS payload size allows, else TC=1 and N octets over TCP; then TXT that says which',
  references: ['RFC 6891 §6.2.3', 'RFC 7766 §5', 'RFC 9715 §3'],
  answers: 'receipt',
  options: ['tc', 'filler', 'arm', 'silent', 'fault', 'delayMs', 'ttl'],

  parse: (test) => parseSize('s', test),
  plan: (_query, { n, options }) => ({
    answer: { kind: 'receipt' },
    size: n,
    gated: true,
    ...planOptions(options),
  }),
} satisfies Behavior;
