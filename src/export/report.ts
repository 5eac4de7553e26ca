/** A report for people (blocks of text, 80 columns) and for programs (one JSON document). */

import type { SourceAdvice } from '../observe/advice.ts';
import type { Fleet } from '../observe/fleet.ts';
import { adviseKeys } from '../observe/key-advice.ts';
import { isUrgent, type Report, type SourceReport, urgentSources } from '../observe/report.ts';
import { type Span, spanOf } from '../observe/span.ts';
import { wilson } from '../observe/statistics.ts';
import type { SummaryRow } from '../observe/summary.ts';
import { isSilentFailure } from '../observe/tcp-failures.ts';
import type { Verdict } from '../observe/verdict.ts';
import { plural } from '../observe/words.ts';
import type { Events } from '../store/events.ts';
import type { RowFilter } from '../store/filter.ts';
import { formatCounters, type ReadCounters } from '../store/read.ts';
import { eventBlocks } from './events.ts';
import { fleetLines } from './fleet.ts';
import { keyBlocks, keyMembers } from './key-roll.ts';
import { rootKeyBlocks } from './sentinels.ts';
import { sourceLines } from './source-lines.ts';
import { widest, wrap } from './wrap.ts';

export interface ReportDocument extends Report {
  /** Milliseconds since the epoch. */
  readonly generatedAt: number;
  readonly filter: RowFilter;
  readonly counters: ReadCounters;
  /** What was read, as `Observations.place`. */
  readonly place: string;
  /** Which name servers there are, and whose rows were read. */
  readonly fleet: Fleet;
  readonly events: Events;
}

/** Headings and cells of one table; an arm column appears only where an arm other than the default was used. */
const COLUMNS: readonly {
  readonly heading: string;
  readonly isText?: true;
  cell(row: SummaryRow): string;
}[] = [
  { heading: 'size', cell: ({ size }) => String(size) },
  { heading: 'EDNS', cell: ({ offered }) => count(offered) },
  { heading: 'whole', cell: ({ whole }) => count(whole) },
  { heading: 'frag', cell: ({ fragments }) => count(fragments) },
  { heading: 'TCP', cell: ({ tcp }) => count(tcp) },
  { heading: '1st lost', cell: ({ first_lost }) => count(first_lost) },
  { heading: 'failed', cell: ({ failed }) => count(failed) },
  { heading: 'open', cell: ({ open }) => count(open) },
  { heading: 'over UDP', isText: true, cell: (row) => ABILITY_WORDS[row.ability](row) },
];

/** Columns in front, shown only where they tell rows apart. */
const KEYS: readonly ((typeof COLUMNS)[number] & { isShown(rows: readonly SummaryRow[]): boolean })[] = [
  {
    heading: 'options',
    isText: true,
    isShown: (rows) => rows.some(({ options }) => options !== ''),
    cell: ({ options }) => options || '-',
  },
  {
    heading: 'arm',
    isText: true,
    isShown: (rows) => rows.some(({ arm }) => arm !== rows[0]?.arm),
    cell: ({ arm }) => arm || 'default',
  },
];

const ABILITY_WORDS: Readonly<Record<SummaryRow['ability'], (row: SummaryRow) => string>> = {
  CAN: ({ arrived, joined, tried }) => `yes, ${arrived + joined} of ${tried}`,
  CANNOT: ({ arrived, lost_in_a_row: lost }) => `${arrived === 0 ? 'no' : 'no longer'}, 0 of ${lost}`,
  FLAKY: ({ arrived, joined, tried }) => `sometimes, ${arrived + joined} of ${tried}`,
  UNKNOWN: ({ joined, tried }) => (tried === joined ? 'unknown' : `no sign, 0 of ${tried - joined}`),
  NEVER_OFFERED: () => 'never offered', // how much it offered stands under EDNS
};

const LEGEND = [
  'Sizes are octets of the DNS message. EDNS is the largest payload size that the source offered. "whole", "frag"',
  '(both over UDP) and "TCP" count trials whose answer is proven to have arrived that way; "1st lost" those whose',
  'first UDP answer shows no arrival, whatever came later; "failed" those that ended without the answer; "open"',
  'those that prove nothing for it, such as a single silence. "over UDP" counts single answers: "no" takes losses',
  'between other answers that arrived, and other networks that received the size; till then it is "no sign".',
].join(' ');

