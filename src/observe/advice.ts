/** Advice: what the operator of a resolver can change, from the summary rows of one source address. */

import type { Advice } from './advice-rule.ts';
import { ON_TCP } from './advice-tcp.ts';
import { ON_LOSSES } from './advice-udp.ts';
import { delivered, sum, tell } from './advice-words.ts';
import type { Software } from './software.ts';
import type { SummaryRow } from './summary.ts';
import { plural } from './words.ts';

/** THE TABLE. */
const ADVICE: readonly Advice[] = [...ON_TCP, ...ON_LOSSES];

export interface SourceAdvice {
  readonly isUrgent: boolean;
  readonly text: string;
}

/**
 * What to tell the operator of one source; at least one sentence where there are rows, the urgent ones first.
 *
 * @param software what the source seems to run, whose settings are then the only ones named
 * @param more what there is to say of other things than sizes
 */
export function adviseSource(
  rows: readonly SummaryRow[],
  software?: Software,
  more: readonly SourceAdvice[] = [],
): SourceAdvice[] {
  if (rows.length === 0) return [...more];
  const told = tell(rows, software);
  const ofSizes = ADVICE.flatMap(({ isUrgent, say }) => say(told).map((text) => ({ isUrgent, text })));
  const found = [...more, ...ofSizes];
  return found.length > 0
    ? [
        ...found.filter(({ isUrgent }) => isUrgent),
        ...found.filter(({ isUrgent }) => !isUrgent),
        ...unread(rows),
      ]
    : [...unread(rows), { isUrgent: false, text: nothingToDo(rows) }];
}

/** What is open only because the other name servers of the zone were not looked at. */
function unread(rows: readonly SummaryRow[]): SourceAdvice[] {
  const open = sum(rows, 'node-unread');
  if (open === 0) return [];
  const text = `${plural(open, 'trial')} of it ${open === 1 ? 'stays' : 'stay'} open, because another name server had a part in ${open === 1 ? 'it' : 'them'} whose rows are not here: \`padzone report --from\` takes the data directories of all.`;
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

function nothingToDo(rows: readonly SummaryRow[]): string {
  const arrived = rows.filter((row) => delivered(row) > 0);
  if (arrived.length > 0)
    return `Nothing to change: all that was decided arrived, up to ${arrived.reduce((most, { size }) => Math.max(most, size), 0)} octets.`;
  const rules = new Set(rows.flatMap((row) => Object.keys(row.rules)));
  const fitting = UNDECIDED.find((each) =>
    [...rules].every((name) => each.rules.some((one) => one === name)),
  );
  return fitting?.text ?? 'Nothing is decided yet. Ask again, or look at the reasons with --json.';
}
