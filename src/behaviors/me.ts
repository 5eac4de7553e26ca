/** What this server sees of the asker; also the sample to copy for a new behavior (CONTRIBUTING, recipe 1). */
import { type Behavior, PLAIN } from './behavior.ts';

export const me = {
  name: 'me',
  code: 4,
  syntax: 'me',
  example: 'me',
  summary: 'what this server sees of you: address, transport, EDNS, cookie, and its view of what got through',
  expect: 'TXT, one line a fact',
  references: ['RFC 6891', 'RFC 7873'],
  options: [],

  parse: (test) => (test === 'me' ? 0 : undefined),
  plan(query) {
    const edns =
      query.udpPayloadSize === undefined
        ? 'no EDNS'
        : `EDNS payload size ${query.udpPayloadSize}, DO=${query.dnssecOk ? 1 : 0}, options ${query.ednsOptions.join(' ') || 'none'}`;
    const lines = [
      `${query.source} port ${query.sourcePort} asked ${query.node} at ${query.local} over ${query.transport.toUpperCase()}`,
      edns,
      `RD=${query.recursionDesired ? 1 : 0} CD=${query.checkingDisabled ? 1 : 0}, cookie ${query.cookie}, query of ${query.requestOctets} octets`,
    ];
    return { ...PLAIN, answer: { kind: 'text', lines, more: query.ledger() } };
  },
} satisfies Behavior;
