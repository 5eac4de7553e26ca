/** Replica trials: whether DNSKEY answers of the root's size reach a source address, and over what (RFC 4035 §5, RFC 7766 §5). */
import { dnskeyOctets, ROOT_OCTETS } from '../zone/replica/composition.ts';
import { parseHead } from '../zone/replica/label.ts';
import { idOf, type RowId } from './attempt.ts';
import { groupBy } from './group.ts';
import type { Observation } from './observation.ts';
import { byTime } from './order.ts';
import { adviseReplica } from './replica-advice.ts';
import { type Span, spanOf } from './span.ts';

/**
 * How the answer to DNSKEY left at last in one trial: whole over UDP; over TCP; with TC=1 and no more; whole over UDP three times and
 * more within ten seconds, and nothing shows that it arrived; not at all, because nobody asked.
 */
export const WAYS = ['udp', 'tcp', 'tc', 'lost', 'unasked'] as const;

export type Way = (typeof WAYS)[number];

/** THE TABLE. What the trials of one source and replica show, by the last one that shows anything. */
export const REPLICA_CLASSES = {
  ARRIVES: 'a client got an answer that only who has the keys can validate',
  FAILS: 'the answer to DNSKEY did not arrive: TC=1 and no TCP, or lost again and again',
  UNASKED: 'clients got answers, and nobody asked for the keys: it does not validate, and needs none',
  OPEN: 'nobody knows what arrived: no client asked for the name in an answer, or one got it without the keys',
} as const;

export type ReplicaClass = keyof typeof REPLICA_CLASSES;

export interface ReplicaFinding extends Span {
  readonly source: string;
  /** First label: a day of the root, or a composition. */
  readonly replica: string;
  /** Apex of the replica that stands for all its trials, lower case. */
  readonly zone: string;
  /** Of the answer to DNSKEY, as it is meant: without COOKIE and other options. */
  readonly octets: number;
  readonly class: ReplicaClass;
  /** Zones that were made for one trial each. */
  readonly trials: number;
  readonly ways: Readonly<Record<Way, number>>;
  /** Trials whose validated answer a client is known to have got through this very address. */
  readonly reached: number;
  /** False where what decided came over UDP without a cookie or a name that only it was sent: anybody may have sent it. */
  readonly is_sure: boolean;
  readonly sentence: string;
  /** What its operator changes, null where there is nothing to. */
  readonly advice: string | null;
  /** First and last query for DNSKEY, and the last proof. */
  readonly evidence: readonly RowId[];
}

/** One trial as one source took part in it. */
interface Trial {
  readonly way: Way;
  readonly isReached: boolean;
  readonly isFailed: boolean;
  /** A client got the answer through this address, and nothing shows that it did so without the keys. */
  readonly isArrived: boolean;
  /** Whether nobody else can have made it up. */
  readonly isSure: boolean;
  readonly keys: readonly Observation[];
}

/** What all sources together did in the zone of one trial. */
interface Everyone {
  readonly hasKeyQuery: boolean;
  readonly isOverTcp: boolean;
  /** Whether an answer is known to have reached a client, through whatever address. */
  readonly isKnown: boolean;
}

const DNSKEY = 48;
/** What follows an answer comes within this time. */
const ANSWER_MS = 10_000;
/** So many whole answers over UDP within that time, none of which led to anything, are no accident; later ones renew what is cached. */
const LOST_TIMES = 3;

/**
 * In order of address and replica.
 *
 * @param rows as `KEY_ROLL_ROWS` picks them, of all sources
 * @param observedUntil how far the records reach, milliseconds since the epoch
 */
export function judgeReplicas(rows: readonly Observation[], observedUntil: number): ReplicaFinding[] {
  const own = rows
    .filter(({ event, rd, ad, excluded }) => event === 'query' && !rd && !ad && excluded === '')
    // Only zones that are made for a trial belong to a run.
    .filter(({ run, zone }) => run !== '' && headOf(zone) !== undefined)
    .filter((row) => isKeyQuery(row) || row.behavior === 'live')
    .sort(byTime);
  const everyone = new Map(
    [...groupBy(own, ({ zone }) => zone.toLowerCase())].map(([zone, all]) => [zone, everyoneOf(all)]),
  );
  const groups = groupBy(own, (row) => `${row.src} ${baseOf(row.zone)}`);
  return [...groups.entries()]
    .sort(([a], [b]) => (a < b ? -1 : 1))
    .flatMap(([, all]) => {
      const zones = groupBy(all, ({ zone }) => zone.toLowerCase());
      const trials = [...zones].flatMap(
        ([zone, rowsOfTrial]) => openTrial(rowsOfTrial, everyone.get(zone)!, observedUntil) ?? [],
      );
      return trials.length === 0 ? [] : [finding(all, trials)];
    });
}

