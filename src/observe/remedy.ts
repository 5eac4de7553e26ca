/** Remedy: what may keep a size from arriving over UDP, and the setting that helps. */
import { ALWAYS_WHOLE } from './attempt.ts';
import { BASELINE } from './baseline.ts';
import { groupBy } from './group.ts';
import { countUpTo } from './moment.ts';
import { SOFTWARE, type Software } from './software.ts';
import type { SummaryRow } from './summary.ts';

/** An EDNS size whose answers need no fragments on any IPv6 path (RFC 9715 §3, and the 2020 flag day). */
const SAFE_OCTETS = 1232;

/** Named where nobody knows what a source runs. */
const COMMON: readonly Software[] = ['bind', 'unbound', 'knot', 'powerdns'];

/**
 * Says what helps where answers of one size do not arrive.
 *
 * @param rows all of the source: what else arrived tells causes apart
 * @param software what the source seems to run
 */
export function remedies(rows: readonly SummaryRow[], software?: Software): (row: SummaryRow) => string {
  const hasLargerArrived = indexArrivals(rows);
  return (row) => {
    if (row.smaller_lost)
      return 'Smaller answers get lost as well, so size is not the cause: look for a path that loses packets.';
    if (row.mtu !== null)
      return `ICMP says that packets above ${row.mtu} octets do not fit: the path takes less than this server's link, see docs/operating.md, Path MTU.`;
    if (hasLargerArrived(row) && row.size <= ALWAYS_WHOLE)
      return 'As large or larger answers arrive over UDP, so size is not the cause: look for a path that loses packets.';
    if (hasLargerArrived(row))
      return "As large or larger answers arrive over UDP, so size alone is not the cause: more likely the path's MTU is below that of this server's link, see docs/operating.md, Path MTU.";
    if (row.lost_in_fragments > 0)
      return `They leave in fragments: either let UDP fragments pass the firewall, or ${offerLess(software)}.`;
    return row.size > SAFE_OCTETS
      ? `They leave in one packet: some link of the path takes less, or a firewall drops long DNS answers. Where that cannot be mended, ${offerLess(software)}.`
      : `Sizes up to ${SAFE_OCTETS} octets should pass any path: look for a firewall that drops long or signed DNS answers.`;
  };
}

/** Whether a larger answer arrived since the losses of a row began, or one as large in another arm: what arrived before says nothing of them. */
function indexArrivals(rows: readonly SummaryRow[]): (row: SummaryRow) => boolean {
  const byArm = [...groupBy(rows, ({ arm }) => arm)].map(([arm, own]) => {
    let last = Number.NEGATIVE_INFINITY;
    const falling = own
      .toSorted((a, b) => b.size - a.size)
      .map(({ size, arrived_last: at }) => {
        last = Math.max(last, at ?? last);
        return { at: -size, last };
      });
    return { arm, falling };
  });
  return ({ arm, size, lost_since: since }) => {
    const lasts = byArm.map((each) => {
      const count = countUpTo(each.falling, each.arm === arm ? -size - 1 : -size);
      return each.falling[count - 1]?.last ?? Number.NEGATIVE_INFINITY;
    });
    const last = Math.max(...lasts);
    return last > Number.NEGATIVE_INFINITY && last >= (since ?? last);
  };
}

/** Whether others received it: else nobody can tell whose fault it is. */
export function hasBaseline({ networks_beside: networks }: SummaryRow): boolean {
  return networks !== null && networks >= BASELINE.networks;
}

/** What to say first where too few others received the size; nothing where enough did, or nothing was lost. */
export function ownFault(row: SummaryRow): string {
  const few = row.networks_beside;
  if (few === null || hasBaseline(row)) return '';
  const who = few === 0 ? 'Nobody else' : few === 1 ? 'Only one other network' : `Only ${few} other networks`;
  return `${who} received this size lately from the same address of this server: the fault may be ours; \`padzone selftest --from\` with that address tells, on another host.`;
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
