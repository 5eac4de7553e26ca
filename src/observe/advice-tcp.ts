/** Advice on TCP: what fails there, urgent only where it goes on and on while others get through (RFC 7766 §5). */
import { type Advice, sayOf } from './advice-rule.ts';
import { count, list, sum, type Told } from './advice-words.ts';
import { BASELINE } from './baseline.ts';
import { minuteOf } from './moment.ts';
import { tcpSwitch } from './remedy.ts';
import type { SummaryRow } from './summary.ts';
import type { Beside } from './tcp-baseline.ts';
import { STALLS, type TcpFailureKind } from './tcp-failures.ts';
import type { TcpFinding } from './tcp-finding.ts';
import type { RuleName } from './verdict-rules.ts';
import { plural, times } from './words.ts';

/** One kind of failure, and what is said of it. */
interface Failure {
  readonly kind: TcpFailureKind;
  /** Rules that are worth a word where they may be accidents. */
  readonly rules: readonly RuleName[];
  /** What happened, once it is no accident. */
  say(finding: TcpFinding): string;
  /** The same as a clause, of a few trials. */
  mention(sizes: string, trials: string): string;
  /** What others did where it failed. */
  readonly others: string;
  remedy(told: Told, finding: TcpFinding): string;
  /** Where to look when it happens again. */
  readonly where: string;
}

const FAILURES: readonly Failure[] = [
  {
    kind: 'untried',
    rules: ['tc-no-tcp'],
    say: (finding) =>
      `TCP fails${since(finding)}: it was sent TC=1 for ${sizesOf(finding)} octets in ${trialsOf(finding)} and ${finding.workedAt === null ? 'never asked over TCP' : 'asked no more over TCP'}${programs(finding)}.`,
    mention: (sizes, trials) => `After TC=1 for ${sizes} octets it did not ask over TCP in ${trials}`,
    others: 'reached this server over TCP',
    remedy: ({ software }, { programAt }) =>
      programAt === null
        ? `allow TCP to port 53, outbound, from this address, and check that TCP is not switched off in the resolver${tcpSwitch(software)}.`
        : `check that TCP is not switched off in the resolver${tcpSwitch(software)}, and that no firewall of its host lets only some programs out.`,
    where: 'look whether TCP to port 53 is open',
  },
  {
    kind: 'broken',
    rules: ['tc-tcp-broken'],
    say: (finding) =>
      `TCP breaks${since(finding)}: it was sent TC=1 for ${sizesOf(finding)} octets in ${trialsOf(finding)} and opened TCP, and the connections ended before a query came${programs(finding)}.`,
    mention: (sizes, trials) =>
      `TCP breaks: it was sent TC=1 for ${sizes} octets in ${trials} and opened TCP, and the connections ended before a query came. That proves little`,
    others: 'asked this server over TCP',
    remedy: () => 'look for a firewall that lets TCP to port 53 begin and then resets or forgets it.',
    where: 'look whether a firewall resets TCP to port 53',
  },
  {
    kind: 'stalled',
    rules: STALLS,
    say: (finding) =>
      `${finding.workedAt === null ? 'Asked' : `TCP stalls${since(finding)}: asked`} over TCP for ${sizesOf(finding)} octets in ${trialsOf(finding)}, it was answered, and the answer ${finding.isKnown ? 'was not acknowledged' : 'shows no arrival'}.`,
    mention: (sizes, trials) =>
      `Asked over TCP for ${sizes} octets in ${trials}, it was answered, and the answer was not acknowledged. That proves little`,
    others: 'received a long answer over TCP from this server',
    remedy: () =>
      'look for a link of the path whose MTU is below the MSS of TCP, or a firewall that closes TCP connections early: clamp the MSS (1220 fits every path), and let ICMP "packet too big" pass.',
    where: 'look for a link of the path whose MTU is below the MSS of TCP',
  },
];

