/** Verdict rules: tried from top to bottom, the first that holds decides. A class may have more than one rule. */
import { type Attempt, attemptsOfRetriers, isFragmented, isProven, isRetryOf } from './attempt.ts';
import { networkOf } from './network.ts';
import type { Trial } from './trial.ts';
import type { VerdictClass } from './verdict-class.ts';

/** A trial sorted into what the rules ask about; all lists in order of time and without unclean attempts. */
export interface TrialView {
  readonly trial: Trial;
  readonly clean: readonly Attempt[];
  readonly udp: readonly Attempt[];
  /** UDP answers of the whole size that could have proven their arrival. */
  readonly full: readonly Attempt[];
  /** UDP answers with TC=1. */
  readonly truncated: readonly Attempt[];
  readonly tcp: readonly Attempt[];
  /** True when we listened long enough for silence to count. */
  readonly isClosed: boolean;
}

export interface Ground {
  readonly sentence: string;
  /** The attempts that decided. */
  readonly attempts: readonly Attempt[];
  /** The attempt that brought the size, where one did. */
  readonly winner?: Attempt;
}

interface Rule {
  /** Names the rule for ever; a verdict cites it. */
  readonly name: string;
  readonly class: VerdictClass;
  /** When it holds, given that none above does; for docs/verdicts.md. */
  readonly when: string;
  /** The ground on which the class holds, or undefined. */
  holds(view: TrialView): Ground | undefined;
}

