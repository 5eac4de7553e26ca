/** What can be wrong with a path: faults as data, and several of them as one. */
import { ConfigError } from '../src/config/error.ts';
import type { RelaySettings } from './relay-settings.ts';

/**
 * Rules of nftables on the router, whose interfaces are `ra` (to the servers) and `rc` (to the resolvers).
 *
 * `arrive` comes before connection tracking puts fragments together, `own` sees what the router says itself.
 */
export interface Rules {
  readonly arrive?: readonly string[];
  readonly forward?: readonly string[];
  readonly own?: readonly string[];
}

export interface Impairment {
  readonly name: string;
  /** For people, one line. */
  readonly summary: string;
  readonly rules?: Rules;
  /** Octets of the largest packet on the link between router and resolvers. */
  readonly linkMtu?: number;
  /** Seconds that the resolvers' hosts wait for missing fragments. */
  readonly reassembly?: number;
  /** Packets pass through a program. */
  readonly relay?: RelaySettings;
  /** Source addresses are rewritten: to this many others, chosen anew for each flow. */
  readonly egresses?: 1 | 2;
}

/** All faults of a path together. */
export interface Faults {
  readonly rules: Required<Rules>;
  readonly linkMtu: number;
  readonly reassembly: number | undefined;
  readonly relay: RelaySettings | undefined;
  readonly egresses: 0 | 1 | 2;
}

/** Names joined by `+`, as their rows of the table. @throws {ConfigError} for a name that the table lacks, or that stands twice */
export function parsePath(path: string, table: readonly Impairment[]): Impairment[] {
  return path.split('+').map((name, at, names) => {
    if (names.indexOf(name) < at)
      throw new ConfigError(`path "${path}": "${name}" stands there twice, want each once`);
    const found = table.find((row) => row.name === name);
    if (found !== undefined) return found;
    const known = table.map((row) => row.name).join(', ');
    throw new ConfigError(`path "${path}": "${name}" is unknown, want some of ${known}, joined by +`);
  });
}

/** @throws {ConfigError} for two that rewrite source addresses */
export function combine(path: string, parts: readonly Impairment[]): Faults {
  const rewriting = parts.filter(({ egresses }) => egresses !== undefined);
  if (rewriting.length > 1)
    throw new ConfigError(
      `path "${path}": ${rewriting.map(({ name }) => name).join(' and ')} both rewrite source addresses, want one`,
    );
  const relays = parts.flatMap(({ relay }) => relay ?? []);
  const gather = (chain: keyof Rules) => parts.flatMap(({ rules }) => rules?.[chain] ?? []);
  return {
    rules: { arrive: gather('arrive'), forward: gather('forward'), own: gather('own') },
    linkMtu: Math.min(1500, ...parts.flatMap(({ linkMtu }) => linkMtu ?? [])),
    reassembly: parts.find(({ reassembly }) => reassembly !== undefined)?.reassembly,
    relay: relays.length === 0 ? undefined : Object.assign({}, ...relays),
    egresses: rewriting[0]?.egresses ?? 0,
  };
}