export const ON_TCP: readonly Advice[] = [
  ...FAILURES.map(sure),
  ...FAILURES.map(doubtful),
  ...FAILURES.map(past),
  ...FAILURES.map(accidental),
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

/** It goes on and on, and others get through. */
function sure({ kind, say, remedy }: Failure): Advice {
  return {
    isUrgent: true,
    say(told) {
      const finding = told.tcp?.[kind];
      if (finding?.isRepeated !== true || finding.few !== null || !isCurrent(finding, told.rows)) return [];
      return [`${say(finding)} ${capitalize(remedy(told, finding))}`];
    },
  };
}

/** It goes on and on, and nobody can tell whose fault it is. */
function doubtful({ kind, say, others, remedy }: Failure): Advice {
  return {
    isUrgent: false,
    say(told) {
      const finding = told.tcp?.[kind];
      if (finding?.isRepeated !== true || finding.few === null) return [];
      const ours = `${beside(finding.few, others)}: the fault may be ours; \`padzone selftest --from\` with the address of this server tells, on another host.`;
      return [`${say(finding)} ${ours} If this server is well, ${remedy(told, finding)}`];
    },
  };
}

/** It went on and on, and nobody looked since. */
function past({ kind, say, remedy }: Failure): Advice {
  return {
    isUrgent: false,
    say(told) {
      const finding = told.tcp?.[kind];
      if (finding?.isRepeated !== true || finding.few !== null || isCurrent(finding, told.rows)) return [];
      return [
        `${say(finding)} The last such trial was at ${minuteOf(finding.lastAt)}, and none since says more: ask for s4096-tc to see. Where it fails again, ${remedy(told, finding)}`,
      ];
    },
  };
}

/** It may mean nothing. */
function accidental({ kind, rules, mention, where }: Failure): Advice {
  return {
    isUrgent: false,
    say: ({ rows, tcp }) =>
      sayOf(tcp?.[kind]?.isRepeated === true ? [] : withRule(rows, rules), (own) => {
        const clause = mention(list(own), plural(sum(own, ...rules), 'trial'));
        const got = tcp?.arrivals(kind === 'stalled' ? smallest(own) : 0) ?? 0;
        if (got === 0) return `${clause}: ask again, some minutes apart; where it happens again, ${where}.`;
        const goes =
          tcp?.[kind] === undefined
            ? 'TCP works as a rule'
            : 'ask again, some minutes apart, and see whether it goes on';
        return `${clause}, while it got answers over TCP ${times(got)}: ${goes}.`;
      }),
  };
}

function withRule(rows: readonly SummaryRow[], names: readonly RuleName[]): SummaryRow[] {
  return rows.filter((row) => count(row, ...names) > 0);
}

function sizesOf({ sizes }: TcpFinding): string {
  return list(sizes.map((size) => ({ size })));
}

function trialsOf({ sizes }: TcpFinding): string {
  return plural(sizes.length, 'trial');
}

/** ` since 2026-11-23 16:40 UTC, after it worked before`; nothing where it never did. */
function since({ workedAt, hadArrivals, since: at }: TcpFinding): string {
  if (workedAt === null) return '';
  return ` since ${minuteOf(at)}, after it ${hadArrivals ? 'worked' : 'asked over TCP'} before`;
}

/** Whether it is no long past: since the last failure the source was asked for nothing that took TCP. */
function isCurrent({ lastAt }: TcpFinding, rows: readonly SummaryRow[]): boolean {
  return rows.every(({ last_at: at }) => at - lastAt <= BASELINE.withinMs);
}

function programs({ programAt }: TcpFinding): string {
  return programAt === null ? '' : ', while a program such as dig asked over TCP from its address';
}

function smallest(rows: readonly SummaryRow[]): number {
  return rows.reduce((least, { size }) => Math.min(least, size), Number.POSITIVE_INFINITY);
}

function capitalize(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}`;
}

function beside({ networks, later }: Beside, others: string): string {
  const who = (number: number) =>
    number === 0 ? 'Nobody else' : number === 1 ? 'Only one other network' : `Only ${number} other networks`;
  return networks < BASELINE.networks
    ? `${who(networks)} ${others} within a day`
    : `${who(later)} ${others} since then`;
}
