/** Hosts: the name servers of a zone by role and IP version, and their addresses as records (RFC 1034 §4.2.1). */
import { parseIpv4, parseIpv6 } from '../wire/address.ts';
import { labels, labelText, type Name, nameKey, parseName, prepend } from '../wire/name.ts';
import { a } from '../wire/rdata/a.ts';
import { aaaa } from '../wire/rdata/aaaa.ts';
import { type Rrset, rrset } from '../wire/rrset.ts';
import type { NameServer, Role } from './zone.ts';

const HOST_TTL = 3600;

export interface Host {
  readonly name: Name;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/**
 * Name servers of a role; where the operator listed none, those of the parent serve.
 * A zone of one family has hosts of its own names, `<first label>-v4.<origin>`, with addresses of that family only.
 */
export function hostsOf(
  role: Role,
  family: 'ipv4' | 'ipv6' | undefined,
  servers: readonly NameServer[],
  origin: Name,
): Host[] {
  const listed = servers.filter((server) => server.role === role);
  const used = listed.length > 0 ? listed : servers.filter((server) => server.role === 'parent');
  const hosts = used.map((server) => singleFamily(server, family, origin));
  const reachable = hosts.filter(({ ipv4, ipv6 }) => ipv4.length + ipv6.length > 0);
  return reachable.length > 0 ? reachable : hosts;
}

function singleFamily(
  { name, ipv4, ipv6 }: NameServer,
  family: 'ipv4' | 'ipv6' | undefined,
  origin: Name,
): Host {
  const full = parseName(name);
  if (family === undefined) return { name: full, ipv4, ipv6 };
  const own = prepend(`${labelText(labels(full)[0]!)}-${family === 'ipv4' ? 'v4' : 'v6'}`, origin);
  return { name: own, ipv4: family === 'ipv4' ? ipv4 : [], ipv6: family === 'ipv6' ? ipv6 : [] };
}

// Every name that an NS record may hold, with all its addresses: one host may stand in the list under several roles.
export function everyHost(servers: readonly NameServer[], origin: Name): Host[] {
  const hosts = new Map<string, Host>();
  for (const server of servers) {
    for (const family of [undefined, 'ipv4', 'ipv6'] as const) {
      const host = singleFamily(server, family, origin);
      const before = hosts.get(nameKey(host.name)) ?? { name: host.name, ipv4: [], ipv6: [] };
      const union = (one: readonly string[], two: readonly string[]) => [...new Set([...one, ...two])];
      hosts.set(nameKey(host.name), {
        ...host,
        ipv4: union(before.ipv4, host.ipv4),
        ipv6: union(before.ipv6, host.ipv6),
      });
    }
  }
  return [...hosts.values()];
}

/** A and AAAA RRsets of a host. */
export function addressSets({ name, ipv4, ipv6 }: Host): Rrset[] {
  return [
    rrset(
      a,
      name,
      HOST_TTL,
      ipv4.map((text) => ({ address: parseIpv4(text) })),
    ),
    rrset(
      aaaa,
      name,
      HOST_TTL,
      ipv6.map((text) => ({ address: parseIpv6(text) })),
    ),
  ].filter(({ rdatas }) => rdatas.length > 0);
}
