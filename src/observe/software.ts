/** Software: which resolver a source address probably runs, by the manner of its queries; THE TABLE. A guess, never evidence. */
import { groupBy } from './group.ts';
import type { Observation } from './observation.ts';

export type Software = 'unbound' | 'bind' | 'knot' | 'powerdns' | 'dnsmasq';

export interface SoftwareGuess {
  readonly software: Software;
  /** Why, in one sentence. */
  readonly because: string;
}

/** What each is called, and its setting of the EDNS size that it offers to name servers, with a line of its configuration. */
export const SOFTWARE = {
  unbound: {
    title: 'Unbound',
    setting: 'edns-buffer-size',
    line: (octets: number) => `edns-buffer-size: ${octets}`,
  },
  bind: { title: 'BIND', setting: 'edns-udp-size', line: (octets: number) => `edns-udp-size ${octets};` },
  knot: {
    title: 'Knot Resolver',
    setting: 'net.bufsize',
    line: (octets: number) => `net.bufsize(${octets})`,
  },
  powerdns: {
    title: 'PowerDNS Recursor',
    setting: 'edns-outgoing-bufsize',
    line: (octets: number) => `edns-outgoing-bufsize=${octets}`,
  },
  dnsmasq: {
    title: 'dnsmasq',
    setting: 'edns-packet-max',
    line: (octets: number) => `edns-packet-max=${octets}`,
  },
} as const satisfies Record<
  Software,
  { readonly title: string; readonly setting: string; readonly line: (octets: number) => string }
>;

/**
 * The one program whose manner all queries of a source show, as measured of each; undefined where none fits or two do.
 *
 * Two resolvers behind one address fit no rule, because each rule speaks of every query.
 *
 * @param rows of one source address, in any order; what `dig` asks from there is told apart and left out
 */
export function guessSoftware(rows: readonly Observation[]): SoftwareGuess | undefined {
  const queries = rows.filter(({ event, qname }) => event === 'query' && qname !== '').sort(byTime);
  const iterative = queries.filter(({ rd, ad }) => !rd && !ad);
  const own = iterative.length > 0 ? iterative : queries;
  const guesses = SIGNS.flatMap(({ software, holds }) => {
    const because = holds(own);
    return because === undefined ? [] : [{ software, because }];
  });
  return guesses.length === 1 ? guesses[0] : undefined;
}

interface Sign {
  readonly software: Software;
  /** The reason where it holds; all rows are queries of one source in order of time. */
  holds(queries: readonly Observation[]): string | undefined;
}

