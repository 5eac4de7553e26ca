/** Key rolls and error reports: blocks of a report for people, 80 columns wide, and its members for programs. */
import type { ErrorReportFinding } from '../observe/error-reports.ts';
import { groupBy } from '../observe/group.ts';
import { isUrgentRoll } from '../observe/key-advice.ts';
import type { KeyFindings } from '../observe/key-findings.ts';
import type { KeyRollFinding } from '../observe/key-roll/key-roll.ts';
import { ROLL_CLASSES } from '../observe/key-roll/roll-class.ts';
import { plural, times } from '../observe/words.ts';
import { ROLL_PHASES } from '../zone/roll/phase.ts';
import { WIDTH, widest, wrap } from './wrap.ts';

/** What people are shown of each list; programs get all. */
const MOST_SHOWN = 40;

/** Rules that say that a source is no resolver at work; strangers can make any number of those. */
const NOISE: readonly KeyRollFinding['rule'][] = ['signal-alone', 'asked-straight', 'no-keys'];

const COLUMNS: readonly { readonly heading: string; cell(found: KeyRollFinding): string }[] = [
  { heading: 'source', cell: ({ source }) => source },
  { heading: 'verdict', cell: (found) => ROLL_CLASSES[found.class].word },
  { heading: 'sure', cell: ({ confidence }) => confidence },
  { heading: 'phases', cell: phasesSeen },
  { heading: 'last signal', cell: ({ last_signal }) => last_signal ?? '-' },
  { heading: 'seems', cell: ({ software }) => software ?? '-' },
];

/** Blocks of lines; none where there is nothing to say. */
export function keyBlocks({ keyRolls, errorReports }: KeyFindings): string[] {
  return [...rollBlocks(keyRolls), ...reportBlock(errorReports)];
}

function rollBlocks(found: readonly KeyRollFinding[]): string[] {
  if (found.length === 0) return [];
  const head = wrap(
    `Key roll, by zone. "phases" are those in which the source was seen: 1 old key alone, 2 new key published, 3 new key signs, 4 old key revoked, 5 new key alone. "last signal" is what its last key-tag query listed; "seems" is a guess; "sure" is high only where a cookie, TCP or clients bear it out.`,
  );
  const rolls = groupBy(found, ({ zone, roll_at }) => `${zone} ${roll_at}`);
  const left = rolls.size - MOST_SHOWN;
  return [
    head,
    ...[...rolls.values()].slice(0, MOST_SHOWN).map(rollBlock),
    ...(left <= 0 ? [] : [`  and ${plural(left, 'more roll')}; see --json`]),
  ];
}

function rollBlock(found: readonly KeyRollFinding[]): string {
  const { zone, profile, roll_at } = found[0]!;
  const shown = found.filter(({ rule }) => !NOISE.includes(rule)).slice(0, MOST_SHOWN);
  const left = found.length - shown.length;
  const when = roll_at === null ? '' : `, from ${moment(roll_at)}`;
  return [
    wrap(`  ${zone} (${profile ?? 'unknown profile'}${when})`, '', '    '),
    ...table(shown),
    ...(left === 0
      ? []
      : [`    ${plural(left, 'more source')}: not seen at work, or too many to show; see --json`]),
  ].join('\n');
}

function table(found: readonly KeyRollFinding[]): string[] {
  if (found.length === 0) return [];
  const cells = [
    COLUMNS.map(({ heading }) => heading),
    ...found.map((each) => COLUMNS.map(({ cell }) => cell(each))),
  ];
  const widths = COLUMNS.map((_, at) => widest(cells.map((line) => line[at] ?? '')));
  // A long IPv6 address takes the place of columns that other words say as well.
  const columns = widths.slice(0, fitting(widths, WIDTH - 4));
  const [heading = '', ...lines] = cells.map((line) =>
    columns
      .map((width, at) => (line[at] ?? '').padEnd(width))
      .join('  ')
      .trimEnd(),
  );
  return [
    `    ${heading}`,
    ...lines.flatMap((line, at) => [
      `  ${isUrgentRoll(found[at]!) ? '!' : ' '} ${line}`,
      ...notes(found[at]!),
    ]),
  ];
}

/** How many columns, two spaces between them, fit into `room`. */
function fitting(widths: readonly number[], room: number): number {
  let used = -2;
  return widths.filter((width) => {
    used += width + 2;
    return used <= room;
  }).length;
}

function notes({ sentence, advice, neighbors }: KeyRollFinding): string[] {
  const beside =
    neighbors === 0 ? '' : ` ${neighbors} more of its network took part, perhaps the same resolver.`;
  return [
    wrap(`${sentence}${beside}`, '      ', '      '),
    ...(advice === null ? [] : [wrap(advice, '      > ', '        ')]),
  ];
}

/** `1234-`: a digit for each phase in which it was seen. */
function phasesSeen({ phases }: KeyRollFinding): string {
  return ROLL_PHASES.map((name, at) => (phases.some(({ phase }) => phase === name) ? `${at + 1}` : '-')).join(
    '',
  );
}

function reportBlock(found: readonly ErrorReportFinding[]): string[] {
  if (found.length === 0) return [];
  const lines = found.slice(0, MOST_SHOWN).map(({ source, sentence, taken, challenged }) => {
    const doubt = taken === 0 ? ' Its address may be forged: it did not come back over TCP.' : '';
    return wrap(`${source}: ${sentence} Reported ${times(taken + challenged)}.${doubt}`, '  ', '    ');
  });
  return [['Error reports of resolvers (RFC 9567):', ...lines, ...more(found.length)].join('\n')];
}

function more(count: number): string[] {
  return count <= MOST_SHOWN ? [] : [`  and ${count - MOST_SHOWN} more; see --json`];
}

/** What one source did in each phase of its rolls, for its story. */
export function rollStoryBlocks({ keyRolls }: KeyFindings): string[] {
  return keyRolls.map(({ zone, phases, sentence, class: name, confidence, rule }) =>
    [
      wrap(`Key roll of ${zone}`, '', '  '),
      ...phases.map(({ phase, first_at, sentence: did }) =>
        wrap(`${phase}, from ${moment(first_at)}: ${did}`, '  ', '    '),
      ),
      wrap(`${name} (${confidence} confidence, rule ${rule}): ${sentence}`, '  = ', '    '),
    ].join('\n'),
  );
}

/** Members of `report --json`; times are ISO 8601. */
export function keyMembers({ keyRolls, sentinels, replicas, errorReports }: KeyFindings) {
  return {
    keyRoll: keyRolls.map((each) => ({ ...isoTimes(each), phases: each.phases.map(isoTimes) })),
    sentinels: sentinels.map(isoTimes),
    replicas: replicas.map(isoTimes),
    errorReports: errorReports.map(isoTimes),
  };
}

/** Members whose names end in `_at` as text. */
function isoTimes(found: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(found).map(([name, value]) => [
      name,
      name.endsWith('_at') && typeof value === 'number' ? new Date(value).toISOString() : value,
    ]),
  );
}

function moment(at: number): string {
  return `${new Date(at).toISOString().slice(0, 19).replace('T', ' ')} UTC`;
}
