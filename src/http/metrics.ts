/** Metrics in Prometheus' text form: THE TABLE of names, and counters that a query only adds to. */
import type { Facts } from '../record/facts.ts';
import type { SegmentCounters } from '../store/segment.ts';

interface MetricRow {
  readonly name: string;
  readonly help: string;
  /** Labels of the counter that these facts add to, undefined where they add to none. Never a source address or a name. */
  readonly count: (facts: Facts) => Readonly<Record<string, string | number>> | undefined;
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

export interface Metrics {
  note(facts: Facts): void;
  /** A send or an accept that the kernel refused. */
  noteTrouble(): void;
  /** The exposition, all metrics. */
  text(rows: SegmentCounters): string;
}

export function makeMetrics(version: string): Metrics {
  const counters = METRICS.map(() => new Map<string, number>());
  let troubles = 0;
  return {
    note(facts) {
      for (const [index, { count }] of METRICS.entries()) {
        const labels = count(facts);
        if (!labels) continue;
        const key = formatLabels(labels);
        counters[index]!.set(key, (counters[index]!.get(key) ?? 0) + 1);
      }
    },
    noteTrouble() {
      troubles++;
    },
    text(rows) {
      const blocks = METRICS.map(({ name, help }, index) =>
        block(name, help, 'counter', [...counters[index]!]),
      );
      const dropped: [string, number][] = [
        ['{reason="disk"}', rows.lost],
        ['{reason="memory"}', rows.dropped],
      ];
      blocks.push(
        block('padzone_socket_errors_total', 'Sends and accepts that the kernel refused', 'counter', [
          ['', troubles],
        ]),
      );
      blocks.push(
        block('padzone_rows_written_total', 'Rows on disk, synced', 'counter', [['', rows.written]]),
      );
      blocks.push(
        block('padzone_rows_lost_total', 'Rows that could not be kept, by reason', 'counter', dropped),
      );
      blocks.push(
        block('padzone_build_info', 'Version of padzone', 'gauge', [[formatLabels({ version }), 1]]),
      );
      return blocks.join('');
    },
  };
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
