/** The population for people: for each size three columns of shares with 95% intervals, then what differs on the same sources. */
import type { Contrast, Measure, Stratum } from '../observe/contrast.ts';
import type { Fleet } from '../observe/fleet.ts';
import { type Population, type PopulationRow, type Share, WEIGHTS } from '../observe/population.ts';
import { type Outcome, VERDICT_CLASSES, type VerdictClass } from '../observe/verdict-class.ts';
import { formatCounters, type ReadCounters } from '../store/read.ts';
import { fleetLines } from './fleet.ts';
import { withMember } from './json-member.ts';

export interface PopulationDocument extends Population {
  readonly counters: ReadCounters;
  /** What was read, as `Observations.place`. */
  readonly place: string;
  readonly fleet: Fleet;
}

/** Of each list people are shown what most sources tell of; programs get all. */
const MOST_BLOCKS = 12;
const MOST_CONTRASTS = 10;

const LABEL_WIDTH = 20;
const CELL_WIDTH = 20;

const LEGEND = `Shares with Wilson's 95% interval. A source address, or a network (/24, /48),
counts once: by what most of its trials that conclude say, and by the worse
where they are even. Trials of one source are not independent: the intervals of
trials are too narrow. "offered": the EDNS size had room for the answer; below
it the abilities of those sources. "sent over UDP" and "sent TC=1": those whose
end is known. "lost at first" also counts what a retry, a smaller EDNS size or
TCP made good. A single silence is open: look at SILENT too.`;

/** Blocks of text, 80 columns. */
export function formatPopulation(document: PopulationDocument): string {
  const { counted, rows, contrasts, counters, place, fleet } = document;
  const blocks = rows.flatMap((row, at) =>
    row.weight === WEIGHTS[0] ? [rows.slice(at, at + WEIGHTS.length)] : [],
  );
  // By the number of source addresses, and in order again.
  const shown = new Set(
    blocks.toSorted((a, b) => (b[1]?.counted ?? 0) - (a[1]?.counted ?? 0)).slice(0, MOST_BLOCKS),
  );
  const rest = blocks.length - shown.size;
  return `${[
    [
      blocks.length === 0 ? 'No trials in this span: there is nothing to count.' : headline(counted),
      ...fleetLines(fleet),
    ].join('\n'),
    ...blocks.filter((block) => shown.has(block)).map(blockText),
    ...(rest === 0 ? [] : [`And ${rest} more with fewer sources, all of them with --json.`]),
    ...contrastBlock(contrasts),
    ...(blocks.length === 0 ? [] : [LEGEND]),
    formatCounters(counters, place),
  ].join('\n\n')}\n`;
}

function headline({ trials, sources, networks }: Population['counted']): string {
  const plural = (count: number, noun: string, ending: string) =>
    `${count} ${noun}${count === 1 ? '' : ending}`;
  return `Population: ${[
    plural(trials, 'trial', 's'),
    plural(sources, 'source address', 'es'),
    plural(networks, 'network', 's'),
  ].join(', ')} (/24, /48)`;
}

interface Line {
  readonly label: string;
  cell(row: PopulationRow): string;
}

function blockText(block: readonly PopulationRow[]): string {
  const [first] = block;
  if (first === undefined) return '';
  const head = { label: '', cell: ({ weight }: PopulationRow) => weight };
  return [
    stratumText(first),
    ...[head, ...linesOf(block, first.size)].map(({ label, cell }) =>
      [label.padEnd(LABEL_WIDTH), ...block.map((row) => cell(row).padStart(CELL_WIDTH))].join('').trimEnd(),
    ),
  ].join('\n');
}