/** What a tired administrator reads: problems first, one block a source, what to do under each. */
export function formatReport(document: ReportDocument): string {
  const { sources, counters, place } = document;
  const events = eventBlocks(document.events).map((lines) =>
    lines.map((line) => wrap(line.trimStart(), line.startsWith(' ') ? '  ' : '', '    ')).join('\n'),
  );
  const rootKeys = rootKeyBlocks(document.keys);
  const keys = keyBlocks(document.keys);
  if (sources.length === 0) {
    const blocks = [...rootKeys, ...keys, ...events];
    return `${[emptyText(document), ...blocks, formatCounters(counters, place)].join(blocks.length === 0 ? '\n' : '\n\n')}\n`;
  }
  const keyAdvice = adviseKeys(document.keys);
  const blocks = sources.map((each) => sourceBlock(each, keyAdvice.get(each.source) ?? []));
  const legend = sources.some(({ rows }) => rows.length > 0) ? [wrap(LEGEND)] : [];
  return `${[headline(document), ...rootKeys, ...blocks, ...legend, ...keys, ...events, formatCounters(counters, place)].join('\n\n')}\n`;
}

function headline(document: ReportDocument): string {
  const { sources, verdicts } = document;
  const failed = countFailed(document);
  const isPartial = verdicts.some(({ rule }) => rule === 'node-unread');
  return [
    wrap(
      `${plural(sources.length, 'source')}, ${plural(verdicts.length, 'trial')}${failed === 0 ? '' : ` (${failed} failed)`}, ${urgency(document) ?? (failed === 0 ? 'nothing urgent' : 'none marked urgent (!)')}`,
    ),
    formatSpan(spanOf(sources.map(spanOfSource))),
    ...fleetLines(document.fleet, isPartial),
    ...failureLine(sources.flatMap(({ rows }) => rows)),
  ].join('\n');
}

/** Trials that failed, silence after TC=1 that goes on and on among them, as in the rows. */
function countFailed({ verdicts, sources }: ReportDocument): number {
  const sinceOf = new Map(sources.map(({ source, rows: [row] }) => [source, row?.no_tcp_since ?? null]));
  const hasFailed = (verdict: Verdict) =>
    verdict.outcome === 'failed' ||
    verdict.about.some((source) => isSilentFailure(verdict, sinceOf.get(source) ?? null));
  return verdicts.filter(hasFailed).length;
}

/** `2 urgent (marked !): 192.0.2.1, 192.0.2.7`, by trials and by keys; undefined for none. */
function urgency({ filter, ...document }: ReportDocument): string | undefined {
  const urgent = urgentSources(document).filter(
    (each) => filter.source === undefined || each === filter.source,
  );
  if (urgent.length === 0) return undefined;
  const named = urgent.slice(0, MOST_NAMED).join(', ');
  const left = urgent.length - MOST_NAMED;
  return `${urgent.length} urgent (marked !): ${named}${left > 0 ? ` and ${left} more` : ''}`;
}

const MOST_NAMED = 5;

/** Failures at first and in the end, apart: recovery hides what the path loses. */
function failureLine(rows: readonly SummaryRow[]): string[] {
  const sum = (of: (row: SummaryRow) => number) => rows.reduce((total, row) => total + of(row), 0);
  const [tried, lost] = [sum(({ first_tried }) => first_tried), sum(({ first_lost }) => first_lost)];
  const [ended, failed] = [sum(({ end_tried }) => end_tried), sum(({ end_failed }) => end_failed)];
  const parts = [
    ...(tried === 0 ? [] : [`First UDP answer lost: ${share(lost, tried)}.`]),
    ...(ended === 0 ? [] : [`Failed in the end: ${share(failed, ended)}.`]),
  ];
  return parts.length === 0 ? [] : [wrap(parts.join(' '))];
}

/** `2 of 7 (29%; 95% interval 8 to 64)`. */
function share(part: number, of: number): string {
  const [low, middle, high] = [wilson(part, of).low, part / of, wilson(part, of).high].map((each) =>
    Math.round(each * 100),
  );
  return `${part} of ${of} (${middle}%; 95% interval ${low} to ${high})`;
}

function emptyText(document: ReportDocument): string {
  const { source } = document.filter;
  const from = source === undefined ? '' : ` from ${source}`;
  const text = `No trials${from} in this span. A trial starts when a resolver is asked for a name such as s4096, or rs.`;
  const urgent = urgency(document);
  return [
    text,
    ...fleetLines(document.fleet),
    ...(urgent === undefined ? [] : [wrap(`Of keys: ${urgent}`)]),
  ].join('\n');
}

function sourceBlock(each: SourceReport, keyAdvice: readonly SourceAdvice[]): string {
  const mark = isUrgent(each) ? '! ' : '  ';
  const lines = sourceLines(each).map((line) => wrap(line, '    ', '      '));
  const advice = each.advice
    .filter(({ text }) => !keyAdvice.some((other) => other.text === text))
    .concat(pointer(keyAdvice))
    .map(({ text, isUrgent: now }) => wrap(text, now ? '  ! ' : '  > ', '    '));
  const head = `${mark}${each.source}  ${formatSpan(spanOfSource(each))}`;
  return [head, ...table(each.rows), ...lines, ...advice].join('\n');
}