const SIGNS: readonly Sign[] = [
  {
    software: 'bind',
    holds(queries) {
      const isBind = queries.filter(hasEdns).every(sendsCookie) && queries.some(returnsCookie);
      if (!isBind) return undefined;
      const echo = ednsFallback(queries, (size) => size === 512 || !COMMON_EDNS.includes(size));
      const segments = queries.flatMap(({ tcp_mss }) => tcp_mss ?? []);
      return sentence([
        'sends a COOKIE in every query',
        'returns those that it was sent',
        ...(echo === undefined ? [] : [`offered EDNS ${echo} after a silence`]),
        ...(segments.length > 0 && segments.every((octets) => octets <= BIND_MSS)
          ? [`takes TCP segments of at most ${BIND_MSS} octets`]
          : []),
      ]);
    },
  },
  {
    software: 'knot',
    holds(queries) {
      const named = queries.filter(isLong);
      const isKnot = named.length >= ENOUGH && named.every(isMixedCase) && queries.every(validates);
      if (!isKnot || queries.some(sendsCookie) || minimizedRuns(queries) > 0) return undefined;
      return sentence([
        'sets CD=1',
        'writes each query name in upper and lower case at random',
        ...(asksTcpUnbidden(queries) ? ['asked over TCP after a silence, without being sent TC=1'] : []),
      ]);
    },
  },
  {
    software: 'unbound',
    holds(queries) {
      const isOther = queries.some((each) => sendsCookie(each) || isMixedCase(each) || !validates(each));
      const minimized = minimizedRuns(queries);
      const fallback = ednsFallback(queries, (size, version) => size === UNBOUND_FALLBACK[version]);
      if (isOther || (minimized < 2 && fallback === undefined)) return undefined;
      return sentence([
        'sets CD=1',
        ...(minimized > 0 ? ['asks for TYPE A on the way and for the wanted TYPE only at the end'] : []),
        ...(fallback === undefined ? [] : [`offered EDNS ${fallback} after a silence`]),
      ]);
    },
  },
  {
    software: 'powerdns',
    holds(queries) {
      const isOther = queries.some(
        (each) => each.cd || !wantsDnssec(each) || sendsCookie(each) || isMixedCase(each),
      );
      if (isOther || !queries.some(hasEdns) || ednsFallback(queries, () => true) !== undefined)
        return undefined;
      const lost = retryGaps(queries.filter(({ tc }) => !tc));
      const waited = retryGaps(queries.filter(({ tc }) => tc)).filter((gap) => gap > REFUSED_MS);
      const gaps = [...lost, ...waited];
      const isSlow =
        gaps.length >= 2 &&
        lost.every((gap) => isTimeout(gap) || isTimeout(gap / 2)) &&
        waited.every(isTimeout);
      if (!isSlow && !(gaps.length === 0 && asksLostOnlyOnce(queries))) return undefined;
      return sentence([
        'leaves CD=0',
        'never changes its EDNS size',
        isSlow
          ? `waits ${POWERDNS_TIMEOUT_MS} to ${POWERDNS_TIMEOUT_MS + POWERDNS_NAP_MS} ms before it asks another address`
          : 'asked only once for what got lost',
      ]);
    },
  },
  {
    software: 'dnsmasq',
    holds(queries) {
      const isForwarder = queries.length >= ENOUGH && queries.every(({ rd }) => rd);
      // One client, such as dig, asks in one manner.
      const isOfMany = [queries.map(({ edns_udp }) => edns_udp), queries.map(({ ad }) => ad)].every(
        (values) => new Set<unknown>(values).size > 1,
      );
      return isForwarder && isOfMany
        ? sentence([
            'sets RD=1',
            'passes on EDNS and AD that differ as those of several clients do: a forwarder, most often dnsmasq',
          ])
        : undefined;
    },
  },
];

/** Fewer queries may look alike by accident. */
const ENOUGH = 3;
/** EDNS sizes that people configure; another one was learned. */
const COMMON_EDNS = [512, 1220, 1232, 1280, 1400, 1410, 1432, 1452, 1472, 1480, 1680, 2048, 4000, 4096, 8192];
/** MSS of BIND's SYN; the kernel tells it less the time stamps. */
const BIND_MSS = 1220;
/** `EDNS_FRAG_SIZE_IP4` and `_IP6` of Unbound, by IP version. */
const UNBOUND_FALLBACK: Readonly<Record<4 | 6, number>> = { 4: 1472, 6: 1232 };
/** `network-timeout` of PowerDNS Recursor, and how long it may sleep until it looks whether that is over. */
const POWERDNS_TIMEOUT_MS = 1500;
const POWERDNS_NAP_MS = 500;
/** Of two servers' clocks, or of a moment on the way. */
const SLACK_MS = 20;
/** TCP that is refused is given up sooner than this. */
const REFUSED_MS = 100;
/** No resolver waits longer between two tries for one user. */
const RETRY_MS = 10_000;
/** Letters that a name needs: all of one case by accident is then rare. */
const LONG_LETTERS = 10;
const COOKIE = 10;
const TYPE_A = 1;

function sendsCookie({ edns_options }: Observation): boolean {
  return edns_options.includes(COOKIE);
}

function returnsCookie({ cookie }: Observation): boolean {
  return cookie === 'valid' || cookie === 'stale';
}

/** All of them do without EDNS where it brings no answer. */
function hasEdns({ edns_version }: Observation): boolean {
  return edns_version >= 0;
}

function wantsDnssec(query: Observation): boolean {
  return query.edns_do || !hasEdns(query);
}

/** A validator that asks others to leave the checking to it (RFC 4035 §3.2.2). */
function validates(query: Observation): boolean {
  return query.cd && wantsDnssec(query);
}

function isLong({ qname }: Observation): boolean {
  return qname.replace(/[^a-z]/gi, '').length >= LONG_LETTERS;
}

