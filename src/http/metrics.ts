/** Metrics in Prometheus' text form: THE TABLE of names, over how often each class of rows came. */
import type { EngineCounters, EngineName } from '../engine/contract.ts';
import { type ClassFacts, factsOfClass } from '../record/row-class.ts';
import type { RowCounters } from '../store/recorder.ts';

interface MetricRow {
  readonly name: string;
  readonly help: string;
  /** Labels of the counter that a row of this class adds to, undefined where it adds to none. Never a source address or a name. */
  readonly count: (facts: ClassFacts) => Readonly<Record<string, string | number>> | undefined;
}

export const METRICS: readonly MetricRow[] = [
  {
    name: 'padzone_dns_requests_total',
    help: 'Queries that came, by transport and IP version',
    count: ({ proto, ip_version, req_len }) => (req_len === 0 ? undefined : { proto, family: ip_version }),
  },
  {
    name: 'padzone_dns_responses_total',
    help: 'Responses, by RCODE and transport',
    count: ({ rcode, proto, action }) => (action === 'drop' ? undefined : { rcode, proto }),
  },
  {
    name: 'padzone_dns_truncated_total',
    help: 'Responses with TC=1',
    count: ({ tc }) => (tc ? {} : undefined),
  },
  {
    name: 'padzone_measured_answers_total',
    help: 'Answers that carried a receipt, by transport',
    count: ({ step, proto, action }) => (step === 'measured' && action === 'answer' ? { proto } : undefined),
  },
  {
    name: 'padzone_receipts_total',
    help: 'Receipts that came back, by how the measured answer left and who asked',
    count: ({ receipt }) => (receipt ? { proto: receipt.proto, relation: receipt.relation } : undefined),
  },
  {
    name: 'padzone_tcp_refused_total',
    help: 'Connections closed by our limits, counted once a second and source',
    count: ({ proto, req_len }) => (proto === 'tcp' && req_len === 0 ? {} : undefined),
  },
  {
    name: 'padzone_excluded_total',
    help: 'Answers that our own limits cut short, by reason',
    count: ({ excluded }) => (excluded === '' ? undefined : { reason: excluded }),
  },
];

/** What a recorder says. */
export interface Recorded {
  counters(): RowCounters;
  /** How often each class of rows came. */
  classes(): Iterable<readonly [number, number]>;
}

export interface Metrics {
  /** A send or an accept that the kernel refused. */
  noteTrouble(): void;
  /** The exposition, all metrics. */
  text(recorded: Recorded, engine: EngineCounters): string;
}

/** @param engine name of the one that serves */
export function makeMetrics(version: string, engine: EngineName): Metrics {
  let troubles = 0;
  return {
    noteTrouble() {
      troubles++;
    },
    text(recorded, { threads, replaced }) {
      const classes = [...recorded.classes()].map(([number, rows]) => [factsOfClass(number), rows] as const);
      const { written, counted, lost } = recorded.counters();
      const blocks = METRICS.map(({ name, help, count }) =>
        block(name, help, 'counter', samplesOf(classes, count)),
      );
      return [
        ...blocks,
        block('padzone_socket_errors_total', 'Sends and accepts that the kernel refused', 'counter', [
          ['', troubles],
        ]),
        block('padzone_rows_written_total', 'Rows on disk, synced', 'counter', [['', written]]),
        block('padzone_rows_counted_total', 'Queries of floods, counted only', 'counter', [['', counted]]),
        block(
          'padzone_rows_lost_total',
          'Rows that could not be kept, by reason',
          'counter',
          Object.entries(lost).map(([reason, rows]) => [formatLabels({ reason }), rows]),
        ),
        block('padzone_threads', 'Threads that answer', 'gauge', [['', threads]]),
        block('padzone_threads_replaced_total', 'Threads that ended by themselves', 'counter', [
          ['', replaced],
        ]),
        block('padzone_build_info', 'Version of padzone, and the packet engine in use', 'gauge', [
          [formatLabels({ version, engine }), 1],
        ]),
      ].join('');
    },
  };
}

function samplesOf(
  classes: readonly (readonly [ClassFacts, number])[],
  count: MetricRow['count'],
): [string, number][] {
  const samples = new Map<string, number>();
  for (const [facts, rows] of classes) {
    const labels = count(facts);
    if (!labels) continue;
    const key = formatLabels(labels);
    samples.set(key, (samples.get(key) ?? 0) + rows);
  }
  return [...samples];
}

function block(
  name: string,
  help: string,
  type: string,
  samples: readonly (readonly [string, number])[],
): string {
  const lines = samples.map(([labels, value]) => `${name}${labels} ${value}`);
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`;
}

function formatLabels(labels: Readonly<Record<string, string | number>>): string {
  const pairs = Object.entries(labels).map(([name, value]) => `${name}="${value}"`);
  return pairs.length > 0 ? `{${pairs.join(',')}}` : '';
}
