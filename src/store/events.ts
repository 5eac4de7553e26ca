/** Events: what the rows say that are no queries, summed up for a report. */
import type { DuckDBConnection } from '@duckdb/node-api';
import type { LossReason } from '../observe/observation.ts';
import { pathKind } from '../observe/path-kind.ts';
import type { Span } from '../observe/span.ts';
import { readAddress } from '../record/address.ts';
import { parseAddress } from '../wire/address.ts';
import { quote } from './duckdb.ts';
import type { RowFilter } from './filter.ts';

/** ICMP errors of one kind that answered what was sent to one source. */
export interface PathFinding extends Span {
  readonly source: string;
  readonly kind: string;
  readonly count: number;
  /** Smallest MTU that one of them names, octets; null where none does. */
  readonly mtu: number | null;
  /** Who sent the one with that MTU, or any of them; null where unknown. */
  readonly from: string | null;
}

/** Queries of one network that were only counted. */
export interface FloodFinding extends Span {
  /** `203.0.113.0/24`, `2001:db8::/48`. */
  readonly network: string;
  /** What was done with them, as in rows. */
  readonly action: string;
  readonly step: string;
  readonly count: number;
}

export interface LossFinding extends Span {
  readonly node: string;
  readonly reason: LossReason;
  readonly count: number;
}

export interface Events {
  readonly path_events: readonly PathFinding[];
  readonly floods: readonly FloodFinding[];
  readonly losses: readonly LossFinding[];
}

/** Most frequent first. @param filter `source` picks its path errors and the floods of its network; losses concern everybody */
export async function readEvents(
  connection: DuckDBConnection,
  { since, source }: RowFilter,
): Promise<Events> {
  const rows = async (columns: string, event: string, address?: string) => {
    const reader = await connection.runAndReadAll(`SELECT ${columns},
        sum(count) AS count, min(time) AS first_at, max(time) AS last_at
      FROM observations
      WHERE event = '${event}' AND ${since === undefined ? 'true' : `time >= ${since}`}
        AND ${address === undefined ? 'true' : `src = ${quote(address)}`}
      GROUP BY ALL ORDER BY count DESC, first_at, 1, 2, 3, 4`);
    return reader.getRowObjectsJS();
  };
  const paths = await rows(
    'src, ip_version, icmp_type, icmp_code, min(icmp_mtu) AS mtu, coalesce(arg_min(icmp_from, icmp_mtu), any_value(icmp_from)) AS offender',
    'path',
    source,
  );
  const floods = await rows('src, ip_version, action, step', 'flood', source && networkAddress(source));
  const losses = await rows('node, reason', 'lost');
  return {
    path_events: paths.map((row) => ({
      source: String(row['src']),
      kind: pathKind(versionOf(row), Number(row['icmp_type']), Number(row['icmp_code'])),
      mtu: row['mtu'] === null ? null : Number(row['mtu']),
      from: row['offender'] === null ? null : String(row['offender']),
      ...totals(row),
    })),
    floods: floods.map((row) => ({
      network: `${row['src']}/${versionOf(row) === 4 ? 24 : 48}`,
      action: String(row['action']),
      step: String(row['step']),
      ...totals(row),
    })),
    losses: losses.map((row) => ({
      node: String(row['node']),
      reason: row['reason'] as LossReason,
      ...totals(row),
    })),
  };
}

type Columns = Readonly<Record<string, unknown>>;

function versionOf(row: Columns): 4 | 6 {
  return row['ip_version'] === 6 ? 6 : 4;
}

function totals(row: Columns): Span & { readonly count: number } {
  return {
    count: Number(row['count']),
    first_at: Number(row['first_at']),
    last_at: Number(row['last_at']),
  };
}

/** The first address of the /24 or /48, as flood rows have it. */
function networkAddress(source: string): string {
  const octets = parseAddress(source);
  return readAddress(octets.fill(0, octets.length === 4 ? 3 : 6), 0, octets.length === 4 ? 4 : 6);
}
