/** What an ICMP error says, in words (RFC 792, RFC 1191, RFC 4443). */
import type { Observation } from './observation.ts';

/** Some fragments of a response came, others never did. */
export const REASSEMBLY = 'fragments missing at reassembly';
/** Also IPv4's "fragmentation needed": both name the MTU that would pass. */
export const TOO_BIG = 'packet too big';
export const PROHIBITED = 'administratively prohibited';
export const PORT_UNREACHABLE = 'port unreachable';

const KINDS: Readonly<Record<4 | 6, Readonly<Record<string, string>>>> = {
  4: {
    '3/0': 'network unreachable',
    '3/1': 'host unreachable',
    '3/3': PORT_UNREACHABLE,
    '3/4': TOO_BIG,
    '3/9': PROHIBITED,
    '3/10': PROHIBITED,
    '3/13': PROHIBITED,
    '11/0': 'hop limit exceeded',
    '11/1': REASSEMBLY,
  },
  6: {
    '1/0': 'network unreachable',
    '1/1': PROHIBITED,
    '1/3': 'host unreachable',
    '1/4': PORT_UNREACHABLE,
    '2/0': TOO_BIG,
    '3/0': 'hop limit exceeded',
    '3/1': REASSEMBLY,
  },
};

/** `ICMP 3/7` where it has no name here. */
export function pathKind(ipVersion: 4 | 6, type: number, code: number): string {
  return KINDS[ipVersion][`${type}/${code}`] ?? `ICMP${ipVersion === 6 ? 'v6' : ''} ${type}/${code}`;
}

/** The same of a row of the event `path`. */
export function pathKindOf({ ip_version, icmp_type, icmp_code }: Observation): string {
  return pathKind(ip_version, icmp_type ?? -1, icmp_code ?? -1);
}