function isMixedCase({ qname }: Observation): boolean {
  return /[a-z]/.test(qname) && /[A-Z]/.test(qname);
}

function isMeasuredUdp({ step, proto }: Observation): boolean {
  return step === 'measured' && proto === 'udp';
}

/** Queries for one measured answer and TYPE over UDP, in order of time; the name changes with the network that opened the trial. */
function udpTries(queries: readonly Observation[]): Observation[][] {
  const groups = groupBy(queries.filter(isMeasuredUdp), (query) => `${answerOf(query)} ${query.qtype}`);
  return [...groups.values()];
}

function answerOf({ run, zone, size, options, qname }: Observation): string {
  return run === '' ? qname.toLowerCase() : [run, zone, size, options].join('|');
}

/** The first smaller EDNS size that a later try offered and `isKnown` takes. */
function ednsFallback(
  queries: readonly Observation[],
  isKnown: (size: number, ipVersion: 4 | 6) => boolean,
): number | undefined {
  return udpTries(queries)
    .flatMap(([first, ...later]) => later.filter(({ edns_udp }) => edns_udp < (first?.edns_udp ?? 0)))
    .find(({ edns_udp, ip_version }) => isKnown(edns_udp, ip_version))?.edns_udp;
}

/** Runs in which the names before the receipt were asked for with A alone, and the receipt with another TYPE as well (RFC 9156). */
function minimizedRuns(queries: readonly Observation[]): number {
  const runs = groupBy(
    queries.filter(({ run }) => run !== ''),
    ({ run }) => run,
  );
  return [...runs.values()].filter((own) => {
    const before = own.filter(({ step }) => step === 'gate' || step === 'measured');
    const isEndOther = own.some(({ step, qtype }) => step === 'receipt' && qtype !== TYPE_A);
    return before.length > 0 && before.every(({ qtype }) => qtype === TYPE_A) && isEndOther;
  }).length;
}

function asksTcpUnbidden(queries: readonly Observation[]): boolean {
  const lastOverTcp = new Map(
    queries
      .filter(({ proto, step }) => proto !== 'udp' && step === 'measured')
      .map((query) => [answerOf(query), query.time]),
  );
  return udpTries(queries).some(
    ([first, ...later]) =>
      first !== undefined &&
      ![first, ...later].some(({ tc }) => tc) &&
      (lastOverTcp.get(answerOf(first)) ?? 0) >= first.time,
  );
}

/** Milliseconds between tries for one answer, where the later one is a retry and not somebody's next test. */
function retryGaps(queries: readonly Observation[]): number[] {
  return udpTries(queries)
    .flatMap((tries) => tries.slice(1).map(({ time }, before) => time - (tries[before]?.time ?? 0)))
    .filter((gap) => gap <= RETRY_MS);
}

/** Where it has several addresses, or there are several of ours, one pair of them is asked again after two of these. */
function isTimeout(gap: number): boolean {
  return gap >= POWERDNS_TIMEOUT_MS - SLACK_MS && gap <= POWERDNS_TIMEOUT_MS + POWERDNS_NAP_MS + SLACK_MS;
}

/** Large answers without a receipt, each asked for once, while smaller ones had theirs: what others would have asked for again. */
function asksLostOnlyOnce(queries: readonly Observation[]): boolean {
  const returned = new Set(queries.map(({ receipt }) => receipt?.instance));
  const sent = queries.filter((each) => isMeasuredUdp(each) && !each.tc && each.instance !== null);
  const [lost, arrived] = [false, true].map((isReturned) =>
    sent.filter(({ instance }) => returned.has(instance ?? undefined) === isReturned),
  ) as [Observation[], Observation[]];
  const largest = arrived.reduce((most, { size }) => Math.max(most, size), 0);
  return lost.length >= ENOUGH && arrived.length >= ENOUGH && lost.every(({ size }) => size > largest);
}

/** `It a, b, and c.` */
function sentence(parts: readonly string[]): string {
  const last = parts.at(-1) ?? '';
  const before = parts.slice(0, -1).join(', ');
  return `It ${before}${parts.length > 2 ? ',' : ''} and ${last}.`;
}

function byTime(a: Observation, b: Observation): number {
  return a.time - b.time || a.seq - b.seq;
}
