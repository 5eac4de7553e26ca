/** Rules of what shows no arrival: failures where somebody asked again, and silence. */
import { type Attempt, attemptsOfRetriers, indexRetries, isAfter, isProven } from './attempt.ts';
import { timelineOf } from './during.ts';
import { groupBy } from './group.ts';
import type { Observation } from './observation.ts';
import { ACKED_IN_VAIN, NOTHING_SHOWS, octets, type Rule } from './verdict-rule.ts';
import { CLOCK_MS } from './window.ts';
import { times } from './words.ts';

export const LOST = [
  {
    name: 'tc-tcp-stall',
    class: 'TC_TCP_STALL',
    when: 'after TC=1, asked over TCP and answered, and of no connection was the answer acknowledged',
    confidence: 'medium',
    unless: 'high where it asked again after that',
    holds({ truncated: [truncated], udp, tcp }) {
      const stalled = truncated === undefined ? [] : stalledAfter(tcp, truncated);
      if (truncated === undefined || stalled.length === 0) return undefined;
      return {
        attempts: [truncated, ...stalled],
        failed: stalled,
        sentence: `Sent TC=1 over UDP, it asked over TCP ${times(stalled.length)}; ${octets(stalled[0]?.sent ?? 0)} were sent and not acknowledged.`,
        ...(isAskedAgain(stalled, udp) && { confidence: 'high' }),
      };
    },
  },
  {
    name: 'loss-tcp-stall',
    class: 'LOSS_RETRY_FAIL',
    when: 'after a loss over UDP, without TC=1, the same address asked over TCP, and of no connection was the answer acknowledged',
    confidence: 'medium',
    unless: 'high where it asked again after that, or ICMP says that fragments never came',
    holds({ full, udp, tcp, isMissingFragments }) {
      const last = new Map(tcp.map((each) => [each.asker, each]));
      const first = full.find((lost) => {
        const later = last.get(lost.asker);
        return later !== undefined && isAfter(later, lost);
      });
      const stalled = first && stalledAfter(tcp, first).filter(({ asker }) => asker === first.asker);
      if (first === undefined || stalled === undefined || stalled.length === 0) return undefined;
      return {
        attempts: [first, ...stalled],
        sentence: `Over UDP ${octets(first.sent)} show no arrival; it then asked over TCP ${times(stalled.length)}, and they were not acknowledged.`,
        ...((isMissingFragments || isAskedAgain(stalled, udp)) && { confidence: 'high' }),
      };
    },
  },
  {
    name: 'tcp-unproven',
    class: 'INDETERMINATE',
    when: 'asked over TCP and answered, no sign of arrival; or acknowledged, and asked again after that',
    confidence: 'low',
    holds({ tcp }) {
      const isAcked = tcp.some(({ tcpAcked }) => tcpAcked === true);
      return tcp.length > 0
        ? {
            attempts: tcp,
            sentence: `It asked over TCP and was answered; ${isAcked ? ACKED_IN_VAIN : NOTHING_SHOWS}.`,
          }
        : undefined;
    },
  },
  {
    name: 'tc-tcp-broken',
    class: 'TC_TCP_BROKEN',
    when: 'a TCP connection of the same address ended before a query came, 15 seconds after TC=1 at most, and none came over another',
    confidence: 'medium',
    unless: 'low where that was one connection, and it did not ask again',
    holds({ trial: { broken }, truncated, udp }) {
      const consequencesOf = indexConsequences(broken);
      const attempts = truncated.filter((each) => !each.isStub && consequencesOf(each).length > 0);
      const rows = [...new Set(attempts.flatMap(consequencesOf))];
      const isAgain = rows.length > 1 || attempts.some(indexRetries(udp));
      return attempts.length > 0
        ? {
            attempts,
            rows,
            sentence:
              'Sent TC=1 over UDP, it opened TCP, and the connection ended before a query came: something broke it, or it gave up.',
            ...(!isAgain && { confidence: 'low' }),
          }
        : undefined;
    },
  },
  {
    name: 'tc-no-tcp',
    class: 'TC_NO_TCP',
    when: 'TC=1 that arrived (its cookie came back), or after which the same address asked again (200 ms later, or three times for one TYPE), and no TCP',
    confidence: 'medium',
    // One TC=1 alone may be what got lost.
    holds({ truncated, udp }) {
      const isHeeded = indexHeeded(udp);
      const attempts = truncated.filter((each) => !each.isStub && isHeeded(each));
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
    when: 'one address was sent it at least twice, and asked again for one TYPE; no arrival, no TCP',
    confidence: 'medium',
    unless: 'high where ICMP says that fragments never came',
    holds({ full, isMissingFragments }) {
      const attempts = attemptsOfRetriers(full);
      return attempts.length > 1
        ? {
            attempts,
            sentence: `${octets(attempts[0]?.sent ?? 0)} were sent over UDP ${times(attempts.length)}; ${isMissingFragments ? 'ICMP says that fragments of them never came' : 'none shows an arrival'}, and it never asked over TCP.`,
            ...(isMissingFragments && { confidence: 'high' }),
          }
        : undefined;
    },
  },
  {
    name: 'several-addresses',
    class: 'INDETERMINATE',
    when: 'several addresses were sent it, none twice: nobody knows whose loss it is',
    confidence: 'low',
    holds({ clean }) {
      const askers = new Set(clean.map(({ asker }) => asker)).size;
      return askers > 1
        ? {
            attempts: clean,
            sentence: `${askers} addresses asked for it, none of them again, and nothing shows an arrival: whose loss it was is open.`,
          }
        : undefined;
    },
  },
  {
    name: 'silent-after-tc',
    class: 'SILENT',
    when: 'TC=1 once, or twice in one go; nothing more',
    confidence: 'low',
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
    confidence: 'low',
    unless: 'high where ICMP says that fragments never came',
    holds({ full, isMissingFragments }) {
      if (full.length === 0) return undefined;
      const often = full.length === 1 ? 'once' : `${full.length} times in one go`;
      const sent = `${octets(full[0]?.sent ?? 0)} were sent over UDP ${often}`;
      return isMissingFragments
        ? {
            attempts: full,
            sentence: `${sent}; ICMP says that fragments of them never came, and it did not ask again.`,
            confidence: 'high',
          }
        : {
            attempts: full,
            sentence: `${sent}, and nothing more was heard: one silence proves nothing.`,
          };
    },
  },
  {
    name: 'no-receipt',
    class: 'INDETERMINATE',
    when: 'all that is left: the answer carried no receipt, or its asker had no reason to go on to it (TYPE CNAME, another answer)',
    confidence: 'low',
    holds: ({ clean }) => ({
      attempts: clean,
      sentence:
        'The answer carried no receipt, or its asker had no reason to go on to it: an arrival could not show itself.',
    }),
  },
] as const satisfies readonly Rule[];

/** The answers over TCP after `earlier`; none where one of all arrived, or nobody knows whether it was acknowledged. */
function stalledAfter(tcp: readonly Attempt[], earlier: Attempt): readonly Attempt[] {
  const isStalled = tcp.every((each) => each.tcpAcked === false && !isProven(each));
  return isStalled ? tcp.filter((each) => isAfter(each, earlier)) : [];
}

/** Whether somebody who was left without an answer over TCP asked once more, over TCP or UDP: it had not got it. */
function isAskedAgain(stalled: readonly Attempt[], udp: readonly Attempt[]): boolean {
  return stalled.some(indexRetries(stalled)) || stalled.some(indexRetries(udp));
}

/** A connection that nobody uses ends after `tcp_idle`, 10 seconds by default; and it takes a while to open. */
const BROKEN_MS = 15_000;

/** Finds the connections, of those that ended early, that a TC=1 answer led to: of the same address, soon after it. */
function indexConsequences(broken: readonly Observation[]): (truncated: Attempt) => Observation[] {
  const connections = new Map(
    [...groupBy(broken, ({ src }) => src)].map(([src, own]) => [src, timelineOf(own)]),
  );
  return (truncated) => {
    const { src, at } = truncated;
    const near = connections.get(src)?.during(at - CLOCK_MS, at + BROKEN_MS) ?? [];
    return near.filter(({ time, node }) => isAfter({ at: time, node }, truncated));
  };
}

/** Programs of users that ask at once hardly do so three times for one TYPE: that is a resolver whose TCP is refused at once. */
const OFTEN = 3;

/** Tells whether a TC=1 answer is hardly what got lost: its cookie came back, or its asker asked the same again. */
function indexHeeded(udp: readonly Attempt[]): (truncated: Attempt) => boolean {
  const isRetried = indexRetries(udp);
  const question = ({ src, qtype }: Attempt) => `${src} ${qtype}`;
  const alike = groupBy(
    udp.filter(({ tc }) => tc),
    question,
  );
  return (truncated) =>
    isProven(truncated) || isRetried(truncated) || (alike.get(question(truncated))?.length ?? 0) >= OFTEN;
}
