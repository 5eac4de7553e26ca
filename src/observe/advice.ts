/** Advice: what the operator of a resolver can change, from the summary rows of one source address; THE TABLE. */
import {
  arrivedBeside,
  count,
  delivered,
  list,
  OFTEN,
  plural,
  silences,
  smallerBeside,
  sum,
  type Told,
  withRemedy,
} from './advice-words.ts';
import { tcpSwitch } from './remedy.ts';
import type { Software } from './software.ts';
import type { SummaryRow } from './summary.ts';
import type { RuleName } from './verdict-rules.ts';

interface Advice {
  /** True where something is broken for users now. */
  readonly isUrgent: boolean;
  /** The words, none where the advice does not apply. */
  say(told: Told): readonly string[];
}

const ADVICE: readonly Advice[] = [
  {
    isUrgent: true,
    say({ rows, software }) {
      const silent = rows.filter((row) => count(row, 'silent-after-tc') > 0);
      const isRepeated = sum(silent, 'silent-after-tc') > 1 && rows.every(({ tcp }) => tcp === 0);
      const failed = rows.filter(
        (row) => count(row, 'tc-no-tcp') > 0 || (isRepeated && silent.includes(row)),
      );
      const times = sum(failed, 'tc-no-tcp') + (isRepeated ? sum(silent, 'silent-after-tc') : 0);
      return failed.length === 0
        ? []
        : [
            `TCP fails: it was sent TC=1 for ${list(failed)} octets in ${plural(times, 'trial')} and never asked over TCP. Allow TCP to port 53, outbound, from this address, and check that TCP is not switched off in the resolver${tcpSwitch(software)}.`,
          ];
    },
  },
  {
    isUrgent: true,
    say({ rows }) {
      const broken = rows.filter((row) => count(row, 'tc-tcp-broken') > 0);
      return broken.length === 0
        ? []
        : [
            `TCP breaks: it was sent TC=1 for ${list(broken)} octets in ${plural(sum(broken, 'tc-tcp-broken'), 'trial')} and opened TCP, and the connections ended before a query came. Look for a firewall that lets TCP to port 53 begin and then resets or forgets it.`,
          ];
    },
  },
  {
    isUrgent: true,
    say: (told) =>
      withRemedy(
        told,
        (row) => row.ability === 'CANNOT' && delivered(row) === 0,
        (lost) => `${cannot(lost)} Nothing shows that it gets them in another way.`,
      ),
  },
  {
    isUrgent: true,
    say: (told) =>
      withRemedy(
        told,
        (row) => isOpen(row) && count(row, 'loss-retries') > 0 && row.arrived === 0,
        (failed) =>
          `Answers of ${list(failed)} octets over UDP show no sign of arrival, and it does not try TCP.`,
      ),
  },
  {
    isUrgent: true,
    say: (told) =>
      withRemedy(
        told,
        (row) => isOpen(row) && smallerBeside(row, told.rows) !== undefined,
        (silent) =>
          `Silent ${silences(silent)}, while ${arrivedBeside(silent, told.rows)}. It asks over UDP only once.`,
      ),
  },
  {
    isUrgent: true,
    say({ rows }) {
      const stalled = rows.filter(
        (row) => row.tcp === 0 && (count(row, ...STALLS) > 0 || count(row, 'tcp-unproven') >= OFTEN),
      );
      const known = sum(stalled, ...STALLS) > 0 ? 'was not acknowledged' : 'shows no arrival';
      return stalled.length === 0
        ? []
        : [
            `Asked over TCP for ${list(stalled)} octets in ${plural(sum(stalled, ...STALLS, 'tcp-unproven'), 'trial')}, it was answered, and the answer ${known}. Look for a link of the path whose MTU is below the MSS of TCP, or a firewall that closes TCP connections early: clamp the MSS (1220 fits every path), and let ICMP "packet too big" pass.`,
          ];
    },
  },
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        (row) => row.ability === 'CANNOT' && delivered(row) > 0,
        (lost) => `${cannot(lost)} The resolver recovers, but users wait.`,
      ),
  },
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        (row) => isOpen(row) && row.recovered > 0 && row.arrived === 0,
        (lost) => `Answers of ${list(lost)} octets over UDP get lost; the resolver recovers, but users wait.`,
      ),
  },
  {
    isUrgent: false,
    say: (told) =>
      withRemedy(
        told,
        ({ ability }) => ability === 'FLAKY',
        (flaky) =>
          `Over UDP only sometimes: ${flaky.map(({ arrived, tried, size }) => `${arrived} of ${tried} answers of ${size} octets arrived`).join(', ')}. Look for a path or firewall that differs between tries.`,
      ),
  },
  {
    isUrgent: false,
    say({ rows }) {
      const few = rows.filter(
        (row) => isOpen(row) && count(row, 'silent') > 0 && count(row, 'silent') < OFTEN,
      );
      return few.length === 0
        ? []
        : [
            `Silent ${silences(few)}: that proves nothing yet. Ask again, at least three times, some minutes apart.`,
          ];
    },
  },
  {
    isUrgent: false,
    say({ rows }) {
      const alone = rows.filter(
        (row) =>
          isOpen(row) && count(row, 'silent') >= OFTEN && delivered(row) === 0 && !smallerBeside(row, rows),
      );
      return alone.length === 0
        ? []
        : [
            `Silent ${silences(alone)}, and no smaller answer arrived meanwhile. Ask for s512 as well: when that arrives, the size is to blame.`,
          ];
    },
  },
  {
    isUrgent: false,
    say({ rows }) {
      const refused = sum(rows, 'tcp-refused');
      return refused === 0
        ? []
        : [
            `In ${plural(refused, 'trial')} this server itself closed TCP connections at its limits (tcp_connections, tcp_per_source): ask again when it is less busy.`,
          ];
    },
  },
];

/** Rules by which an answer over TCP left and was not acknowledged. */
const STALLS = ['tc-tcp-stall', 'loss-tcp-stall'] as const satisfies readonly RuleName[];

export interface SourceAdvice {
  readonly isUrgent: boolean;
  readonly text: string;
}

/**
 * What to tell the operator of one source; at least one sentence where there are rows, the urgent ones first.
 *
 * @param software what the source seems to run, whose settings are then the only ones named
 */
export function adviseSource(rows: readonly SummaryRow[], software?: Software): SourceAdvice[] {
  if (rows.length === 0) return [];
  const found = ADVICE.flatMap(({ isUrgent, say }) =>
    say({ rows, software }).map((text) => ({ isUrgent, text })),
  );
  return found.length > 0 ? found : [{ isUrgent: false, text: nothingToDo(rows) }];
}

/** Whether nobody has shown yet that the size cannot arrive: then that is what there is to say. */
function isOpen({ ability }: SummaryRow): boolean {
  return ability !== 'CANNOT';
}

function cannot(rows: readonly SummaryRow[]): string {
  const tried = rows.reduce((total, row) => total + row.tried, 0);
  return `Answers of ${list(rows)} octets cannot reach it over UDP: none of ${tried} arrived, while smaller ones did before and after, and other networks received that size.`;
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
  const arrived = rows.filter((row) => delivered(row) > 0).map(({ size }) => size);
  if (arrived.length > 0)
    return `Nothing to change: all that was decided arrived, up to ${Math.max(...arrived)} octets.`;
  const rules = new Set(rows.flatMap((row) => Object.keys(row.rules)));
  const fitting = UNDECIDED.find((each) =>
    [...rules].every((name) => each.rules.some((one) => one === name)),
  );
  return fitting?.text ?? 'Nothing is decided yet. Ask again, or look at the reasons with --json.';
}
