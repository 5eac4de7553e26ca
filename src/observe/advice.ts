/** Advice: what the operator of a resolver can change, from the summary rows of one source address; THE TABLE. */
import { remedyOf } from './remedy.ts';
import type { SummaryRow } from './summary.ts';
import type { RuleName } from './verdict-rules.ts';

/** So many silences of one kind are no accident: at 2% loss they come together once in 125,000 times. */
const OFTEN = 3;

interface Advice {
  /** True where something is broken for users now. */
  readonly isUrgent: boolean;
  /** The words, none where the advice does not apply. */
  say(rows: readonly SummaryRow[]): readonly string[];
}

const ADVICE: readonly Advice[] = [
  {
    isUrgent: true,
    say(rows) {
      const silent = rows.filter((row) => count(row, 'silent-after-tc') > 0);
      const isRepeated = sum(silent, 'silent-after-tc') > 1 && rows.every(({ tcp }) => tcp === 0);
      const failed = rows.filter(
        (row) => count(row, 'tc-no-tcp') > 0 || (isRepeated && silent.includes(row)),
      );
      const times = sum(failed, 'tc-no-tcp') + (isRepeated ? sum(silent, 'silent-after-tc') : 0);
      return failed.length === 0
        ? []
        : [
            `TCP fails: it was sent TC=1 for ${list(failed)} octets in ${plural(times, 'trial')} and never asked over TCP. Allow TCP to port 53, outbound, from this address, and check that TCP is not switched off in the resolver.`,
          ];
    },
  },
  {
    isUrgent: true,
    say: (rows) =>
      withRemedy(
        rows,
        (row) => count(row, 'loss-retries') > 0 && row.arrived === 0,
        (failed) =>
          `Answers of ${list(failed)} octets over UDP show no sign of arrival, and it does not try TCP.`,
      ),
  },
  {
    isUrgent: true,
    say: (rows) =>
      withRemedy(
        rows,
        (row) => smallerBeside(row, rows) !== undefined,
        (silent) =>
          `${capital(silent.map((row) => `silent ${count(row, 'silent')} of ${trialsOf(row)} times at ${row.size} octets`).join(', '))}, while ${arrivedBeside(silent, rows)}. It asks over UDP only once.`,
      ),
  },
  {
    isUrgent: true,
    say(rows) {
      const stalled = rows.filter((row) => row.tcp === 0 && count(row, 'tcp-unproven') >= OFTEN);
      return stalled.length === 0
        ? []
        : [
            `Asked over TCP for ${list(stalled)} octets in ${plural(sum(stalled, 'tcp-unproven'), 'trial')}, it was answered, and nothing shows an arrival. Look for a link of the path whose MTU is below the MSS of TCP, or a firewall that closes TCP connections early: clamp the MSS (1220 fits every path), and let ICMP "packet too big" pass.`,
          ];
    },
  },
  {
    isUrgent: false,
    say: (rows) =>
      withRemedy(
        rows,
        ({ recovered, arrived }) => recovered > 0 && arrived === 0,
        (lost) => `Answers of ${list(lost)} octets over UDP get lost; the resolver recovers, but users wait.`,
      ),
  },
  {
    isUrgent: false,
    say: (rows) =>
      withRemedy(
        rows,
        ({ ability }) => ability === 'FLAKY',
        (flaky) =>
          `Over UDP only sometimes: ${flaky.map(({ arrived, tried, size }) => `${arrived} of ${tried} answers of ${size} octets arrived`).join(', ')}. Look for a path or firewall that differs between tries.`,
      ),
  },
  {
    isUrgent: false,
    say(rows) {
      const few = rows.filter((row) => count(row, 'silent') > 0 && count(row, 'silent') < OFTEN);
      return few.length === 0
        ? []
        : [
            `Silent ${few.map((row) => `${count(row, 'silent')} of ${trialsOf(row)} times at ${row.size}`).join(', ')} octets: that proves nothing yet. Ask again, at least three times, some minutes apart.`,
          ];
    },
  },
  {
    isUrgent: false,
    say(rows) {
      const alone = rows.filter(
        (row) =>
          count(row, 'silent') >= OFTEN &&
          row.whole + row.fragments + row.tcp === 0 &&
          !smallerBeside(row, rows),
      );
      return alone.length === 0
        ? []
        : [
            `Silent ${alone.map((row) => `${count(row, 'silent')} of ${trialsOf(row)} times at ${row.size}`).join(', ')} octets, and no smaller answer arrived meanwhile. Ask for s512 as well: when that arrives, the size is to blame.`,
          ];
    },
  },
  {
    isUrgent: false,
    say(rows) {
      const refused = sum(rows, 'tcp-refused');
      return refused === 0
        ? []
        : [
            `In ${plural(refused, 'trial')} this server itself closed TCP connections at its limits (tcp_connections, tcp_per_source): ask again when it is less busy.`,
          ];
    },
  },
];

