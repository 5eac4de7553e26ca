/** Real resolvers between dig and padzone: every software of the table, once with EDNS 4096 and once as it comes. */
import { formatRun } from '../../src/zone/test-name.ts';
import { type DigResult, dig } from '../support/dig.ts';
import type { Namespace } from '../support/namespace.ts';
import { ORIGIN } from '../support/padzone.ts';
import type { Daemon } from '../support/processes.ts';
import type { Resolver } from '../support/resolvers/resolver.ts';
import { RESOLVERS } from '../support/resolvers/table.ts';
import { unbound } from '../support/resolvers/unbound.ts';
import { resolverProblem, startResolver } from '../support/resolvers.ts';
import type { Shown } from './show.ts';

/** The EDNS size that all five offer when nobody sets one. */
const DEFAULT_EDNS = 1232;

export interface Setup {
  readonly resolver: Resolver;
  /** Octets; `undefined` leaves the software's default. */
  readonly ednsSize: number | undefined;
  /** What padzone is offered then. */
  readonly offered: number;
  readonly who: string;
  readonly listen: string;
  /** Where queries reach padzone from: for a forwarder, its validator. */
  readonly source: string;
}

/** Every setup has addresses of its own, so that the rows of one are those of one source. */
export const SETUPS: readonly Setup[] = [4096, undefined].flatMap((ednsSize, at) =>
  RESOLVERS.map((resolver, index) => {
    const listen = `127.0.0.${11 + index + at * RESOLVERS.length}`;
    return {
      resolver,
      ednsSize,
      offered: ednsSize ?? DEFAULT_EDNS,
      who: `${resolver.name} ${ednsSize ?? 'default'}`,
      listen,
      source: resolver.role === 'forwarder' ? `127.0.0.${11 + at + 2 * RESOLVERS.length}` : listen,
    };
  }),
);

/** Why a setup must be skipped; `undefined` when its programs are here. */
export function setupProblem({ resolver }: Setup): string | undefined {
  return resolverProblem(resolver) ?? (resolver.role === 'forwarder' ? resolverProblem(unbound) : undefined);
}

/** Starts the resolver of a setup, for a forwarder its validator too. */
export async function startSetup(
  namespace: Namespace,
  directory: string,
  { resolver, ednsSize, listen, source }: Setup,
  anchor: string,
): Promise<Daemon> {
  const options = { anchors: [anchor], ...(ednsSize === undefined ? {} : { ednsSize }) };
  if (resolver.role === 'forwarder')
    await startResolver(namespace, unbound, directory, { ...options, listen: source });
  return startResolver(namespace, resolver, directory, { ...options, listen, upstream: source });
}

export interface Question {
  /** Left of the origin. */
  readonly label: string;
  /** TXT when not given. */
  readonly type?: string;
  readonly args?: readonly string[];
}

/** Asks one question after the other through a resolver, and keeps what came for the table. */
export async function inquire(
  namespace: Namespace,
  { who, listen }: Setup,
  { label, type = 'TXT', args = [] }: Question,
  kept: Shown[],
): Promise<DigResult> {
  const name = `${label}.${ORIGIN}`;
  const result = await dig(namespace, { server: listen, name, type, args });
  kept.push({ who, question: [name, type, ...args].join(' '), result });
  return result;
}

let runs = 0;

/** A run id that no other question has: resolvers keep answers of TTL 0 for the rest of a second. */
export function newRun(): string {
  runs += 1;
  return formatRun(runs.toString(16).padStart(12, '0'));
}
