/** Evidence in plain words: what the servers saw of one run, line by line. */
import type { RowId } from '../src/observe/attempt.ts';
import type { Observation } from '../src/observe/observation.ts';
import { pathKind } from '../src/observe/path-kind.ts';
import { typeText } from '../src/wire/rdata/table.ts';

/**
 * One line a row, in order of time; those that decided are marked with `*`.
 *
 * @param rows of one run, and ICMP errors that came meanwhile
 * @param decided rows that a verdict cites
 */
export function tellRows(rows: readonly Observation[], decided: readonly RowId[]): string[] {
  const ordered = [...rows].sort((a, b) => a.time - b.time || a.seq - b.seq);
  const start = ordered[0]?.time ?? 0;
  const cited = new Set(decided.map(keyOf));
  return ordered.map((row) => {
    const after = `${row.time - start} ms`.padStart(9);
    return `${cited.has(keyOf(row)) ? '*' : ' '}${after}  ${row.event === 'path' ? tellPath(row) : tellQuery(row)}`;
  });
}

function keyOf({ node, boot, seq }: RowId): string {
  return [node, boot, seq].join('|');
}

function tellPath({ src, ip_version, icmp_type, icmp_code, icmp_mtu, icmp_from }: Observation): string {
  const mtu = icmp_mtu === null ? '' : `, MTU ${icmp_mtu}`;
  return `${icmp_from ?? 'somebody'} says of an answer to ${src}: ${pathKind(ip_version, icmp_type ?? 0, icmp_code ?? 0)}${mtu}`;
}

function tellQuery(row: Observation): string {
  const { src, node, proto, qtype, step } = row;
  return row.qname === ''
    ? `${src} connected to ${node} over TCP and asked nothing`
    : `${src} asked ${node} over ${proto.toUpperCase()}${offer(row)} for the ${step} name, ${typeText(qtype)}: ${reply(row)}${proven(row)}`;
}

function offer({ edns_version, edns_udp, edns_do, cd, cookie }: Observation): string {
  const parts = [
    edns_version < 0 ? 'no EDNS' : `EDNS ${edns_udp}`,
    ...(edns_do ? ['DO'] : []),
    ...(cd ? ['CD'] : []),
    ...(cookie === 'none' ? [] : [`cookie ${cookie}`]),
  ];
  return ` (${parts.join(', ')})`;
}

function reply({ action, res_len, tc, fragments, tcp_acked, rcode, excluded }: Observation): string {
  const why = excluded === '' ? '' : ` (${excluded})`;
  if (action === 'drop') return `nothing sent${why}`;
  const pieces = fragments > 1 ? ` in ${fragments} fragments` : '';
  const acked = tcp_acked === null ? '' : tcp_acked ? ', acknowledged' : ', not acknowledged';
  const code = rcode === 0 ? '' : `, RCODE ${rcode}`;
  return `${tc ? 'TC=1, ' : ''}${res_len} octets${pieces}${acked}${code}${why}`;
}

function proven({ receipt }: Observation): string {
  if (receipt === null) return '';
  const { relation, sent, proto, edns } = receipt;
  return `; ${relation} receipt of ${sent} octets over ${proto.toUpperCase()}, EDNS ${edns}`;
}
