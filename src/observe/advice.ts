/** Advice: what the operator of a resolver can change, from the summary rows of one source address. */

import type { Advice } from './advice-rule.ts';
import { ON_TCP } from './advice-tcp.ts';
import { lately, ON_LOSSES } from './advice-udp.ts';
import { count, delivered, each, list, OFTEN, sum, tell, trialsOf } from './advice-words.ts';
import type { Software } from './software.ts';
import type { SummaryRow } from './summary.ts';
import type { TcpFindings } from './tcp-finding.ts';
import { plural } from './words.ts';

/** THE TABLE. */
const ADVICE: readonly Advice[] = [...ON_TCP, ...ON_LOSSES];

export interface SourceAdvice {
  readonly isUrgent: boolean;
  readonly text: string;
}

/** What else is known of a source. */
export interface Circumstances {
  /** What it seems to run, whose settings are then the only ones named. */
  readonly software?: Software;
  /** What there is to say of other things than sizes. */
  readonly more?: readonly SourceAdvice[];
  /** What fails over TCP. */
  readonly tcp?: TcpFindings;
  /** True where rows of other name servers are not here. */
  readonly isPartial?: boolean;
}

/**
 * What to tell the operator of one source; at least one sentence where there are rows, the urgent ones first.
 *
 * @param rows smaller sizes first
 */
export function adviseSource(
  rows: readonly SummaryRow[],
  { software, more = [], tcp, isPartial = false }: Circumstances = {},
): SourceAdvice[] {
  if (rows.length === 0) return [...more];
  const told = tell(rows, { software, tcp });
  const ofSizes = ADVICE.flatMap(({ isUrgent, say }) => say(told).map((text) => ({ isUrgent, text })));
  const found = [...more, ...ofSizes];
  return found.length > 0
    ? [
        ...found.filter(({ isUrgent }) => isUrgent),
        ...found.filter(({ isUrgent }) => !isUrgent),
        ...unread(rows),
      ]
    : [
        ...unread(rows, isPartial && rows.every((row) => delivered(row) === 0)),
        ...nothingToDo(rows, isPartial).map((text) => ({ isUrgent: false, text })),
      ];
}

/**
 * What is open only because the other name servers of the zone were not looked at.
 *
 * @param isAll whether there is nothing else to say
 */
function unread(rows: readonly SummaryRow[], isAll = false): SourceAdvice[] {
  const open = sum(rows, 'node-unread');
  if (open === 0 && !isAll) return [];
  const what =
    open === 0
      ? 'What it asked other name servers is not known'
      : `${plural(open, 'trial')} of it ${open === 1 ? 'stays' : 'stay'} open`;
  const text = `${what}, because rows of another name server are not here: \`padzone report --from\` takes the data directories of all.`;
  return [{ isUrgent: false, text }];
}

/** Where nothing arrived and nothing failed: why not, by the rules that decided all trials. First that fits. */
const UNDECIDED: readonly {
  readonly rules: readonly (keyof SummaryRow['rules'])[];
  readonly text: string;
}[] = [
  {
    rules: ['gate-only'],
    text: 'It asked the opening name and did not follow the small answer: so do dig and other programs that are no resolvers, or even that answer was lost. Ask through a resolver, or measure this path with `padzone probe`.',
  },
  {
    rules: ['gate-only', 'too-early'],
    text: 'Too early to tell: silence counts once this server listened for a minute after the last query. Ask for this report again then; where the server was stopped meanwhile, ask the resolver again.',
  },
  {
    rules: ['gate-only', 'took-part'],
    text: 'It asked opening names only; other addresses of the same runs were sent the answers: see there.',
  },
  {
    rules: ['withheld', 'partly-withheld'],
    text: 'This server withheld or spoiled its answers (limits, or a fault that the name asks for), so nothing was measured. Ask again later, or for a name without a fault.',
  },
];

