/** Overlay: what else a trial shows beside its class; THE TABLE. ICMP errors can be forged, so none makes or changes a class. */
import { type Attempt, idOf, isProven, isRetryOf, mayBeCut, type RowId } from './attempt.ts';
import { groupBy } from './group.ts';
import { networkOf } from './network.ts';
import type { Observation } from './observation.ts';
import { PORT_UNREACHABLE, PROHIBITED, pathKindOf, REASSEMBLY, TOO_BIG } from './path-kind.ts';
import type { Trial } from './trial.ts';

export interface Overlay {
  readonly kind: OverlayKind;
  /** MTU that an error names, or EDNS size that was echoed, octets; null where the kind has no number. */
  readonly octets: number | null;
  /** For a network administrator. */
  readonly sentence: string;
  /** The rows that show it: of errors one for each answer. */
  readonly evidence: readonly RowId[];
}

interface Kind {
  readonly name: string;
  /** When it is noticed; for docs/verdicts.md. */
  readonly when: string;
  /** Undefined where the trial does not show it. */
  find(trial: Trial): Omit<Overlay, 'kind'> | undefined;
}

export const OVERLAYS = [
  {
    name: 'ptb',
    when: 'ICMP says "packet too big" (IPv4: "fragmentation needed") to an answer; `octets` is the smallest MTU that it names',
    find: (trial) => (learned(trial) === undefined ? tooBig(trial.attempts) : undefined),
  },
  {
    name: 'ptb-learning',
    when: 'the same, for an answer over IPv6 or with DF that met a smaller MTU than this server knew of, and a later one arrived: the loss taught the MTU',
    find(trial) {
      const lesson = learned(trial);
      const found = lesson && tooBig([lesson]);
      return (
        found && {
          ...found,
          sentence: `${found.sentence} A later answer arrived: the first loss taught the path's MTU.`,
        }
      );
    },
  },
  {
    name: 'reassembly',
    when: 'ICMP says that some fragments of an answer came and others did not',
    find: ({ attempts }) =>
      erring(attempts, REASSEMBLY, (error) => ({
        octets: null,
        sentence: `${senderOf(error)} says that it waited in vain for fragments: they are dropped on the way.`,
      })),
  },
  {
    name: 'prohibited',
    when: 'ICMP says that a filter forbids an answer',
    find: ({ attempts }) =>
      erring(attempts, PROHIBITED, (error) => ({
        octets: null,
        sentence: `${senderOf(error)} says that a filter forbids an answer.`,
      })),
  },
  {
    name: 'port-unreachable',
    when: 'ICMP says that nobody listened any more at the port of an answer; where another answer arrived, that is why',
    find: ({ attempts }) =>
      erring(attempts, PORT_UNREACHABLE, (error) => ({
        octets: null,
        sentence: attempts.some((each) => isProven(each) && each.src === error.src)
          ? 'Its port was closed when one answer came: it had another by then.'
          : 'Its port was closed when an answer came: too late, or a firewall says so. Without a receipt that proves nothing.',
      })),
  },
  {
    name: 'edns-echo',
    when: 'a second try offered the size of the largest answer that came from this address over UDP before, as BIND does after a timeout: a lower bound of what passes',
    find({ attempts }) {
      const echo = findEcho(attempts);
      return (
        echo && {
          octets: echo.offered,
          sentence: `After a timeout it offered EDNS ${echo.offered}, as BIND does: so large an answer had come from this server over UDP.`,
          evidence: echo.rows.slice(0, 1),
        }
      );
    },
  },
  {
    name: 'farm',
    when: 'several addresses of one IP version took part',
    find({ sources, gates, attempts }) {
      if (!isFarm(sources)) return undefined;
      const networks = new Set(sources.map(networkOf)).size;
      const gateOf = firstBySource(gates);
      const attemptOf = firstBySource(attempts);
      return {
        octets: null,
        sentence: `${sources.length} addresses in ${networks === 1 ? 'one network' : `${networks} networks`} took part.`,
        evidence: sources.flatMap((source) => {
          const gate = gateOf.get(source);
          return gate === undefined ? (attemptOf.get(source)?.rows.slice(0, 1) ?? []) : [idOf(gate)];
        }),
      };
    },
  },
] as const satisfies readonly Kind[];

export type OverlayKind = (typeof OVERLAYS)[number]['name'];

