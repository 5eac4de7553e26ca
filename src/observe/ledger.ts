/** Ledger: what this server remembers of each source address since it started, in a few lines of text. */
import type { Observation, Transport } from './observation.ts';

export interface Ledger {
  /** Takes one row as it happens; rows without a measured answer or a receipt cost nothing. */
  note(row: Observation): void;
  /** At most 4 lines of at most 200 octets, printable ASCII; none for a source it does not know. */
  lines(src: string): string[];
}

/** One size over one transport. */
interface Entry {
  readonly size: number;
  readonly transport: 'UDP' | 'TCP';
  readonly node: string;
  sent: number;
  arrived: number;
  fragments: number;
  lastAt: number;
}

/** Sizes kept of one source; the one seen longest ago makes room. */
const ENTRIES = 16;
const LINES = 4;
const LINE_OCTETS = 200;

/** @param capacity sources remembered; the one seen longest ago makes room */
export function openLedger(capacity = 10_000): Ledger {
  const sources = new Map<string, Map<string, Entry>>();

  function entryOf({ src, node }: Observation, size: number, proto: Transport): Entry {
    const entries = touch(sources, src, capacity, () => new Map<string, Entry>());
    const transport = proto === 'udp' ? 'UDP' : 'TCP';
    return touch(entries, `${transport}${size}`, ENTRIES, () => ({
      size,
      transport,
      node,
      sent: 0,
      arrived: 0,
      fragments: 0,
      lastAt: 0,
    }));
  }

  return {
    note(row) {
      const { receipt, step, time } = row;
      // A relayed receipt credits nobody here: else anybody could write into a stranger's ledger.
      if (receipt?.relation === 'own' && receipt.asked > 0) {
        const entry = entryOf(row, receipt.sent, receipt.proto);
        entry.arrived += 1;
        entry.fragments = receipt.fragments;
        entry.lastAt = time;
      } else if (step === 'measured' && row.size > 0 && row.instance !== null && !row.tc) {
        const entry = entryOf(row, row.res_len, row.proto);
        entry.sent += 1;
        if (entry.arrived === 0) entry.lastAt = time;
      }
    },

    lines(src) {
      const entries = [...(sources.get(src)?.values() ?? [])];
      const arrived = entries.filter((entry) => entry.arrived > 0).sort(largestFirst);
      const over = (transport: Entry['transport']) => arrived.find((entry) => entry.transport === transport);
      // Silence is named only above what arrived over UDP: below it, one loss says little.
      const largest = over('UDP')?.size ?? 0;
      const unseen = entries
        .filter((entry) => entry.arrived === 0 && entry.transport === 'UDP' && entry.size > largest)
        .sort(largestFirst);
      return [over('UDP'), over('TCP'), ...unseen]
        .flatMap((entry) => (entry === undefined ? [] : [line(entry)]))
        .slice(0, LINES);
    },
  };
}

function largestFirst(a: Entry, b: Entry): number {
  return b.size - a.size;
}

function line({ node, size, transport, arrived, sent, fragments, lastAt }: Entry): string {
  const last = `last ${new Date(lastAt).toISOString().slice(0, 19)}Z`;
  const pieces = fragments > 1 ? ` in ${fragments} fragments` : '';
  const text =
    arrived > 0
      ? `${node} saw ${size} octets received over ${transport}${pieces}, ${last}`
      : `${node} sent ${size} octets over ${transport} ${sent === 1 ? 'once' : `${sent} times`}, no receipt so far, ${last}`;
  return text.replace(/[^\x20-\x7e]/g, '?').slice(-LINE_OCTETS);
}

/** The value of a key, made when missing, and moved to the young end of a map of at most `capacity` keys. */
function touch<K, V>(map: Map<K, V>, key: K, capacity: number, make: () => V): V {
  const value = map.get(key) ?? make();
  map.delete(key);
  map.set(key, value);
  if (map.size > capacity) {
    const [oldest] = map.keys();
    map.delete(oldest as K);
  }
  return value;
}