function finding(rows: readonly Observation[], trials: readonly Trial[]): ReplicaFinding {
  const { src: source, zone } = rows[0]!;
  const ways = Object.fromEntries(
    WAYS.map((way) => [way, trials.filter((each) => each.way === way).length]),
  ) as Record<Way, number>;
  const reached = trials.filter(({ isReached }) => isReached).length;
  const decided = trials.filter(({ isArrived, isFailed }) => isArrived || isFailed);
  // What anybody may have sent counts only where there is nothing else.
  const last = decided.findLast((trial) => trial.isSure) ?? decided.at(-1);
  const found =
    last === undefined ? 'OPEN' : last.isFailed ? 'FAILS' : last.way === 'unasked' ? 'UNASKED' : 'ARRIVES';
  const keys = trials.flatMap((trial) => trial.keys).sort(byTime);
  // What was never asked for has the root's octets, but for the smallest compositions.
  const octets = keys[0]?.size ?? dnskeyOctets(headOf(zone)!.composition.keys, ROOT_OCTETS);
  const proof = rows.findLast(isOwnProof);
  const base = baseOf(zone);
  const replica = base.split('.', 1)[0]!;
  return {
    source,
    replica,
    zone: base,
    octets,
    class: found,
    trials: trials.length,
    ways,
    reached,
    is_sure: last?.isSure ?? trials.some((trial) => trial.isSure),
    sentence: `${replica}, ${octets} octets: ${tellWays(ways, trials.length)}; ${tellReached(reached, trials.length)}.`,
    advice: found === 'FAILS' ? adviseReplica(last!.way) : null,
    evidence: [...new Set([keys[0], keys.at(-1), proof])].flatMap((row) =>
      row === undefined ? [] : [idOf(row)],
    ),
    ...spanOf(rows.map(({ time }) => ({ first_at: time, last_at: time }))),
  };
}

const WAY_WORDS: Readonly<Record<Way, string>> = {
  udp: 'over UDP',
  tcp: 'over TCP after TC=1',
  tc: 'TC=1 and no query over TCP',
  lost: 'over UDP again and again, without a sign of arrival',
  unasked: 'DNSKEY not asked for',
};

function tellWays(ways: Readonly<Record<Way, number>>, trials: number): string {
  return WAYS.filter((way) => ways[way] > 0)
    .map((way) => (ways[way] === trials ? WAY_WORDS[way] : `${WAY_WORDS[way]} (${ways[way]})`))
    .join(', ');
}

function tellReached(reached: number, trials: number): string {
  return `${reached} of ${trials} ${reached === trials ? '' : 'known to have '}reached a client`;
}

function everyoneOf(rows: readonly Observation[]): Everyone {
  const keys = rows.filter(isKeyQuery);
  return {
    hasKeyQuery: keys.length > 0,
    isOverTcp: keys.some(({ proto, action }) => proto !== 'udp' && action === 'answer'),
    isKnown: rows.some(isProof),
  };
}

/**
 * Undefined where the source neither asked for keys nor is known to have passed an answer on: another address did.
 *
 * @param rows of the source in the zone of the trial
 */
function openTrial(
  rows: readonly Observation[],
  everyone: Everyone,
  observedUntil: number,
): Trial | undefined {
  const keys = rows.filter(isKeyQuery);
  const isReached = rows.some(isOwnProof);
  if (keys.length === 0 && (everyone.hasKeyQuery || !isReached)) return undefined;
  const way = wayOf(keys, everyone);
  const isSilent = !everyone.isKnown && observedUntil - rows.at(-1)!.time >= ANSWER_MS;
  return {
    way,
    keys,
    isReached,
    isFailed: (way === 'tc' || way === 'lost') && isSilent,
    // With CD=1, or from a resolver that does not insist, a client gets answers without the keys.
    isArrived: isReached && way !== 'tc',
    isSure: rows.some(isSure),
  };
}

function wayOf(keys: readonly Observation[], { isOverTcp, isKnown }: Everyone): Way {
  if (keys.length === 0) return 'unasked';
  if (isOverTcp) return 'tcp';
  const whole = keys.filter(({ tc, action }) => !tc && action === 'answer');
  if (whole.length === 0) return 'tc';
  return isRepeated(whole) && !isKnown ? 'lost' : 'udp';
}

/** @param whole in order of time */
function isRepeated(whole: readonly Observation[]): boolean {
  return whole.some(({ time }, at) => {
    const last = whole[at + LOST_TIMES - 1];
    return last !== undefined && last.time - time <= ANSWER_MS;
  });
}

function isKeyQuery({ behavior, qtype, edns_do }: Observation): boolean {
  return behavior === 'replica' && qtype === DNSKEY && edns_do;
}

function isProof({ step, signal }: Observation): boolean {
  return step === 'proof' && (signal === 'own' || signal === 'relayed');
}

function isOwnProof(row: Observation): boolean {
  return isProof(row) && row.signal === 'own';
}

/** `gate`: asked in a zone whose name was made for this prefix, and sent nowhere else. */
function isSure(row: Observation): boolean {
  return row.proto !== 'udp' || row.cookie === 'valid' || row.proof === 'gate' || isOwnProof(row);
}

function headOf(zone: string) {
  return parseHead(zone.toLowerCase().split('.', 1)[0]!.split('-', 1)[0]!);
}

/** `k20270111.probe.example.`, of it and of what was made of it. */
function baseOf(zone: string): string {
  const [label = '', ...parent] = zone.toLowerCase().split('.');
  return [label.split('-', 1)[0], ...parent].join('.');
}
