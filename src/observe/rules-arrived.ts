/** Rules of what arrived, one way or another, and of what was asked over TCP alone. */
import { type Attempt, isFragmented, isProven } from './attempt.ts';
import { fragments, octets, provenAfter, type Rule, won } from './verdict-rule.ts';

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
    confidence: 'high',
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
    confidence: 'high',
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
    confidence: 'high',
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
    confidence: 'high',
    unless: 'low where nothing shows an arrival',
    holds({ trial: { attempts }, tcp }) {
      if (attempts[0]?.proto === 'udp' || tcp.length === 0) return undefined;
      const winner = tcp.find(isProven);
      if (winner !== undefined)
        return won(winner, [winner], `It asked over TCP at once and got ${octets(winner.sent)}.`);
      if (attempts.some(({ proto }) => proto === 'udp')) return undefined;
      const isStalled = tcp.every(({ tcpAcked }) => tcpAcked === false);
      return {
        attempts: tcp,
        sentence: `It asked over TCP at once; ${isStalled ? 'the answer was sent and not acknowledged' : 'nothing shows that the answer arrived'}.`,
        confidence: 'low',
      };
    },
  },
  {
    name: 'tcp-after-withheld',
    class: 'EXCLUDED',
    when: 'the answer over TCP arrived; nothing else of the trial could show an arrival',
    confidence: 'high',
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

/** What every link takes whole over either IP version (RFC 8200 §5) needs no count. */
function isCounted({ fragments: packets, sent }: Attempt): boolean {
  return packets > 0 || sent <= 1232;
}