export interface SourceAdvice {
  readonly isUrgent: boolean;
  readonly text: string;
}

/** What to tell the operator of one source; at least one sentence where there are rows, the urgent ones first. */
export function adviseSource(rows: readonly SummaryRow[]): SourceAdvice[] {
  if (rows.length === 0) return [];
  const found = ADVICE.flatMap(({ isUrgent, say }) => say(rows).map((text) => ({ isUrgent, text })));
  return found.length > 0 ? found : [{ isUrgent: false, text: nothingToDo(rows) }];
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
  const arrived = rows.filter((row) => row.whole + row.fragments + row.tcp > 0).map(({ size }) => size);
  if (arrived.length > 0)
    return `Nothing to change: all that was decided arrived, up to ${Math.max(...arrived)} octets.`;
  const rules = new Set(rows.flatMap((row) => Object.keys(row.rules)));
  const fitting = UNDECIDED.find((each) =>
    [...rules].every((name) => each.rules.some((one) => one === name)),
  );
  return fitting?.text ?? 'Nothing is decided yet. Ask again, or look at the reasons with --json.';
}

/** One text for each remedy, with the sizes that share it. */
function withRemedy(
  rows: readonly SummaryRow[],
  applies: (row: SummaryRow) => boolean,
  say: (rows: readonly SummaryRow[]) => string,
): string[] {
  const byRemedy = new Map<string, SummaryRow[]>();
  for (const row of rows.filter(applies)) {
    const remedy = remedyOf(row, rows);
    byRemedy.set(remedy, [...(byRemedy.get(remedy) ?? []), row]);
  }
  return [...byRemedy].map(([remedy, own]) => `${say(own)} ${remedy}`);
}

/** The largest smaller size that arrived while `row` was silent time and again; undefined where silence is no finding. */
function smallerBeside(row: SummaryRow, rows: readonly SummaryRow[]): SummaryRow | undefined {
  if (count(row, 'silent') < OFTEN || row.whole + row.fragments + row.tcp > 0) return undefined;
  return rows
    .filter(({ size, whole, fragments, tcp }) => size < row.size && whole + fragments + tcp > 0)
    .filter(({ first_at, last_at }) => first_at <= row.last_at && last_at >= row.first_at)
    .sort((a, b) => b.size - a.size)[0];
}

function arrivedBeside(silent: readonly SummaryRow[], rows: readonly SummaryRow[]): string {
  const smaller = silent.flatMap((row) => smallerBeside(row, rows) ?? [])[0];
  if (smaller === undefined) return 'smaller ones arrived';
  return `${smaller.size} octets arrived ${times(smaller.whole + smaller.fragments + smaller.tcp)}`;
}

function trialsOf({ rules }: SummaryRow): number {
  return Object.values(rules).reduce((total, number) => total + number, 0);
}

function count({ rules }: SummaryRow, name: RuleName): number {
  return rules[name] ?? 0;
}

function sum(rows: readonly SummaryRow[], name: RuleName): number {
  return rows.reduce((total, row) => total + count(row, name), 0);
}

/** `1472`, `1472 and 2048`, `1472, 2048 and 4096`. */
function list(rows: readonly SummaryRow[]): string {
  const texts = [...new Set(rows.map(({ size }) => size))].sort((a, b) => a - b).map(String);
  const last = texts.pop() ?? '';
  return texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
}

function times(number: number): string {
  return number === 1 ? 'once' : `${number} times`;
}

function plural(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1);
}
