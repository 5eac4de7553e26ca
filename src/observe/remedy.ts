/** Remedy: what may keep a size from arriving over UDP, and the setting that helps. */
import type { SummaryRow } from './summary.ts';

/** An EDNS size whose answers need no fragments on any IPv6 path (RFC 9715 §3, and the 2020 flag day). */
const SAFE_OCTETS = 1232;

const OFFER_LESS = `offer less: EDNS size ${SAFE_OCTETS} (BIND edns-udp-size, Unbound edns-buffer-size, Knot Resolver net.bufsize, PowerDNS Recursor edns-outgoing-bufsize), with TCP to port 53 open`;

/** @param rows all of the source: what else arrived tells causes apart */
export function remedyOf(row: SummaryRow, rows: readonly SummaryRow[]): string {
  const smaller = rows.filter(({ size }) => size < row.size);
  if (smaller.some(({ ability }) => ability === 'FLAKY'))
    return 'Smaller answers get lost as well, so size is not the cause: look for a path that loses packets.';
  if (rows.some(({ size, arrived }) => size > row.size && arrived > 0))
    return "Larger answers arrive over UDP, so size alone is not the cause: more likely the path's MTU is below that of this server's link, see docs/operating.md, Path MTU.";
  if (row.lost_in_fragments > 0)
    return `They leave in fragments: either let UDP fragments pass the firewall, or ${OFFER_LESS}.`;
  return row.size > SAFE_OCTETS
    ? `They leave in one packet: some link of the path takes less, or a firewall drops long DNS answers. Where that cannot be mended, ${OFFER_LESS}.`
    : `Sizes up to ${SAFE_OCTETS} octets should pass any path: look for a firewall that drops long or signed DNS answers.`;
}