/** What to do about keys stands where the keys do, once. */
function pointer(keyAdvice: readonly SourceAdvice[]): SourceAdvice[] {
  const isNow = keyAdvice.some(({ isUrgent: now }) => now);
  return keyAdvice.length === 0
    ? []
    : [{ isUrgent: isNow, text: 'What to do about its keys stands with the keys.' }];
}

function spanOfSource({ rows, ladder }: SourceReport): Span {
  return spanOf(ladder === undefined ? rows : [...rows, ladder]);
}

function table(rows: readonly SummaryRow[]): string[] {
  if (rows.length === 0) return [];
  const columns = [...KEYS.filter(({ isShown }) => isShown(rows)), ...COLUMNS];
  const cells = [
    columns.map(({ heading }) => heading),
    ...rows.map((row) => columns.map(({ cell }) => cell(row))),
  ];
  const widths = columns.map((_, at) => widest(cells.map((line) => line[at] ?? '')));
  return cells.map((line) => {
    const padded = line.map((cell, at) =>
      columns[at]?.isText ? cell.padEnd(widths[at] ?? 0) : cell.padStart(widths[at] ?? 0),
    );
    return `    ${padded.join('  ')}`.trimEnd();
  });
}

/** Nothing to see is easier to skip as a dash than as a zero. */
function count(number: number): string {
  return number === 0 ? '-' : String(number);
}

/** `2026-11-23 14:58 to 15:04 UTC`; the date twice only where it differs. */
function formatSpan({ first_at, last_at }: Span): string {
  const [from, to] = [first_at, last_at].map((at) =>
    new Date(at).toISOString().slice(0, 19).replace('T', ' '),
  ) as [string, string];
  if (from === to) return `${from} UTC`;
  return `${from} to ${from.slice(0, 10) === to.slice(0, 10) ? to.slice(11) : to} UTC`;
}

/**
 * One document: rows, verdicts and counters; octets are numbers, times ISO 8601, absent facts null.
 *
 * In pieces, a line for each member of a list: a day of verdicts is longer than a string may be.
 */
export function* formatReportJson(document: ReportDocument): Generator<string> {
  const { generatedAt, filter, counters, fleet, sources, verdicts, events } = document;
  const head = {
    generated_at: iso(generatedAt),
    since: filter.since === undefined ? null : iso(filter.since),
    until: filter.until === undefined ? null : iso(filter.until),
    source: filter.source ?? null,
    counters,
    name_servers: fleet,
  };
  const lists: Readonly<Record<string, Iterable<unknown>>> = {
    rows: sources.flatMap(({ rows }) => rows.map(rowMember)),
    ladder: sources.flatMap(({ source, ladder }) =>
      ladder === undefined ? [] : [{ source, ...withIsoTimes(ladder) }],
    ),
    limits: sources.flatMap(({ source, limits }) => limits.map((limit) => ({ source, ...limit }))),
    farms: sources.flatMap(({ source, farms }) => farms.map((farm) => ({ source, ...farm }))),
    software: sources.flatMap(({ source, software }) =>
      software === undefined ? [] : [{ source, ...software }],
    ),
    advice: sources.flatMap(({ source, advice }) =>
      advice.map(({ isUrgent: urgent, text }) => ({ source, urgent, text })),
    ),
    verdicts: mapped(verdicts, withIsoTimes),
    ...keyMembers(document.keys),
    path_events: mapped(events.path_events, withIsoTimes),
    floods: mapped(events.floods, withIsoTimes),
    losses: mapped(events.losses, withIsoTimes),
  };
  yield JSON.stringify(head, null, 2).slice(0, -2);
  for (const [name, members] of Object.entries(lists)) {
    yield `,\n  "${name}": [`;
    let comma = '';
    for (const member of members) {
      yield `${comma}\n    ${JSON.stringify(member)}`;
      comma = ',';
    }
    yield '\n  ]';
  }
  yield '\n}\n';
}

/** One at a time: nobody keeps a second copy of all. */
function* mapped<T, U>(items: Iterable<T>, change: (item: T) => U): Generator<U> {
  for (const item of items) yield change(item);
}

function rowMember(row: SummaryRow) {
  const { lost_since, arrived_last, no_tcp_since } = row;
  return { ...withIsoTimes(row), ...isoOrNull({ lost_since, arrived_last, no_tcp_since }) };
}

function isoOrNull<K extends string>(moments: Readonly<Record<K, number | null>>) {
  return Object.fromEntries(
    Object.entries<number | null>(moments).map(([name, at]) => [name, at === null ? null : iso(at)]),
  );
}

function withIsoTimes<T extends Span>(
  row: T,
): Omit<T, 'first_at' | 'last_at'> & { first_at: string; last_at: string } {
  return { ...row, first_at: iso(row.first_at), last_at: iso(row.last_at) };
}

function iso(at: number): string {
  return new Date(at).toISOString();
}