export const RULES = [
  {
    name: 'withheld',
    class: 'EXCLUDED',
    when: 'no answer of the size was ever sent, or only spoiled ones',
    holds({ trial: { attempts, gates, size }, clean }) {
      const isWithheld =
        attempts.length === 0 ? gates.some(({ excluded }) => excluded !== '') : clean.length === 0;
      return isWithheld
        ? {
            attempts,
            sentence: `This server never sent an answer of ${octets(size)} here (limit, missing proof, a size that cannot be made, or a fault that the name asks for): nothing was measured.`,
          }
        : undefined;
    },
  },
  {
    name: 'udp-whole',
    class: 'UDP_OK_WHOLE',
    when: 'the first whole UDP answer arrived, in one packet',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first) || isFragmented(first)) return undefined;
      return won(first, [first], `${octets(first.sent)} arrived over UDP in one packet.`);
    },
  },
  {
    name: 'udp-fragments',
    class: 'UDP_OK_FRAG',
    when: 'the first whole UDP answer arrived, in fragments',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first)) return undefined;
      return won(first, [first], `${octets(first.sent)} arrived over UDP in ${fragments(first)}.`);
    },
  },
  {
    name: 'udp-retry',
    class: 'UDP_OK_RETRY',
    when: 'a later UDP answer to the same or a larger EDNS size arrived',
    holds({ full }) {
      const [first] = full;
      const winner = full.find((each) => isProven(each) && each.offered >= (first?.offered ?? 0));
      if (first === undefined || winner === undefined) return undefined;
      const tries = full.indexOf(winner) + 1;
      return won(
        winner,
        full.slice(0, tries),
        `${octets(winner.sent)} arrived over UDP in ${fragments(winner)} at try ${tries}; before it nothing shows an arrival.`,
      );
    },
  },
  {
    name: 'udp-smaller',
    class: 'UDP_OK_SMALLER',
    when: 'after a loss, a query with a smaller EDNS size got the size over UDP, or TC=1 and then TCP',
    holds({ full: [first], udp, tcp }) {
      if (first === undefined) return undefined;
      const smaller = udp
        .filter((each) => each.at >= first.at && each.offered < first.offered)
        .find((each) => (each.tc ? provenAfter(tcp, each) !== undefined : isProven(each)));
      if (smaller === undefined) return undefined;
      const winner = smaller.tc ? provenAfter(tcp, smaller) : smaller;
      const how = smaller.tc ? 'was sent TC=1 and got it over TCP' : 'got it over UDP';
      return {
        ...(winner && { winner }),
        attempts: [first, smaller, ...(winner === undefined || winner === smaller ? [] : [winner])],
        sentence: `Over UDP ${octets(first.sent)} show no arrival with EDNS ${first.offered}; asked again with EDNS ${smaller.offered} it ${how}.`,
      };
    },
  },
  {
    name: 'tc-tcp',
    class: 'TC_TCP_OK',
    when: 'after TC=1, the answer over TCP arrived',
    holds({ truncated: [truncated], tcp }) {
      const winner = truncated && provenAfter(tcp, truncated);
      if (truncated === undefined || winner === undefined) return undefined;
      return won(winner, [truncated, winner], `Sent TC=1 over UDP, it got ${octets(winner.sent)} over TCP.`);
    },
  },
  {
    name: 'loss-tcp',
    class: 'LOSS_TCP_OK',
    when: 'after a loss over UDP, without TC=1, the answer over TCP arrived',
    holds({ full: [first], tcp }) {
      const winner = first && provenAfter(tcp, first);
      if (first === undefined || winner === undefined) return undefined;
      return won(
        winner,
        [first, winner],
        `Over UDP ${octets(first.sent)} show no arrival; it then asked over TCP by itself and got them.`,
      );
    },
  },
  {
    name: 'tcp-direct',
    class: 'TCP_DIRECT',
    when: 'the first query came over TCP',
    holds({ trial: { attempts }, tcp }) {
      if (attempts[0]?.proto === 'udp' || tcp.length === 0) return undefined;
      const winner = tcp.find(isProven);
      if (winner !== undefined)
        return won(winner, [winner], `It asked over TCP at once and got ${octets(winner.sent)}.`);
      return attempts.some(({ proto }) => proto === 'udp')
        ? undefined
        : { attempts: tcp, sentence: 'It asked over TCP at once; nothing shows that the answer arrived.' };
    },
  },
  {
    name: 'tcp-after-withheld',
    class: 'EXCLUDED',
    when: 'the answer over TCP arrived; nothing else of the trial could show an arrival',
    holds({ tcp }) {
      const winner = tcp.find(isProven);
      return (
        winner &&
        won(
          winner,
          [winner],
          `${octets(winner.sent)} arrived over TCP; what this server sent over UDP before it could not show an arrival.`,
        )
      );
    },
  },
  {
    name: 'receipt-elsewhere',
    class: 'INDETERMINATE',
    when: 'the receipt was asked by an address that the run does not know',
    holds: ({ trial: { strangers, attempts } }) =>
      strangers.length > 0
        ? {
            attempts,
            sentence: `The answer arrived somewhere, but its receipt was asked by ${strangers[0]?.src ?? ''}, an address that this run does not know otherwise.`,
          }
        : undefined,
  },
  {
    name: 'receipt-late',
    class: 'INDETERMINATE',
    when: 'the receipt came for the first time after its window of a minute',
    holds: ({ trial: { late, attempts } }) =>
      late.length > 0
        ? {
            attempts,
            sentence: 'Its receipt came late, more than a minute after the answer: it arrived somewhere.',
          }
        : undefined,
  },
  {
    name: 'gate-only',
    class: 'INDETERMINATE',
    when: 'the opening name was asked, the measured one never',
    holds: ({ trial }) =>
      trial.attempts.length === 0
        ? {
            attempts: [],
            sentence:
              'It asked the opening name and did not follow the small answer: not a resolver, or even that answer was lost.',
          }
        : undefined,
  },
  {
    name: 'too-early',
    class: 'INDETERMINATE',
    when: 'the records of a node that saw it end less than a minute after its last row',
    holds: ({ trial, isClosed }) =>
      isClosed
        ? undefined
        : {
            attempts: trial.attempts,
            sentence: 'Too early to tell: the records end less than a minute after its last row.',
          },
  },
  {
    name: 'partly-withheld',
    class: 'EXCLUDED',
    when: 'a part of the answers was withheld or spoiled by this server',
    holds: ({ trial: { attempts }, clean }) =>
      clean.length < attempts.length
        ? {
            attempts,
            sentence:
              'This server withheld or spoiled a part of its answers (limit, missing proof, or a fault that the name asks for): the silence may be our doing.',
          }
        : undefined,
  },
  {
    name: 'tcp-refused',
    class: 'EXCLUDED',
    when: 'this server closed a TCP connection of one of its addresses at its own limits',
    holds: ({ trial: { refused, attempts } }) =>
      refused.length > 0
        ? {
            attempts,
            sentence: `This server closed ${refused.length === 1 ? 'a TCP connection' : `${refused.length} TCP connections`} of that address at its own limits: the silence may be our doing.`,
          }
        : undefined,
  },
  {
    name: 'tcp-unproven',
    class: 'INDETERMINATE',
    when: 'asked over TCP and answered, no sign of arrival',
    holds: ({ tcp }) =>
      tcp.length > 0
        ? {
            attempts: tcp,
            sentence: 'It asked over TCP and was answered; nothing shows that the answer arrived.',
          }
        : undefined,
  },
  {
    name: 'tc-no-tcp',
    class: 'TC_NO_TCP',
    when: 'TC=1 that arrived (its cookie came back) or after which the same network asked again, and no TCP',
    // One TC=1 alone may be what got lost.
    holds({ truncated, udp }) {
      const attempts = truncated.filter((each) => isHeeded(each, udp));
      return attempts.length > 0
        ? {
            attempts,
            sentence: `Sent TC=1 over UDP ${times(truncated.length)}, it ${attempts.some(isProven) ? 'received that and' : 'asked again over UDP and'} never asked over TCP within a minute.`,
          }
        : undefined;
    },
  },
  {
    name: 'loss-retries',
    class: 'LOSS_RETRY_FAIL',
    when: 'one network (/24, /48) was sent it at least twice, 200 ms or more apart, for one TYPE; no arrival, no TCP',
    holds({ full }) {
      const attempts = attemptsOfRetriers(full);
      return attempts.length > 1
        ? {
            attempts,
            sentence: `${octets(attempts[0]?.sent ?? 0)} were sent over UDP ${times(attempts.length)}; none shows an arrival, and it never asked over TCP.`,
          }
        : undefined;
    },
  },
  {
    name: 'several-networks',
    class: 'INDETERMINATE',
    when: 'several networks were sent it, none twice: nobody knows whose loss it is',
    holds({ clean }) {
      const networks = new Set(clean.map(({ src }) => networkOf(src))).size;
      return networks > 1
        ? {
            attempts: clean,
            sentence: `${networks} networks asked for it, none of them again, and nothing shows an arrival: whose loss it was is open.`,
          }
        : undefined;
    },
  },
  {
    name: 'silent-after-tc',
    class: 'SILENT',
    when: 'TC=1 once, nothing more',
    holds: ({ truncated }) =>
      truncated.length > 0
        ? {
            attempts: truncated,
            sentence: `Sent TC=1 over UDP ${times(truncated.length)}, and nothing more was heard: even that answer may be lost.`,
          }
        : undefined,
  },
  {
    name: 'silent',
    class: 'SILENT',
    when: 'the size over UDP once, or several times in one go; nothing more',
    holds: ({ full }) =>
      full.length > 0
        ? {
            attempts: full,
            sentence: `${octets(full[0]?.sent ?? 0)} were sent over UDP ${full.length === 1 ? 'once' : `${full.length} times in one go`}, and nothing more was heard: one silence proves nothing.`,
          }
        : undefined,
  },
  {
    name: 'no-receipt',
    class: 'INDETERMINATE',
    when: 'all that is left: the answer carried no receipt',
    holds: ({ clean }) => ({
      attempts: clean,
      sentence: 'The answer carried no receipt, so an arrival could not show itself.',
    }),
  },
] as const satisfies readonly Rule[];

export type RuleName = (typeof RULES)[number]['name'];

/** Whether a TC=1 answer is hardly what got lost: its cookie came back, or its network asked the same again. */
function isHeeded(truncated: Attempt, udp: readonly Attempt[]): boolean {
  const isOfNetwork = ({ src }: Attempt) => networkOf(src) === networkOf(truncated.src);
  return isProven(truncated) || udp.some((later) => isOfNetwork(later) && isRetryOf(later, truncated));
}

function won(winner: Attempt, attempts: readonly Attempt[], sentence: string): Ground {
  return { winner, attempts, sentence };
}

/** Only what came after `earlier` can be a consequence of it. */
function provenAfter(attempts: readonly Attempt[], earlier: Attempt): Attempt | undefined {
  return attempts.find((each) => isProven(each) && each.at >= earlier.at);
}

function fragments(attempt: Attempt): string {
  if (!isFragmented(attempt)) return 'one packet';
  return attempt.fragments === 0 ? 'fragments' : `${attempt.fragments} fragments`;
}

function octets(count: number): string {
  return `${count} octets`;
}

function times(count: number): string {
  return count === 1 ? 'once' : `${count} times`;
}