function linesOf(block: readonly PopulationRow[], size: number): Line[] {
  const classesOf = (outcome: Outcome): Line[] =>
    (Object.keys(VERDICT_CLASSES) as VerdictClass[])
      .filter((name) => VERDICT_CLASSES[name].outcome === outcome)
      .filter((name) => block.some(({ classes }) => classes[name] !== undefined))
      .map((name) => ({ label: `    ${name}`, cell: ({ classes }) => shareText(classes[name]) }));
  const outcome = (name: Outcome): Line[] => [
    { label: `  ${name}`, cell: ({ outcomes }) => shareText(outcomes[name]) },
    ...classesOf(name),
  ];
  return [
    { label: '  counted', cell: ({ counted }) => countText(counted) },
    ...outcome('delivered'),
    ...outcome('failed'),
    ...outcome('open'),
    { label: '  ever failed', cell: ({ ever_failed }) => shareText(ever_failed) },
    { label: `  offered ${size}`, cell: ({ eligible }) => countText(eligible) },
    ...abilitiesOf(block),
    { label: '  sent over UDP', cell: ({ first_failure }) => countText(first_failure.of) },
    { label: '    lost at first', cell: ({ first_failure }) => shareText(first_failure) },
    { label: '    lost in the end', cell: ({ end_failure }) => shareText(end_failure) },
    { label: '  sent TC=1', cell: ({ tcp_failure }) => countText(tcp_failure.of) },
    { label: '    failed over TCP', cell: ({ tcp_failure }) => shareText(tcp_failure) },
  ];
}

function abilitiesOf(block: readonly PopulationRow[]): Line[] {
  const names = block.flatMap(({ abilities }) => Object.keys(abilities) as (keyof typeof abilities)[]);
  return names.map((name) => ({ label: `    ${name}`, cell: ({ abilities }) => shareText(abilities[name]) }));
}

function stratumText({ size, options, arm, ip_version }: Stratum): string {
  // An option says which arm was asked for, as a rule.
  const armWords = options.split('-').includes(arm) ? '' : armText(arm);
  const kind = [options === '' ? '' : `options ${options}`, armWords].filter(Boolean);
  return [`IPv${ip_version}`, `${size} octets`, ...kind].join(', ');
}

function armText(arm: string): string {
  return arm === 'default' || arm === '' ? '' : `arm ${arm}`;
}

/** `12.5% (3.5-36.0)`; nothing to see is easier to skip as a dash. */
function shareText(share: Share | undefined): string {
  if (share === undefined || share.share === null) return '-';
  return `${percent(share.share)}% (${percent(share.low)}-${percent(share.high)})`;
}

function percent(share: number): string {
  return (100 * share).toFixed(1);
}

function countText(count: number): string {
  return count === 0 ? '-' : String(count);
}

const MEASURE_WORDS: Readonly<Record<Measure, string>> = {
  first_failure: 'lost at first',
  end_failure: 'failed',
};

/** The most telling first. */
function contrastBlock(contrasts: readonly Contrast[]): string[] {
  const telling = contrasts.filter(({ b, c }) => b + c > 0).toSorted((x, y) => x.p - y.p);
  if (telling.length === 0) return [];
  const rest = telling.length - MOST_CONTRASTS;
  return [
    [
      'The same sources, compared (exact McNemar test; q allows for so many tests):',
      ...telling.slice(0, MOST_CONTRASTS).map(contrastText),
      ...(rest <= 0 ? [] : [`  and ${rest} more, all of them with --json`]),
    ].join('\n'),
  ];
}

function contrastText(contrast: Contrast): string {
  const { by, measure, ip_version, options, left, right, sources, b, c, p, q } = contrast;
  const isBySize = by === 'size';
  const where = [`IPv${ip_version}`, isBySize ? armText(left.arm) : `${left.size} octets`, options];
  const [one, other] = isBySize ? [left.size, right.size] : [left.arm, right.arm];
  const sides = isBySize ? `${one} and ${other} octets` : `arms ${one} and ${other}`;
  return [
    `  ${where.filter(Boolean).join(', ')}: ${sides}, ${sources} ${sources === 1 ? 'source' : 'sources'}`,
    `    ${MEASURE_WORDS[measure]}: ${b} only ${one}, ${c} only ${other}; p = ${chance(p)}, q = ${chance(q)}`,
  ].join('\n');
}

function chance(p: number): string {
  return p < 0.0001 ? p.toExponential(1) : p.toFixed(4);
}

/** The document of `report --json` with one more member at its end. */
export function withPopulation(document: Iterable<string>, population: Population): Generator<string> {
  return withMember(document, 'population', piecesOf(population));
}

function* piecesOf({ counted, rows, contrasts }: Population): Generator<string> {
  const lines = (members: readonly unknown[]) =>
    members.map((member) => `\n      ${JSON.stringify(member)}`).join(',');
  yield `{\n    "counted": ${JSON.stringify(counted)},\n`;
  yield `    "rows": [${lines(rows)}\n    ],\n    "contrasts": [${lines(contrasts)}\n    ]\n  }`;
}
