/** A signed answer whose text holds a name that only a client can ask for: whether answers of this zone reach users at all. */
import { parseIpv4, parseIpv6 } from '../wire/address.ts';
import { latin1 } from '../wire/name.ts';
import { a } from '../wire/rdata/a.ts';
import { aaaa } from '../wire/rdata/aaaa.ts';
import { txt } from '../wire/rdata/txt.ts';
import { type Behavior, PLAIN, type RecordSet, recordSet, type TestQuery } from './behavior.ts';

export const live = {
  name: 'live',
  code: 6,
  syntax: 'live',
  example: 'live',
  summary: 'a signed answer with a name to ask next: who asks it has received this one through a resolver',
  expect: 'TXT, A and AAAA; SERVFAIL from a validator where the zone is bogus',
  references: ['RFC 4033 §5'],
  options: [],

  parse: (test) => (test === 'live' ? 0 : undefined),
  plan: (query) => ({ ...PLAIN, answer: { kind: 'records', sets: proving(query, 'this answer') } }),
} satisfies Behavior;

/** TXT that holds the name that proves the answer, and addresses for clients that can only ask for those. */
export function proving(query: TestQuery, what: string): RecordSet[] {
  const name = query.proofName();
  const text = `${what} reached you${name === undefined ? '' : `; to tell the server, ask TXT`}`;
  const lines = name === undefined ? [text] : [text, name];
  const ipv4 = query.addresses.filter((address) => !address.includes(':'));
  const ipv6 = query.addresses.filter((address) => address.includes(':'));
  return [
    recordSet(
      txt,
      lines.map((line) => ({ strings: [latin1(line)] })),
    ),
    recordSet(
      a,
      ipv4.map((address) => ({ address: parseIpv4(address) })),
    ),
    recordSet(
      aaaa,
      ipv6.map((address) => ({ address: parseIpv6(address) })),
    ),
  ].filter(({ rdatas }) => rdatas.length > 0);
}
