/** The agent's side of error reporting: says "taken" to a report, and to the shorter names on the way to it (RFC 9567 §6.3). */
import { latin1 } from '../wire/name.ts';
import { txt } from '../wire/rdata/txt.ts';
import { parseErrorReport } from '../zone/error-report.ts';
import { type Behavior, PLAIN, recordSet } from './behavior.ts';

/** Seconds for which a resolver need not report the same error again (RFC 9567 §6.3). */
const TTL = 60;

export const errorReport = {
  name: 'error-report',
  code: 13,
  syntax: '_er.<type>.<name>.<code>._er',
  example: '_er.1.www.rrsig-exp-a.broken.probe.example.7._er',
  zone: 'er',
  summary: 'what a resolver reports of a name that it could not validate; in the zone of the agent only',
  expect: 'TXT: resolvers ask this by themselves; over UDP without a cookie TC=1',
  references: ['RFC 9567'],
  options: [],

  parse: () => undefined,
  claims: (labels, { isAgent }) => (isAgent && labels.at(-1) === '_er' ? { n: 0, run: '' } : undefined),
  plan({ labels, transport, cookie }) {
    const report = parseErrorReport(labels);
    return {
      ...PLAIN,
      ttl: TTL,
      // RFC 9567 §8.2: never NXDOMAIN below the agent domain.
      answer: {
        kind: 'records',
        sets: report ? [recordSet(txt, [{ strings: [latin1('taken')] }])] : [],
      },
      // RFC 9567 §9: whose address may be forged comes back over TCP.
      truncate: report !== undefined && transport === 'udp' && cookie !== 'valid',
    };
  },
} satisfies Behavior;
