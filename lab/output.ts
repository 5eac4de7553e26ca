/** What a run says in the end: the table, what is not as expected in full, and the document for programs. */
import type { UnitResult } from './cell.ts';
import { tellRows } from './evidence.ts';
import type { RunFindings } from './findings.ts';
import { isUnproven, type JudgedCell } from './judge.ts';
import { unitText } from './progress.ts';
import { formatMatrix } from './table.ts';

export interface LabRun {
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly wallMs: number;
  readonly units: readonly UnitResult[];
  readonly cells: readonly JudgedCell[];
  readonly findings: RunFindings;
  /** Of all programs involved, by name. */
  readonly versions: Readonly<Record<string, string>>;
}

/** Whether everything was run, is as expected, and nothing counts as delivered without proof. */
export function isAsExpected({ units, cells, findings }: LabRun): boolean {
  return (
    units.every(({ problem }) => problem === undefined) &&
    cells.every(({ faults }) => faults.length === 0) &&
    unprovenOf(findings) === 0
  );
}

/** Verdicts that say "delivered" and show no proof: it must be 0. */
export function unprovenOf(findings: RunFindings): number {
  return findings.report.verdicts.filter((verdict) => isUnproven(verdict, findings)).length;
}

export function formatRun(run: LabRun): string {
  const { units, cells, findings, wallMs } = run;
  const wrong = cells.filter(({ faults }) => faults.length > 0);
  const late = cells.filter(({ isLate }) => isLate).length;
  const failed = units.filter(({ problem }) => problem !== undefined);
  const delivered = findings.report.verdicts.filter(({ outcome }) => outcome === 'delivered').length;
  return [
    formatMatrix(cells),
    ...wrong.map((cell) => formatWrong(cell, findings)),
    ...failed.map(({ unit, problem }) => `${unitText(unit)}\n  could not be run: ${problem}`),
    [
      `${cells.length} cells, ${cells.length - wrong.length} as expected, ${wrong.length} not`,
      ...(late === 0 ? [] : [`${late} saw an answer that came too late on this busy machine`]),
      ...(failed.length === 0 ? [] : [`${failed.length} of ${units.length} units could not be run`]),
      `"delivered" without proof: ${unprovenOf(findings)} of ${delivered}`,
      `${Math.round(wallMs / 1000)} s`,
    ].join('; '),
  ].join('\n\n');
}

function formatWrong(cell: JudgedCell, findings: RunFindings): string {
  const { client, verdict, faults, run } = cell;
  const said = client.texts.length === 0 ? '' : `: ${client.texts.join(' ')}`;
  return [
    `! ${unitText(cell)}, ${cell.size} octets`,
    ...faults.map((fault) => `  ${fault}`),
    `  client: ${client.status} after ${client.elapsedMs} ms${said}`,
    `  verdict: ${verdict === undefined ? 'none, no row of the run' : `${verdict.class} by ${verdict.rule}: ${verdict.sentence}`}`,
    ...tellRows(findings.rowsOf(run), verdict?.evidence ?? []).map((line) => `  ${line}`),
  ].join('\n');
}

/** One JSON document. */
export function formatJson(run: LabRun): string {
  const { startedAt, wallMs, versions, units, cells, findings } = run;
  const document = {
    started: new Date(startedAt).toISOString(),
    wall_ms: wallMs,
    versions,
    delivered_without_proof: unprovenOf(findings),
    problems: units.flatMap(({ unit, problem }) => (problem === undefined ? [] : [{ ...unit, problem }])),
    cells: cells.map((cell) => cellDocument(cell, findings)),
  };
  return `${JSON.stringify(document, null, 1)}\n`;
}

function cellDocument(cell: JudgedCell, findings: RunFindings) {
  const { resolver, edns, path, size, family, run, expectation, found, verdict, client } = cell;
  const decided = verdict?.evidence ?? [];
  return {
    resolver,
    edns,
    path,
    size,
    family,
    expected: expectation.classes,
    found,
    evidence: [
      ...(verdict === undefined ? [] : [verdict.sentence]),
      ...tellRows(
        decided.flatMap((id) => findings.row(id) ?? []),
        decided,
      ).map((line) => line.slice(1).trim()),
    ],
    ms: client.elapsedMs,
    run,
    reason: expectation.reason,
    unknowable: expectation.unknowable ?? null,
    rule: verdict?.rule ?? null,
    client: { status: client.status, texts: client.texts },
    late: cell.isLate,
    faults: cell.faults,
  };
}