/** What to say where no advice applies; nothing where rows that are not here may say all. */
function nothingToDo(rows: readonly SummaryRow[], isPartial: boolean): string[] {
  const hurt = rows.filter((row) => row.failed > 0 || lostAtFirst(row) > 0);
  if (hurt.length > 0) return [lossText(rows, hurt)];
  const arrived = rows.filter((row) => delivered(row) > 0);
  if (arrived.length > 0) {
    const upTo = `all that was decided arrived, up to ${arrived.reduce((most, { size }) => Math.max(most, size), 0)} octets`;
    const open = unshown(rows);
    return [
      open === ''
        ? `Nothing to change: ${upTo}.`
        : `Nothing urgent: ${upTo}. But ${open}. ${isEarly(rows) ? EARLY : ACCIDENTS}`,
    ];
  }
  return isPartial ? [] : [undecidedText(rows)];
}

/** Trials whose first whole answer over UDP was lost; also those of which the records do not say so, but which came out well after a loss. */
function lostAtFirst({ first_lost, well_after_loss, offered, size }: SummaryRow): number {
  return offered < size ? first_lost : Math.max(first_lost, well_after_loss);
}

const EARLY =
  'Silence counts once this server listened for a minute after the last query: ask for this report again then.';
const ACCIDENTS =
  'So few losses may be accidents: ask again, some minutes apart, and see whether it goes on.';
const WAIT = 'ask again in ten minutes, and see whether it goes on.';

function isEarly(rows: readonly SummaryRow[]): boolean {
  return sum(rows, 'too-early') > 0;
}

/** What left and shows no arrival by now, nor a failure; empty for nothing. */
function unshown(rows: readonly SummaryRow[]): string {
  const open = rows.filter((row) => delivered(row) + row.failed === 0 && count(row, ...UNSHOWN) > 0);
  const isCut = ({ offered, size, options }: SummaryRow) =>
    offered < size || options.split('-').includes('tc');
  const [cut, whole] = [open.filter(isCut), open.filter((row) => !isCut(row))];
  return [
    ...(whole.length === 0 ? [] : [`nothing shows an arrival of ${list(whole)} octets`]),
    ...(cut.length === 0 ? [] : [`after TC=1 for ${list(cut)} octets nothing shows an arrival over TCP`]),
  ].join(', and ');
}

const UNSHOWN = ['too-early', 'tcp-unproven', 'silent', 'silent-after-tc'] as const;

/** Too few losses for any other advice. */
function lossText(rows: readonly SummaryRow[], hurt: readonly SummaryRow[]): string {
  const lost = each(
    hurt.filter((row) => lostAtFirst(row) > 0),
    (row) => `${lostAtFirst(row)} of ${trialsOf(row)} times at ${row.size} octets`,
  );
  const failed = each(
    hurt.filter((row) => row.failed > 0),
    (row) => `${row.failed} of ${trialsOf(row)} times at ${row.size} octets`,
  );
  const parts = [
    ...(lost === '' ? [] : [`a first answer over UDP got lost ${lost}`]),
    ...(failed === '' ? [] : [`none came in the end ${failed}`]),
  ].join(', and ');
  const open = unshown(rows.filter((row) => lostAtFirst(row) === 0));
  const lasting = hurt.filter((row) => row.lost_in_a_row >= OFTEN);
  const end = lasting.length === 0 ? ACCIDENTS : `Over UDP, ${each(lasting, lately)}: ${WAIT}`;
  return `Nothing urgent, and not all well: ${parts}.${open === '' ? '' : ` Besides, ${open}.`} ${isEarly(rows) ? EARLY : end}`;
}

function undecidedText(rows: readonly SummaryRow[]): string {
  const rules = new Set(rows.flatMap((row) => Object.keys(row.rules)));
  const fitting = UNDECIDED.find((each) =>
    [...rules].every((name) => each.rules.some((one) => one === name)),
  );
  return fitting?.text ?? 'Nothing is decided yet. Ask again, or look at the reasons with --json.';
}
