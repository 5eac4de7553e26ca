/** A probe's result for people (a table) and for programs (one JSON document). */
import type { Finding } from './judge.ts';

export interface ProbeReport {
  /** `address:port`. */
  readonly server: string;
  readonly origin: string;
  /** The run id that all names of the probe share. */
  readonly run: string;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly findings: readonly Finding[];
  readonly advice: string;
}

const HEADINGS = ['asked', 'status', 'transport', 'octets', 'largest', 'result'];

/** A table with one row a name, further TXT on lines of their own, and the advice below. */
export function formatTable(report: ProbeReport): string {
  const rows = [HEADINGS, ...report.findings.flatMap(tableRows)];
  const widths = HEADINGS.map((_, column) => Math.max(...rows.map((row) => row[column]?.length ?? 0)));
  const lines = rows.map((row) => row.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join('  '));
  const direct = report.findings.some((finding) => finding.direct);
  const head = `${report.origin} ${direct ? 'at its name server' : 'through'} ${report.server}, run ${report.run}`;
  return [head, '', ...lines.map((line) => line.trimEnd()), '', report.advice, ''].join('\n');
}

/** One document; octets and milliseconds are numbers, absent facts are null. */
export function formatJson(report: ProbeReport): string {
  const { findings, startedAt, ...rest } = report;
  const document = {
    ...rest,
    started: new Date(startedAt).toISOString(),
    direct: findings.some(({ direct }) => direct),
    problems: findings.filter(({ problem }) => problem !== undefined).length,
    tests: findings.map((finding) => ({
      asked: finding.test.label,
      size: finding.test.size ?? null,
      status: finding.status,
      transport: finding.transport,
      octets: finding.octets ?? null,
      largest: finding.largest ?? null,
      elapsed_ms: finding.elapsedMs,
      receipt: finding.receipt ?? null,
      texts: finding.texts ?? [],
      problem: finding.problem ?? null,
      exchanges: finding.exchanges.map(({ name, udp, transport, octets, reply, failure }) => ({
        name,
        udp,
        transport,
        octets: octets ?? null,
        status: reply?.rcode ?? null,
        errors: (reply?.errors ?? []).map((e) => ({ info_code: e.infoCode, extra_text: e.extraText })),
        failure: failure ?? null,
      })),
    })),
  };
  return `${JSON.stringify(document, null, 2)}\n`;
}

function tableRows(finding: Finding): string[][] {
  const results = [
    ...(finding.problem === undefined ? [] : [`PROBLEM: ${finding.problem}`]),
    ...(finding.texts ?? []),
  ].map(printable);
  const { test, status, transport, octets, largest } = finding;
  const size = (n: number | undefined) => (n === undefined ? '-' : String(n));
  const cells = [test.label, status, transport.toUpperCase(), size(octets), size(largest)];
  return [
    [...cells, results[0] ?? ''],
    ...results.slice(1).map((result) => [...cells.map(() => ''), result]),
  ];
}

/** Text from the network with control characters written as \DDD, as master files do (RFC 1035 §5.1). */
function printable(text: string): string {
  return text.replace(/[\p{Cc}\p{Cf}]/gu, (c) => `\\${String(c.codePointAt(0)).padStart(3, '0')}`);
}
