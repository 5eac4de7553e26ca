/** Remedy: what may keep a size from arriving over UDP, and the setting that helps. */
import { SOFTWARE, type Software } from './software.ts';
import type { SummaryRow } from './summary.ts';

/** An EDNS size whose answers need no fragments on any IPv6 path (RFC 9715 §3, and the 2020 flag day). */
const SAFE_OCTETS = 1232;

/** Named where nobody knows what a source runs. */
const COMMON: readonly Software[] = ['bind', 'unbound', 'knot', 'powerdns'];

/**
 * What helps where answers of one size do not arrive.
 *
 * @param rows all of the source: what else arrived tells causes apart
 * @param software what the source seems to run
 */
export function remedyOf(row: SummaryRow, rows: readonly SummaryRow[], software?: Software): string {
  const smaller = rows.filter(({ size }) => size < row.size);
  if (smaller.some(({ ability }) => ability === 'FLAKY'))
    return 'Smaller answers get lost as well, so size is not the cause: look for a path that loses packets.';
  if (rows.some(({ size, arrived }) => size > row.size && arrived > 0))
    return "Larger answers arrive over UDP, so size alone is not the cause: more likely the path's MTU is below that of this server's link, see docs/operating.md, Path MTU.";
  if (row.lost_in_fragments > 0)
    return `They leave in fragments: either let UDP fragments pass the firewall, or ${offerLess(software)}.`;
  return row.size > SAFE_OCTETS
    ? `They leave in one packet: some link of the path takes less, or a firewall drops long DNS answers. Where that cannot be mended, ${offerLess(software)}.`
    : `Sizes up to ${SAFE_OCTETS} octets should pass any path: look for a firewall that drops long or signed DNS answers.`;
}

function offerLess(software: Software | undefined): string {
  const setting =
    software === undefined
      ? COMMON.map((each) => `${SOFTWARE[each].title} ${SOFTWARE[each].setting}`).join(', ')
      : `${SOFTWARE[software].line(SAFE_OCTETS)} of ${SOFTWARE[software].title}, which it seems to be`;
  return `offer less: EDNS size ${SAFE_OCTETS} (${setting}), with TCP to port 53 open`;
}

/** ` (Unbound do-tcp)`: the one switch of TCP that somebody may have turned; nothing for other software. */
export function tcpSwitch(software: Software | undefined): string {
  return software === undefined || software === 'unbound' ? ' (Unbound do-tcp)' : '';
}
