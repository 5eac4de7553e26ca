/** Rules of what shows no arrival: failures where somebody asked again, and silence. */
import { type Attempt, attemptsOfRetriers, isProven, isRetryOf } from './attempt.ts';
import { networkOf } from './network.ts';
import type { Observation } from './observation.ts';
import { isOfNetwork, octets, type Rule, times } from './verdict-rule.ts';

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
    when: 'after a loss over UDP, without TC=1, its network asked over TCP, and of no connection was the answer acknowledged',
    confidence: 'medium',
    unless: 'high where it asked again after that, or ICMP says that fragments never came',
    holds({ full, udp, tcp, isMissingFragments }) {
      const stalledOf = (lost: Attempt) => stalledAfter(tcp, lost).filter((each) => isOfNetwork(each, lost));
      const first = full.find((lost) => stalledOf(lost).length > 0);
      if (first === undefined) return undefined;
      const stalled = stalledOf(first);
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
    when: 'asked over TCP and answered, no sign of arrival',
    confidence: 'low',
    holds: ({ tcp }) =>
      tcp.length > 0
        ? {
            attempts: tcp,
            sentence: 'It asked over TCP and was answered; nothing shows that the answer arrived.',
          }
        : undefined,
  },
  {
    name: 'tc-tcp-broken',
    class: 'TC_TCP_BROKEN',
    when: 'after TC=1, a TCP connection of the same network ended before a query came, and none came over another',
    confidence: 'medium',
    holds({ trial: { broken }, truncated }) {
      const attempts = truncated.filter((each) => broken.some((row) => isConsequence(row, each)));
      return attempts.length > 0
        ? {
            attempts,
            rows: broken.filter((row) => attempts.some((each) => isConsequence(row, each))),
            sentence:
              'Sent TC=1 over UDP, it opened TCP, and the connection ended before a query came: something broke it, or it gave up.',
          }
        : undefined;
    },
  },
  {
    name: 'tc-no-tcp',
    class: 'TC_NO_TCP',
    when: 'TC=1 that arrived (its cookie came back), or after which the same network asked again (200 ms later, or one address three times for one TYPE), and no TCP',
    confidence: 'medium',
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
    name: 'several-networks',
    class: 'INDETERMINATE',
    when: 'several networks were sent it, none twice: nobody knows whose loss it is',
    confidence: 'low',
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
    when: 'all that is left: the answer carried no receipt',
    confidence: 'low',
    holds: ({ clean }) => ({
      attempts: clean,
      sentence: 'The answer carried no receipt, so an arrival could not show itself.',
    }),
  },
] as const satisfies readonly Rule[];

/** The answers over TCP after `earlier`; none where one of all arrived, or nobody knows whether it was acknowledged. */
function stalledAfter(tcp: readonly Attempt[], earlier: Attempt): readonly Attempt[] {
  const isStalled = tcp.every((each) => each.tcpAcked === false && !isProven(each));
  return isStalled ? tcp.filter(({ at }) => at >= earlier.at) : [];
}

/** Whether a network that was left without an answer over TCP asked once more, over TCP or UDP: it had not got it. */
function isAskedAgain(stalled: readonly Attempt[], udp: readonly Attempt[]): boolean {
  return stalled.some((each) =>
    [...stalled, ...udp].some((later) => isOfNetwork(later, each) && isRetryOf(later, each)),
  );
}

/** A connection of the network that was told to use TCP, once it had been told. */
function isConsequence(connection: Observation, truncated: Attempt): boolean {
  return isOfNetwork(connection, truncated) && connection.time >= truncated.at;
}

/** Programs of users that ask at once hardly do so three times for one TYPE: that is a resolver whose TCP is refused at once. */
const OFTEN = 3;

/** Whether a TC=1 answer is hardly what got lost: its cookie came back, or its network asked the same again. */
function isHeeded(truncated: Attempt, udp: readonly Attempt[]): boolean {
  const { src, qtype } = truncated;
  const alike = udp.filter((each) => each.tc && each.src === src && each.qtype === qtype).length;
  const isAgain = udp.some((later) => isOfNetwork(later, truncated) && isRetryOf(later, truncated));
  return isProven(truncated) || isAgain || alike >= OFTEN;
}
