/** Rules of what arrived, one way or another, and of what was asked over TCP alone. */
import { type Attempt, isAfter, isFragmented, isProven } from './attempt.ts';
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

const ELSEWHERE = 'medium where it arrived at an unrelated network of the same IP version';
const ACKED_OR_ELSEWHERE =
  'medium where TCP alone says that it arrived, or an unrelated network of the same IP version got it';

export const ARRIVED = [
  {
    name: 'udp-whole',
    class: 'UDP_OK_WHOLE',
    when: 'the first whole UDP answer arrived, in one packet',
    confidence: 'high',
    unless: 'medium where nobody counted the packets, and a link may take less',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first) || isFragmented(first)) return undefined;
      const ground = won(first, [first], `${octets(first.sent)} arrived over UDP in one packet.`);
      return isCounted(first) ? ground : { ...ground, confidence: 'medium' };
    },
  },
  {
    name: 'udp-fragments',
    class: 'UDP_OK_FRAG',
    when: 'the first whole UDP answer arrived, in fragments',
    confidence: 'high',
    unless: 'medium where nobody counted the packets, and a link may take less',
    holds({ full: [first] }) {
      if (first === undefined || !isProven(first)) return undefined;
      const ground = won(first, [first], `${octets(first.sent)} arrived over UDP in ${fragments(first)}.`);
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
      const winner = full.find((each) => isProven(each) && each.offered >= (first?.offered ?? 0));
      if (first === undefined || winner === undefined) return undefined;
      const tries = full.indexOf(winner) + 1;
      const [isOwn, arrived] = [isRelated(first, winner), `${octets(winner.sent)} arrived over UDP`];
      const how = isOwn ? fragments(winner) : `${fragments(winner)} at ${stranger(winner)}`;
      return {
        ...won(
          winner,
          full.slice(0, tries),
          `${arrived} in ${how} at try ${tries}; before it nothing shows an arrival.`,
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
      const smaller = udp
        .filter((each) => isAfter(each, first) && each.offered < first.offered)
        .find((each) => (each.tc ? proven.findLast((one) => isAfter(one, each)) : isProven(each)));
      if (smaller === undefined) return undefined;
      const winner = smaller.tc ? provenAfter(proven, smaller) : smaller;
      const isOwn = winner !== undefined && isRelated(first, winner);
      const how = smaller.tc ? 'was sent TC=1 and got it over TCP' : 'got it over UDP';
      const then = isOwn
        ? `asked again with EDNS ${smaller.offered} it ${how}`
        : `then ${stranger(smaller)} asked with EDNS ${smaller.offered}, and ${smaller.tc ? 'after TC=1 it came over TCP' : how}`;
      return {
        ...(winner && { winner }),
        attempts: [first, smaller, ...(winner === undefined || winner === smaller ? [] : [winner])],
        sentence: `Over UDP ${octets(first.sent)} show no arrival with EDNS ${first.offered}; ${then}.`,
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
              `After TC=1 over UDP ${stranger(winner)} got ${size} over TCP.`,
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
            ...won(winner, [first, winner], `${lost}; then ${stranger(winner)} asked over TCP and got them.`),
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

/** Whether the first attempt that is known is the first that there was: a receipt alone tells of no query before it. */
function isStartKnown({ attempts: [first], unread }: Trial): boolean {
  return first?.node !== '' && unread.length === 0;
}

/** What every link takes whole over either IP version (RFC 8200 §5) needs no count. */
function isCounted({ fragments: packets, sent }: Attempt): boolean {
  return packets > 0 || sent <= 1232;
}
