/** Advice on TCP: what fails there, urgent only where it failed time and again and never worked (RFC 7766 §5). */
import { type Advice, STALLS, sayOf } from './advice-rule.ts';
import { count, list, OFTEN, sum, type Told } from './advice-words.ts';
import { tcpSwitch } from './remedy.ts';
import type { SummaryRow } from './summary.ts';
import { plural, times } from './words.ts';

/** One trial is an accident, or somebody who asked in the name of the source. */
const REPEATED = 2;

export const ON_TCP: readonly Advice[] = [
  {
    isUrgent: true,
    say: (told) =>
      !isBroken(untried(told), 'tc-no-tcp', 'silent-after-tc')
        ? []
        : sayOf(
            untried(told),
            (rows) =>
              `TCP fails: it was sent TC=1 for ${list(rows)} octets in ${plural(sum(rows, 'tc-no-tcp', 'silent-after-tc'), 'trial')} and never asked over TCP. Allow TCP to port 53, outbound, from this address, and check that TCP is not switched off in the resolver${tcpSwitch(told.software)}.`,
          ),
  },
  {
    isUrgent: true,
    say: ({ rows }) =>
      sayOf(isBroken(rows, 'tc-tcp-broken') ? withRule(rows, 'tc-tcp-broken') : [], (broken) =>
        breaks(broken, 'Look for a firewall that lets TCP to port 53 begin and then resets or forgets it.'),
      ),
  },
  {
    isUrgent: true,
    say({ rows }) {
      const stalled = rows.filter(
        (row) => row.tcp === 0 && (count(row, ...STALLS) > 0 || count(row, 'tcp-unproven') >= OFTEN),
      );
      const known = sum(stalled, ...STALLS) > 0 ? 'was not acknowledged' : 'shows no arrival';
      return sayOf(
        stalled,
        () =>
          `Asked over TCP for ${list(stalled)} octets in ${plural(sum(stalled, ...STALLS, 'tcp-unproven'), 'trial')}, it was answered, and the answer ${known}. Look for a link of the path whose MTU is below the MSS of TCP, or a firewall that closes TCP connections early: clamp the MSS (1220 fits every path), and let ICMP "packet too big" pass.`,
      );
    },
  },
  {
    isUrgent: false,
    say: (told) =>
      isBroken(untried(told), 'tc-no-tcp', 'silent-after-tc')
        ? []
        : sayOf(
            withRule(told.rows, 'tc-no-tcp'),
            (rows) =>
              `After TC=1 for ${list(rows)} octets it did not ask over TCP in ${plural(sum(rows, 'tc-no-tcp'), 'trial')}${hedge(told.rows)}`,
          ),
  },
  {
    isUrgent: false,
    say: ({ rows }) =>
      sayOf(isBroken(rows, 'tc-tcp-broken') ? [] : withRule(rows, 'tc-tcp-broken'), (broken) =>
        breaks(broken, `That proves little${hedge(rows)}`),
      ),
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

/** Rows in which TC=1 led to nothing. */
function untried({ rows }: Told): SummaryRow[] {
  return hasTcp(rows) ? [] : withRule(rows, 'tc-no-tcp', 'silent-after-tc');
}

function isBroken(rows: readonly SummaryRow[], ...names: Parameters<typeof count>[1][]): boolean {
  return !hasTcp(rows) && sum(rows, ...names) >= REPEATED;
}

function withRule(rows: readonly SummaryRow[], ...names: Parameters<typeof count>[1][]): SummaryRow[] {
  return rows.filter((row) => count(row, ...names) > 0);
}

function hasTcp(rows: readonly SummaryRow[]): boolean {
  return rows.some(({ tcp }) => tcp > 0);
}

function breaks(rows: readonly SummaryRow[], what: string): string {
  return `TCP breaks: it was sent TC=1 for ${list(rows)} octets in ${plural(sum(rows, 'tc-tcp-broken'), 'trial')} and opened TCP, and the connections ended before a query came. ${what}`;
}

/** Why it may mean nothing. */
function hedge(rows: readonly SummaryRow[]): string {
  const got = rows.reduce((total, { tcp }) => total + tcp, 0);
  return got > 0
    ? `, while it got answers over TCP ${times(got)}: TCP works as a rule.`
    : ': ask again, some minutes apart; where it happens again, look whether TCP to port 53 is open.';
}
