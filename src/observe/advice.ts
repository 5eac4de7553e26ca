/** Advice: what the operator of a resolver can change, from the summary rows of one source address; THE TABLE. */
import type { SummaryRow } from './summary.ts';
import type { VerdictClass } from './verdict-class.ts';

/** An EDNS size whose answers need no fragments on any IPv6 path (RFC 9715 §3, and the 2020 flag day). */
const SAFE_OCTETS = 1232;

const EDNS_SETTINGS =
  'BIND edns-udp-size, Unbound edns-buffer-size, Knot Resolver net.bufsize, PowerDNS Recursor edns-outgoing-bufsize';

interface Advice {
  /** True where something is broken for users now. */
  readonly isUrgent: boolean;
  /** The words, or undefined where the advice does not apply. */
  say(rows: readonly SummaryRow[]): string | undefined;
}

const ADVICE: readonly Advice[] = [
  {
    isUrgent: true,
    say(rows) {
      const failed = sizesOf(rows, 'TC_NO_TCP');
      return failed.length === 0
        ? undefined
        : `TCP fails: it was told to use TCP for ${list(failed)} octets and never did. Allow TCP to port 53, outbound, from this address, and check that TCP is not switched off in the resolver.`;
    },
  },
  {
    isUrgent: true,
    say(rows) {
      const failed = sizesOf(rows, 'LOSS_RETRY_FAIL');
      return failed.length === 0
        ? undefined
        : `Answers of ${list(failed)} octets over UDP show no sign of arrival, and it does not try TCP. ${remedy(failed)}`;
    },
  },
  {
    isUrgent: false,
    say(rows) {
      const lost = sizesOf(rows, 'LOSS_TCP_OK', 'UDP_OK_SMALLER');
      return lost.length === 0
        ? undefined
        : `Answers of ${list(lost)} octets over UDP get lost; the resolver recovers, but users wait. ${remedy(lost)}`;
    },
  },
  {
    isUrgent: false,
    say(rows) {
      const flaky = rows.filter(({ ability }) => ability === 'FLAKY').map(({ size }) => size);
      return flaky.length === 0
        ? undefined
        : `Answers of ${list(flaky)} octets over UDP arrive only sometimes: look for a path or firewall that differs between tries. ${remedy(flaky)}`;
    },
  },
  {
    isUrgent: false,
    say(rows) {
      const silent = sizesOf(rows, 'SILENT');
      return silent.length === 0
        ? undefined
        : `Once silent at ${list(silent)} octets: that proves nothing. Ask again, at least three times, some minutes apart.`;
    },
  },
];

export interface SourceAdvice {
  readonly isUrgent: boolean;
  readonly text: string;
}

/** What to tell the operator of one source; at least one sentence, the urgent ones first. */
export function adviseSource(rows: readonly SummaryRow[]): SourceAdvice[] {
  const found = ADVICE.flatMap(({ isUrgent, say }) => {
    const text = say(rows);
    return text === undefined ? [] : [{ isUrgent, text }];
  });
  return found.length > 0 ? found : [{ isUrgent: false, text: nothingToDo(rows) }];
}

function nothingToDo(rows: readonly SummaryRow[]): string {
  const arrived = rows.filter((row) => row.whole + row.fragments + row.tcp > 0).map(({ size }) => size);
  if (arrived.length === 0) return 'Nothing is decided yet. Ask again, or look at the reasons with --json.';
  return `Nothing to change: all that was decided arrived, up to ${Math.max(...arrived)} octets.`;
}

function remedy(sizes: readonly number[]): string {
  return Math.min(...sizes) > SAFE_OCTETS
    ? `Either let UDP fragments pass the firewall, or offer less: EDNS size ${SAFE_OCTETS} (${EDNS_SETTINGS}), with TCP to port 53 open.`
    : `Sizes up to ${SAFE_OCTETS} octets should pass any path: look for a firewall that drops long or signed DNS answers.`;
}

function sizesOf(rows: readonly SummaryRow[], ...classes: readonly VerdictClass[]): number[] {
  const sizes = rows
    .filter((row) => classes.some((name) => (row.classes[name] ?? 0) > 0))
    .map(({ size }) => size);
  return [...new Set(sizes)].sort((a, b) => a - b);
}

/** `1472`, `1472 and 2048`, `1472, 2048 and 4096`. */
function list(sizes: readonly number[]): string {
  const texts = sizes.map(String);
  const last = texts.pop() ?? '';
  return texts.length === 0 ? last : `${texts.join(', ')} and ${last}`;
}