/** In the order of the table. */
export function overlaysOf(trial: Trial): Overlay[] {
  return OVERLAYS.flatMap(({ name, find }): Overlay[] => {
    const found = find(trial);
    return found === undefined ? [] : [{ kind: name, ...found }];
  });
}

/** True where fragments of an answer that shows no arrival are known to be missing. */
export function isMissingFragments({ attempts }: Trial): boolean {
  return attempts.some((each) => !isProven(each) && each.isMissingFragments);
}

/** The overlay that `say` makes of the most telling error of one kind. */
function erring(
  attempts: readonly Attempt[],
  kind: string,
  say: (error: Observation) => Omit<Overlay, 'kind' | 'evidence'>,
): Omit<Overlay, 'kind'> | undefined {
  const errors = attempts.flatMap((each) => mostTelling(each.errors, kind) ?? []);
  const most = mostTelling(errors, kind);
  return most === undefined ? undefined : { ...say(most), evidence: errors.map(idOf) };
}

/** That with the smallest MTU, else the first. */
function mostTelling(errors: readonly Observation[], kind: string): Observation | undefined {
  return errors
    .filter((error) => pathKindOf(error) === kind)
    .reduce<Observation | undefined>(
      (most, each) => (most === undefined || mtuOf(each) < mtuOf(most) ? each : most),
      undefined,
    );
}

function tooBig(attempts: readonly Attempt[]): Omit<Overlay, 'kind'> | undefined {
  return erring(attempts, TOO_BIG, (error) => ({
    octets: error.icmp_mtu,
    sentence: `${senderOf(error)} says that ${error.icmp_mtu === null ? 'a packet was too big, and not how much fits' : `packets above ${error.icmp_mtu} octets do not fit`}.`,
  }));
}

function mtuOf({ icmp_mtu }: Observation): number {
  return icmp_mtu ?? Number.POSITIVE_INFINITY;
}

function senderOf({ icmp_from: from }: Observation): string {
  return from === null ? 'Somebody (ICMP)' : `${from} (ICMP)`;
}

/** The loss behind an MTU that this server did not know, where a later answer arrived. */
function learned({ attempts }: Trial): Attempt | undefined {
  const arrived = attempts.filter((each) => each.proto === 'udp' && !each.tc && isProven(each));
  const last = new Map(arrived.map(({ src, at }) => [src, at]));
  return attempts.find((lost) => isLesson(lost) && (last.get(lost.src) ?? lost.at) > lost.at);
}

function isLesson(attempt: Attempt): boolean {
  const { proof, canProve, tc, pathMtu, errors } = attempt;
  const isNews = (mtu: number) => mtu < (pathMtu ?? Number.POSITIVE_INFINITY);
  return (
    !mayBeCut(attempt) &&
    !tc &&
    canProve &&
    proof === 'none' &&
    errors.some((error) => pathKindOf(error) === TOO_BIG && isNews(mtuOf(error)))
  );
}

/** What Unbound falls back to; BIND may echo the very sizes, but nobody can tell. */
const FALLBACK_OCTETS = [1232, 1472];

/** The first second try with a smaller EDNS size that no software has by itself, after which a third went back to the first. */
function findEcho(attempts: readonly Attempt[]): Attempt | undefined {
  const tries = groupBy(
    attempts.filter(({ proto }) => proto === 'udp'),
    ({ src, dst, qtype }) => `${src} ${dst} ${qtype}`,
  );
  const echoes = [...tries.values()].flatMap((own) => (isEcho(own) ? own.slice(1, 2) : []));
  return echoes.reduce<Attempt | undefined>(
    (first, each) => (first === undefined || each.at < first.at ? each : first),
    undefined,
  );
}

function isEcho([first, second, third]: readonly Attempt[]): boolean {
  return (
    first !== undefined &&
    second !== undefined &&
    second.offered > 512 &&
    !FALLBACK_OCTETS.includes(second.offered) &&
    second.offered < first.offered &&
    !isProven(first) &&
    isRetryOf(second, first) &&
    (third === undefined || third.offered === first.offered)
  );
}

/** @param list in order of time */
function firstBySource<T extends { readonly src: string }>(list: readonly T[]): Map<string, T> {
  return new Map(list.toReversed().map((each) => [each.src, each]));
}

/** A resolver with an address of each IP version is no farm. */
function isFarm(sources: readonly string[]): boolean {
  const ipv6 = sources.filter((source) => source.includes(':')).length;
  return ipv6 > 1 || sources.length - ipv6 > 1;
}
