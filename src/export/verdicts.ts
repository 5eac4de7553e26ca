/** Verdicts for other tools: one JSON object a line, CSV with a header line (RFC 4180), or one JSON document. */
import type { KeyFindings } from '../observe/key-findings.ts';
import { RULE_VERSION, type Verdict } from '../observe/verdict.ts';
import type { RowFilter } from '../store/filter.ts';
import type { ReadCounters } from '../store/read.ts';
import { keyMembers } from './key-roll.ts';

export interface VerdictFormat {
  /** The value of `--format`. */
  readonly name: string;
  /** One line, no final period. */
  readonly summary: string;
  /** Whole lines with their line ends. */
  chunks(verdicts: readonly Verdict[]): Iterable<string>;
}

/** Columns of the CSV: every member of a verdict, in the order of docs/verdicts.md. */
export const VERDICT_COLUMNS: readonly (keyof Verdict)[] = [
  'run',
  'zone',
  'size',
  'options',
  'arm',
  'class',
  'outcome',
  'rule_version',
  'rule',
  'confidence',
  'sentence',
  'overlays',
  'via',
  'sources',
  'about',
  'offered',
  'failure_known',
  'first_tried',
  'first_lost',
  'lost_by',
  'recovered',
  'first_at',
  'last_at',
  'evidence',
];

/** THE TABLE. */
export const VERDICT_FORMATS: readonly VerdictFormat[] = [
  {
    name: 'ndjson',
    summary: 'one JSON object a line',
    *chunks(verdicts) {
      for (const verdict of verdicts) yield `${JSON.stringify(withIsoTimes(verdict))}\n`;
    },
  },
  {
    name: 'csv',
    summary: 'comma-separated values with a header line; lists as JSON',
    *chunks(verdicts) {
      yield `${VERDICT_COLUMNS.join(',')}\r\n`;
      for (const verdict of verdicts) {
        const row = withIsoTimes(verdict);
        yield `${VERDICT_COLUMNS.map((name) => field(row[name])).join(',')}\r\n`;
      }
    },
  },
];

export interface VerdictDocument {
  /** Milliseconds since the epoch. */
  readonly generatedAt: number;
  readonly filter: RowFilter;
  readonly counters: ReadCounters;
  readonly verdicts: readonly Verdict[];
  readonly keys: KeyFindings;
}

/** One document, in pieces: what it was made of, and the verdicts. */
export function* formatVerdictsJson(document: VerdictDocument): Generator<string> {
  const { generatedAt, filter, counters, verdicts } = document;
  const head = {
    generated_at: iso(generatedAt),
    since: filter.since === undefined ? null : iso(filter.since),
    until: filter.until === undefined ? null : iso(filter.until),
    source: filter.source ?? null,
    rule_version: RULE_VERSION,
    counters,
  };
  yield JSON.stringify(head, null, 2).slice(0, -2);
  yield* listMember('verdicts', verdicts, withIsoTimes);
  for (const [name, members] of Object.entries(keyMembers(document.keys)))
    yield* listMember(name, members, (member) => member);
  yield '\n}\n';
}

/** A line for each member. */
function* listMember<T>(name: string, list: Iterable<T>, shape: (member: T) => unknown): Generator<string> {
  yield `,\n  "${name}": [`;
  let comma = '';
  for (const member of list) {
    yield `${comma}\n    ${JSON.stringify(shape(member))}`;
    comma = ',';
  }
  yield '\n  ]';
}

/** As `report --json` has it. */
function withIsoTimes(verdict: Verdict): Readonly<Record<keyof Verdict, unknown>> {
  return { ...verdict, first_at: iso(verdict.first_at), last_at: iso(verdict.last_at) };
}

// RFC 4180 §2: a quote inside a quoted field is doubled. Numbers and booleans never need quotes.
function field(value: unknown): string {
  if (value === null) return '';
  if (typeof value === 'number' || typeof value === 'boolean') return String(value);
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return `"${text.replaceAll('"', '""')}"`;
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
