/** Rules of what arrived, one way or another, and of what was asked over TCP alone. */
import { ALWAYS_WHOLE, type Attempt, isAfter, isFragmented, isProven } from './attempt.ts';
import type { Trial } from './trial.ts';
import {
  ACKED_IN_VAIN,
  fragments,
  isRelated,
  NOTHING_SHOWS,
  octets,
  provenAfter,
  type Rule,
  stranger,
  won,
} from './verdict-rule.ts';

const ELSEWHERE = 'medium where it arrived at an address that nothing ties to the loser';
const ACKED_OR_ELSEWHERE =
  'medium where TCP alone says that it arrived, or an address got it that nothing ties to the other';

export const ARRIVED = [
  {
    name: 'udp-whole',
    class: 'UDP_OK_WHOLE',
    when: 'the first whole UDP answer left in one packet and arrived',
    confidence: 'high',
    unless: 'medium where nobody counted the packets, and a link may take less',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first) || isFragmented(first)) return undefined;
      const ground = won(first, [first], `${octets(first.sent)} left in one packet over UDP, and arrived.`);
      return isCounted(first) ? ground : { ...ground, confidence: 'medium' };
    },
  },
  {
    name: 'udp-fragments',
    class: 'UDP_OK_FRAG',
    when: 'the first whole UDP answer left in fragments and arrived',
    confidence: 'high',
    unless: 'medium where nobody counted the packets, and a link may take less',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first)) return undefined;
      const ground = won(
        first,
        [first],
        `${octets(first.sent)} left in ${fragments(first)} over UDP, and arrived.`,
      );
      return isCounted(first) ? ground : { ...ground, confidence: 'medium' };
    },
  },
  {
    name: 'udp-retry',
    class: 'UDP_OK_RETRY',
    when: 'a later UDP answer to the same or a larger EDNS size arrived',
    confidence: 'high',
    unless: ELSEWHERE,
    holds({ full }) {
      const [first] = full;
      const came = full.filter((each) => isProven(each) && each.offered >= (first?.offered ?? 0));
      const winner = (first && came.find((each) => isRelated(first, each))) ?? came[0];
      if (first === undefined || winner === undefined) return undefined;
      const tries = full.indexOf(winner) + 1;
      const isOwn = isRelated(first, winner);
      const where = isOwn ? '' : ` at ${stranger(winner, first)}`;
      return {
        ...won(
          winner,
          full.slice(0, tries),
          `${octets(winner.sent)} that left in ${fragments(winner)} arrived over UDP${where} at try ${tries}; before it ${came[0] === winner ? 'nothing shows an arrival' : 'another address got it'}.`,
        ),
        ...(!isOwn && { confidence: 'medium' }),
      };
    },
  },
  {
    name: 'udp-smaller',
    class: 'UDP_OK_SMALLER',
    when: 'after a loss, a query with a smaller EDNS size got the size over UDP, or TC=1 and then TCP',
    confidence: 'high',
    unless: ELSEWHERE,
    holds({ full: [first], udp, tcp }) {
      if (first === undefined) return undefined;
      const proven = tcp.filter(isProven);
      const later = udp
        .filter((each) => isAfter(each, first) && each.offered < first.offered)
        .filter((each) => (each.tc ? proven.findLast((one) => isAfter(one, each)) : isProven(each)));
      const smaller = later.find((each) => isRelated(first, each)) ?? later[0];
      const winner = smaller?.tc ? provenAfter(proven, smaller) : smaller;
      if (smaller === undefined || winner === undefined) return undefined;
      const isOwn = isRelated(first, smaller) && isRelated(first, winner);
      return {
        ...won(
          winner,
          winner === smaller ? [first, smaller] : [first, smaller, winner],
          `Over UDP ${octets(first.sent)} show no arrival with EDNS ${first.offered}; ${tellSmaller(first, smaller, winner)}.`,
        ),
        ...(!isOwn && { confidence: 'medium' }),
      };
    },
  },
  {
    name: 'tc-tcp',
    class: 'TC_TCP_OK',
    when: 'after TC=1, the answer over TCP arrived',
    confidence: 'high',
    unless: ACKED_OR_ELSEWHERE,
    holds({ truncated: [truncated], tcp }) {
      const winner = truncated && provenAfter(tcp, truncated);
      if (truncated === undefined || winner === undefined) return undefined;
      const size = octets(winner.sent);
      return isRelated(truncated, winner)
        ? won(winner, [truncated, winner], `Sent TC=1 over UDP, it got ${size} over TCP.`)
        : {
            ...won(
              winner,
              [truncated, winner],
              `After TC=1 over UDP ${stranger(winner, truncated)} got ${size} over TCP.`,
            ),
            confidence: 'medium',
          };
    },
  },
  {
    name: 'loss-tcp',
    class: 'LOSS_TCP_OK',
    when: 'after a loss over UDP, without TC=1, the answer over TCP arrived',
    confidence: 'high',
    unless: ACKED_OR_ELSEWHERE,
    holds({ full: [first], tcp }) {
      const winner = first && provenAfter(tcp, first);
      if (first === undefined || winner === undefined) return undefined;
      const lost = `Over UDP ${octets(first.sent)} show no arrival`;
      return isRelated(first, winner)
        ? won(winner, [first, winner], `${lost}; it then asked over TCP by itself and got them.`)
        : {
            ...won(
              winner,
              [first, winner],
              `${lost}; then ${stranger(winner, first)} asked over TCP and got them.`,
            ),
            confidence: 'medium',
          };
    },
  },
  {
    name: 'tcp-before-unread',
    class: 'INDETERMINATE',
    when: 'the answer over TCP arrived, and its row, or the rows of a node of the zone, are not here: what came before it is open',
    confidence: 'low',
    holds({ trial, tcp }) {
      const winner = tcp.find(isProven);
      if (winner === undefined || trial.attempts[0]?.proto === 'udp' || isStartKnown(trial)) return undefined;
      return won(
        winner,
        [winner],
        `${octets(winner.sent)} arrived over TCP; what was sent over UDP before that, rows that are not here may say: read those of all servers.`,
      );
    },
  },
  {
    name: 'tcp-direct',
    class: 'TCP_DIRECT',
    when: 'the first query came over TCP',
    confidence: 'high',
    unless: 'medium where TCP alone says that it arrived; low where nothing shows an arrival',
    holds({ trial, tcp }) {
      const { attempts } = trial;
      if (attempts[0]?.proto === 'udp' || tcp.length === 0 || !isStartKnown(trial)) return undefined;
      const winner = tcp.find(isProven);
      if (winner !== undefined)
        return won(winner, [winner], `It asked over TCP at once and got ${octets(winner.sent)}.`);
      if (attempts.some(({ proto }) => proto === 'udp')) return undefined;
      const isStalled = tcp.every(({ tcpAcked }) => tcpAcked === false);
      const ending = tcp.some(({ tcpAcked }) => tcpAcked === true) ? ACKED_IN_VAIN : NOTHING_SHOWS;
      return {
        attempts: tcp,
        sentence: `It asked over TCP at once; ${isStalled ? 'the answer was sent and not acknowledged' : ending}.`,
        confidence: 'low',
      };
    },
  },
  {
    name: 'tcp-after-withheld',
    class: 'EXCLUDED',
    when: 'the answer over TCP arrived; nothing else of the trial could show an arrival',
    confidence: 'high',
    unless: 'medium where TCP alone says that it arrived',
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
] as const satisfies readonly Rule[];

/** Who asked with a smaller EDNS size after the loss of `first`, and who got it. */
function tellSmaller(first: Attempt, smaller: Attempt, winner: Attempt): string {
  const { offered, tc } = smaller;
  if (!isRelated(first, smaller))
    return `then ${stranger(smaller, first)} asked with EDNS ${offered}, and ${tc ? 'after TC=1 it came over TCP' : 'got it over UDP'}`;
  if (!tc) return `asked again with EDNS ${offered} it got it over UDP`;
  return isRelated(first, winner)
    ? `asked again with EDNS ${offered} it was sent TC=1 and got it over TCP`
    : `asked again with EDNS ${offered} it was sent TC=1, and then ${stranger(winner, first)} got it over TCP`;
}

/** Whether the first attempt that is known is the first that there was: a receipt alone tells of no query before it. */
function isStartKnown({ attempts: [first], unread }: Trial): boolean {
  return first?.node !== '' && unread.length === 0;
}

/** What needs no count: next to every link takes that whole. */
function isCounted({ fragments: packets, sent }: Attempt): boolean {
  return packets > 0 || sent <= ALWAYS_WHOLE;
}
