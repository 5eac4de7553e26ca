/** What an ICMP error says, in words (RFC 792, RFC 1191, RFC 4443). */

/** Some fragments of a response came, others never did. */
export const REASSEMBLY = 'fragments missing at reassembly';

/** `packet too big` also for IPv4's "fragmentation needed": both name the MTU that would pass. */
const KINDS: Readonly<Record<4 | 6, Readonly<Record<string, string>>>> = {
  4: {
    '3/0': 'network unreachable',
    '3/1': 'host unreachable',
    '3/3': 'port unreachable',
    '3/4': 'packet too big',
    '3/9': 'administratively prohibited',
    '3/10': 'administratively prohibited',
    '3/13': 'administratively prohibited',
    '11/0': 'hop limit exceeded',
    '11/1': REASSEMBLY,
  },
  6: {
    '1/0': 'network unreachable',
    '1/1': 'administratively prohibited',
    '1/3': 'host unreachable',
    '1/4': 'port unreachable',
    '2/0': 'packet too big',
    '3/0': 'hop limit exceeded',
    '3/1': REASSEMBLY,
  },
};

/** `ICMP 3/7` where it has no name here. */
export function pathKind(ipVersion: 4 | 6, type: number, code: number): string {
  return KINDS[ipVersion][`${type}/${code}`] ?? `ICMP${ipVersion === 6 ? 'v6' : ''} ${type}/${code}`;
}
