/** Verdict rules: tried from top to bottom, the first that holds decides. A class may have more than one rule. */
import type { Attempt } from './attempt.ts';
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
  readonly class: VerdictClass;
  /** The ground on which the class holds, or undefined. */
  holds(view: TrialView): Ground | undefined;
}

export const RULES: readonly Rule[] = [
  {
    class: 'EXCLUDED',
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
    class: 'UDP_OK_WHOLE',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first) || isFragmented(first)) return undefined;
      return won(first, [first], `${octets(first.sent)} arrived over UDP in one packet.`);
    },
  },
  {
    class: 'UDP_OK_FRAG',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first)) return undefined;
      return won(first, [first], `${octets(first.sent)} arrived over UDP in ${fragments(first)}.`);
    },
  },
  {
    class: 'UDP_OK_RETRY',
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
    class: 'UDP_OK_SMALLER',
    holds({ full: [first], udp, tcp }) {
      if (first === undefined) return undefined;
      const overTcp = tcp.find(isProven);
      const smaller = udp.find(
        (each) =>
          each.at >= first.at &&
          each.offered < first.offered &&
          (each.tc ? overTcp !== undefined : isProven(each)),
      );
      if (smaller === undefined) return undefined;
      const winner = smaller.tc ? overTcp : smaller;
      const how = smaller.tc ? 'was told TC=1 and got it over TCP' : 'got it over UDP';
      return {
        ...(winner && { winner }),
        attempts: [first, smaller, ...(smaller.tc && overTcp ? [overTcp] : [])],
        sentence: `Over UDP ${octets(first.sent)} show no arrival with EDNS ${first.offered}; asked again with EDNS ${smaller.offered} it ${how}.`,
      };
    },
  },
  {
    class: 'TC_TCP_OK',
    holds({ truncated: [truncated], tcp }) {
      const winner = tcp.find(isProven);
      if (truncated === undefined || winner === undefined) return undefined;
      return won(winner, [truncated, winner], `Told TC=1 over UDP, it got ${octets(winner.sent)} over TCP.`);
    },
  },
  {
    class: 'LOSS_TCP_OK',
    holds({ full: [first], tcp }) {
      const winner = tcp.find(isProven);
      if (first === undefined || winner === undefined) return undefined;
      return won(
        winner,
        [first, winner],
        `Over UDP ${octets(first.sent)} show no arrival; it then asked over TCP by itself and got them.`,
      );
    },
  },
  {
    class: 'TCP_DIRECT',
    holds({ trial, tcp }) {
      const winner = tcp.find(isProven);
      if (trial.attempts.some(({ proto }) => proto === 'udp') || tcp.length === 0) return undefined;
      return winner === undefined
        ? { attempts: tcp, sentence: 'It asked over TCP at once; nothing shows that the answer arrived.' }
        : won(winner, [winner], `It asked over TCP at once and got ${octets(winner.sent)}.`);
    },
  },
  {
    class: 'INDETERMINATE',
    holds: ({ trial: { strangers, attempts } }) =>
      strangers.length > 0
        ? {
            attempts,
            sentence: `The answer arrived somewhere, but its receipt was asked by ${strangers[0]?.src ?? ''}, an address that this run does not know otherwise.`,
          }
        : undefined,
  },
  {
    class: 'INDETERMINATE',
    holds: ({ trial, isClosed }) =>
      isClosed
        ? undefined
        : {
            attempts: trial.attempts,
            sentence: 'Too early to tell: the last row is less than a minute old.',
          },
  },
  {
    class: 'INDETERMINATE',
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
    class: 'EXCLUDED',
    holds: ({ trial, clean }) =>
      clean.length < trial.attempts.length
        ? {
            attempts: trial.attempts,
            sentence:
              'This server withheld or spoiled a part of its answers (limit, missing proof, or a fault that the name asks for): the silence may be our doing.',
          }
        : undefined,
  },
  {
    class: 'INDETERMINATE',
    holds: ({ tcp }) =>
      tcp.length > 0
        ? {
            attempts: tcp,
            sentence: 'It asked over TCP and was answered; nothing shows that the answer arrived.',
          }
        : undefined,
  },
  {
    class: 'TC_NO_TCP',
    holds: ({ truncated }) =>
      truncated.length > 0
        ? {
            attempts: truncated,
            sentence: `Told TC=1 over UDP ${times(truncated.length)}, it never asked over TCP within a minute.`,
          }
        : undefined,
  },
  {
    class: 'LOSS_RETRY_FAIL',
    holds: ({ full }) =>
      full.length > 1
        ? {
            attempts: full,
            sentence: `${octets(full[0]?.sent ?? 0)} were sent over UDP ${times(full.length)}; none shows an arrival, and it never asked over TCP.`,
          }
        : undefined,
  },
  {
    class: 'SILENT',
    holds: ({ full }) =>
      full.length === 1
        ? {
            attempts: full,
            sentence: `${octets(full[0]?.sent ?? 0)} were sent over UDP once, and nothing more was heard: one silence proves nothing.`,
          }
        : undefined,
  },
  {
    class: 'INDETERMINATE',
    holds: ({ clean }) => ({
      attempts: clean,
      sentence: 'The answer carried no receipt, so an arrival could not show itself.',
    }),
  },
];

function won(winner: Attempt, attempts: readonly Attempt[], sentence: string): Ground {
  return { winner, attempts, sentence };
}

function isProven({ proof }: Attempt): boolean {
  return proof !== 'none';
}

/** Where the number of packets is unknown, an Ethernet link of 1500 octets decides. */
export function isFragmented({ fragments, sent, ipVersion }: Attempt): boolean {
  return fragments === 0 ? sent > (ipVersion === 6 ? 1452 : 1472) : fragments > 1;
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
