/** What the ledger knows of a source address, in a few lines of text: what `me` says to it. */
import { type LedgerEntry, readLedger } from '../record/ledger-table.ts';

const LINES = 4;
const LINE_OCTETS = 200;

/**
 * At most 4 lines of at most 200 octets, printable ASCII; none for a source that the ledger does not know.
 * @param node name of this node
 */
export function ledgerLines(memory: SharedArrayBuffer, node: string, source: string): string[] {
  const entries = readLedger(memory, source);
  const arrived = entries.filter((entry) => entry.arrived > 0).sort(largestFirst);
  const over = (transport: LedgerEntry['transport']) =>
    arrived.find((entry) => entry.transport === transport);
  // Silence is named only above what arrived over UDP: below it, one loss says little.
  const largest = over('UDP')?.size ?? 0;
  const unseen = entries
    .filter((entry) => entry.arrived === 0 && entry.transport === 'UDP' && entry.size > largest)
    .sort(largestFirst);
  return [over('UDP'), over('TCP'), ...unseen]
    .flatMap((entry) => (entry === undefined ? [] : [line(entry, node)]))
    .slice(0, LINES);
}

function largestFirst(a: LedgerEntry, b: LedgerEntry): number {
  return b.size - a.size;
}

function line({ size, transport, arrived, sent, fragments, lastAt }: LedgerEntry, node: string): string {
  const last = `last ${new Date(lastAt).toISOString().slice(0, 19)}Z`;
  const pieces = fragments > 1 ? ` in ${fragments} fragments` : '';
  const text =
    arrived > 0
      ? `${node} saw ${size} octets received over ${transport}${pieces}, ${last}`
      : `${node} sent ${size} octets over ${transport} ${sent === 1 ? 'once' : `${sent} times`}, no receipt so far, ${last}`;
  return text.replace(/[^\x20-\x7e]/g, '?').slice(-LINE_OCTETS);
}
