/** What a resolver made of the zones that are broken on purpose: for people where it differs, for programs all. */

import { SOFTWARE } from '../../../observe/software.ts';
import { GROUPS } from '../../../zone/broken/case-file.ts';
import { rightOutcomes } from '../../../zone/broken/outcome.ts';
import { isRoot } from '../../below.ts';
import type { Identity } from '../identity.ts';
import { describeErrors } from '../judge.ts';
import { formatColumns, headOf, printable } from '../report.ts';
import type { CatalogRow } from './catalog.ts';

export interface CatalogReport {
  /** `address:port`. */
  readonly server: string;
  readonly origin: string;
  readonly identity: Identity;
  /** Milliseconds since the epoch. */
  readonly startedAt: number;
  readonly rows: readonly CatalogRow[];
}

const CONTROL = 'good';
const HEADINGS = ['zone', 'asked', 'expected', 'found', 'what is wrong there'];

/** 0 where all is as expected or known of some software, 1 otherwise. */
export function catalogStatus({ rows }: CatalogReport): 0 | 1 {
  return rows.some(({ verdict }) => verdict === 'differs') ? 1 : 0;
}

export function formatCatalog(report: CatalogReport): string {
  // Without the control they would be many, and mean nothing.
  const different =
    faultOfControl(report) === undefined ? report.rows.filter(({ verdict }) => verdict !== 'expected') : [];
  const table =
    different.length === 0 ? [] : [...formatColumns([HEADINGS, ...different.map(cells)], () => false), ''];
  return [
    head(report),
    '',
    ...table,
    ...formatColumns(summary(report.rows), (column) => column > 0),
    '',
    ...advice(report),
    '',
  ]
    .map(printable)
    .join('\n');
}

function head(report: CatalogReport): string {
  return `${report.rows.length} zones that are broken on purpose, ${headOf(report)}`;
}

function cells({ file, outcome, as, errors, failure }: CatalogRow): string[] {
  const { asks, label, summary: what } = file;
  const found = outcome === 'timeout' && failure !== undefined ? failure : outcome;
  const known = as.length > 0 ? `, known of ${as.map((name) => SOFTWARE[name].title).join(', ')}` : '';
  const text = `${what}${describeErrors(errors)}`;
  return [label, `${asks.name} ${asks.type}`, rightOutcomes(file).join(' or '), `${found}${known}`, text];
}

function summary(rows: readonly CatalogRow[]): string[][] {
  const line = (name: string, of: readonly CatalogRow[]) => {
    const count = (verdict: CatalogRow['verdict']) =>
      String(of.filter((row) => row.verdict === verdict).length);
    return [name, String(of.length), count('expected'), count('known'), count('differs')];
  };
  const groups = GROUPS.map((group) => [group, rows.filter(({ file }) => file.group === group)] as const);
  return [
    ['group', 'zones', 'as expected', 'known', 'differs'],
    ...groups.filter(([, of]) => of.length > 0).map(([group, of]) => line(group, of)),
    line('all', rows),
  ];
}

/** Why the sound zone shows nothing of the others, in whole sentences; undefined where it is secure, or not among them. */
function faultOfControl({ rows, origin }: CatalogReport): string | undefined {
  const control = rows.find(({ file }) => file.label === CONTROL);
  if (control === undefined) return undefined;
  const { name, outcome, isDenied } = control;
  if (isDenied) return `${name} is not there: the servers of ${origin} do not serve these zones.`;
  if (outcome === 'secure') return undefined;
  const anchor = isRoot(origin)
    ? 'has another trust anchor than that of `padzone ds`'
    : `the parent zone publishes no DS record for ${origin}`;
  return `Already the sound zone ${name} is not secure (${outcome}): the resolver does not validate, cannot reach the servers, or ${anchor}. The rest says nothing before that is mended.`;
}

function advice(report: CatalogReport): string[] {
  const fault = faultOfControl(report);
  if (fault !== undefined) return [fault];
  if (report.rows.some(({ verdict }) => verdict === 'differs'))
    return [
      'What is found insecure or secure where SERVFAIL is expected lets forged data pass; what fails where an answer is expected takes names from users. Look for the setting or version that does so.',
    ];
  return ['Nothing to do.'];
}

export function catalogJson({ rows, identity, startedAt, ...rest }: CatalogReport): object {
  return {
    ...rest,
    started: new Date(startedAt).toISOString(),
    version: identity.version ?? null,
    identity: identity.name ?? null,
    differs: rows.filter(({ verdict }) => verdict === 'differs').length,
    cases: rows.map(({ file, name, status, ad, outcome, verdict, as, errors, failure, elapsedMs }) => ({
      case: file.label,
      group: file.group,
      summary: file.summary,
      name,
      type: file.asks.type,
      expect: file.expect,
      accepts: rightOutcomes(file),
      status,
      ad,
      outcome,
      verdict,
      known_of: as,
      errors: errors.map(({ infoCode, extraText }) => ({ info_code: infoCode, extra_text: extraText })),
      failure: failure ?? null,
      elapsed_ms: elapsedMs,
    })),
  };
}
