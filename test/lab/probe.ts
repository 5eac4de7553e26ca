/** A host behind a path of the lab, without a resolver: dig asks the servers directly. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { HOSTS, prefixOf, SERVERS } from '../../lab/addresses.ts';
import type { Authority } from '../../lab/authority.ts';
import { combine, parsePath } from '../../lab/impairment.ts';
import { IMPAIRMENTS } from '../../lab/impairments.ts';
import { openPath, prefixesWanted } from '../../lab/path.ts';
import { ORIGIN } from '../../lab/servers.ts';
import { type DigResult, dig } from '../support/dig.ts';
import type { Namespace } from '../support/namespace.ts';

export const FAMILIES = [4, 6] as const;
export type Family = (typeof FAMILIES)[number];

/** Of what should arrive nobody is in a hurry; what should not is waited for no longer than this. */
const PATIENCE = { arrive: '+timeout=10', vanish: '+timeout=1' } as const;

export interface Question {
  readonly family: Family;
  /** Left of the origin. */
  readonly label: string;
  readonly server?: (typeof SERVERS)[number];
  readonly role?: 'parent' | 'children';
  readonly args?: readonly string[];
}

export interface Probe {
  readonly host: Namespace;
  /** Its own address. */
  readonly address: Readonly<Record<Family, string>>;
  /** Addresses that servers see. */
  readonly sources: readonly string[];
  ask(question: Question): Promise<DigResult>;
  /** Takes a gate, then asks for the measured answer of that many octets; the octets that came, 0 for none. */
  receive(family: Family, octets: number, ...args: readonly string[]): Promise<number>;
  /** Follows the chain of names to its end, as a resolver does: paths that lose by chance begin to with that. */
  follow(family: Family): Promise<void>;
  /** The same for what is not expected to come. */
  misses(family: Family, octets: number, ...args: readonly string[]): Promise<number>;
}

/** @param number each at most once with an authority */
export async function openProbe(
  authority: Authority,
  number: number,
  path: string,
  directory: string,
): Promise<Probe> {
  const faults = combine(path, parsePath(path, IMPAIRMENTS));
  const folder = join(directory, path);
  mkdirSync(folder);
  const { host, admit } = await openPath(authority, number, faults, folder);
  const prefixes = Array.from({ length: prefixesWanted(faults) }, (_, at) => prefixOf(2 * number + at));
  const sources = await admit(prefixes);
  const own = prefixes[0]!.address(HOSTS.resolver);
  const address = { 4: own.ipv4, 6: own.ipv6 };

  const ask: Probe['ask'] = ({ family, label, server = SERVERS[0], role = 'children', args = [] }) =>
    dig(host.namespace, {
      server: server[role][`ipv${family}`],
      name: `${label}.${ORIGIN}`,
      type: 'TXT',
      args: ['-b', address[family], '+norec', '+ignore', PATIENCE.arrive, ...args],
    });

  async function follow(family: Family): Promise<void> {
    let label = `s512.v${family}`;
    for (let step = 0; step < 2; step++) {
      const { answer, raw } = await ask({ family, label });
      const target = answer.find(({ type }) => type === 'CNAME')?.rdata ?? '';
      if (!target.includes(ORIGIN)) throw new Error(`no next name over IPv${family}: ${raw}`);
      label = target.slice(0, target.indexOf(`.${ORIGIN}`));
    }
    await ask({ family, label });
  }

  async function measure(family: Family, octets: number, args: readonly string[]): Promise<number> {
    const gate = await ask({ family, label: `s${octets}.v${family}` });
    const target = gate.answer.find(({ type }) => type === 'CNAME')?.rdata ?? '';
    const label = target.slice(0, target.indexOf(`.${ORIGIN}`));
    if (!label.startsWith('g')) throw new Error(`no gate over IPv${family}: ${gate.raw}`);
    return (await ask({ family, label, args: ['+dnssec', '+bufsize=4096', ...args] })).size;
  }

  return {
    host: host.namespace,
    address,
    sources,
    ask,
    follow,
    receive: (family, octets, ...args) => measure(family, octets, args),
    misses: (family, octets, ...args) => measure(family, octets, [PATIENCE.vanish, ...args]),
  };
}
