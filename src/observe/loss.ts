/** Loss: an answer over UDP that shows no arrival although it could, and what else than its size may be why. */
import type { Attempt, RowId } from './attempt.ts';
import { groupBy } from './group.ts';
import type { Observation } from './observation.ts';
import { PORT_UNREACHABLE, pathKindOf, TOO_BIG } from './path-kind.ts';

/**
 * Why a loss says nothing of what its source can receive.
 *
 * `port`: nobody listened at the port, as where somebody asked in the name of the source. `distance`: its query came over
 * another number of hops than all that are known to be of the source. `mtu`: "packet too big" taught this server the path MTU.
 */
export type Excuse = 'port' | 'distance' | 'mtu';

/** Finds the excuse of a loss of one source; undefined where it has none. */
export type Excuses = (loss: Attempt) => Excuse | undefined;

/** So far two paths between the same hosts differ, as a rule. */
const MOST_HOPS_APART = 2;

/** @param queries of one source */
export function indexExcuses(queries: readonly Observation[]): Excuses {
  // Made at the first loss: most sources have none.
  let isStrange: ((loss: Attempt) => boolean) | undefined;
  return (loss) => {
    if (loss.errors.some((error) => pathKindOf(error) === PORT_UNREACHABLE)) return 'port';
    if (loss.errors.some((error) => pathKindOf(error) === TOO_BIG)) return 'mtu';
    isStrange ??= indexDistances(queries);
    return isStrange(loss) ? 'distance' : undefined;
  };
}

/** Whether it shows no arrival. */
export function isLost({ proof }: Attempt): boolean {
  return proof === 'none';
}

/** A whole answer over UDP that could have shown its arrival. */
export function isWholeTry({ proto, isClean, tc, canProve }: Attempt): boolean {
  return proto === 'udp' && isClean && !tc && canProve;
}

/** Losses that speak of the path, and those that something else explains. */
export function tellingOf(
  attempts: readonly Attempt[],
  excuseOf: Excuses,
): { readonly telling: readonly Attempt[]; readonly excused: readonly ExcusedLoss[] } {
  const telling: Attempt[] = [];
  const excused: ExcusedLoss[] = [];
  for (const loss of attempts) {
    if (!isWholeTry(loss) || !isLost(loss)) continue;
    const excuse = excuseOf(loss);
    if (excuse === undefined) telling.push(loss);
    else excused.push({ loss, excuse });
  }
  return { telling, excused };
}

export interface ExcusedLoss {
  readonly loss: Attempt;
  readonly excuse: Excuse;
}

/** How many losses each excuse explains. */
export type ExcuseCounts = Readonly<Partial<Record<Excuse, number>>>;

export function countExcuses(excused: readonly ExcusedLoss[]): ExcuseCounts {
  return Object.fromEntries(
    [...groupBy(excused, ({ excuse }) => excuse)].map(([excuse, own]) => [excuse, own.length]),
  );
}

/** `2 left out: nobody listened at the port`. */
export function wordsOf(counts: ExcuseCounts): string[] {
  return EXCUSES.flatMap(({ name, words }) =>
    counts[name] === undefined ? [] : [`${counts[name]} left out: ${words}`],
  );
}

const EXCUSES: readonly { readonly name: Excuse; readonly words: string }[] = [
  { name: 'port', words: 'nobody listened at the port' },
  { name: 'distance', words: 'the query came over another number of hops than all that are surely its own' },
  { name: 'mtu', words: 'ICMP "packet too big" taught the path MTU' },
];

/** Smallest MTU that ICMP names for any of them, octets; null where none does. */
export function smallestMtu(losses: readonly Attempt[]): number | null {
  return losses
    .flatMap(({ errors }) => errors.filter((error) => pathKindOf(error) === TOO_BIG))
    .reduce<number | null>(
      (least, { icmp_mtu: mtu }) => (mtu === null ? least : Math.min(least ?? mtu, mtu)),
      null,
    );
}

/** Whether a query came with a TTL unlike that of every query to its node that nobody else can have sent. */
function indexDistances(queries: readonly Observation[]): (loss: Attempt) => boolean {
  const known = new Map(
    [...groupBy(queries.filter(isSurelyOfSource), ({ node }) => node)].map(([node, rows]) => [
      node,
      new Set(rows.map(({ ttl }) => ttl)),
    ]),
  );
  const measured = new Map<string, number>();
  if (known.size > 0)
    for (const row of queries)
      if (row.step === 'measured' && row.ttl !== null) measured.set(keyOf(row), row.ttl);
  return ({ node, rows: [row] }) => {
    const ttl = row && measured.get(keyOf(row));
    const near = known.get(node);
    if (ttl === undefined || near === undefined) return false;
    return [...near].every((each) => Math.abs((each ?? ttl) - ttl) > MOST_HOPS_APART);
  };
}

/** Only who gets our answers returns an own receipt or a cookie, or completes the handshake of TCP. */
function isSurelyOfSource({ ttl, proto, receipt, cookie }: Observation): boolean {
  return ttl !== null && (proto !== 'udp' || receipt?.relation === 'own' || cookie === 'valid');
}

function keyOf({ node, boot, seq }: RowId): string {
  return `${node}|${boot}|${seq}`;
}
