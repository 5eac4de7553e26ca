/** Name servers of the delegation, by name and role. */
import { isWildcard } from './address.ts';
import { ROLES, type Role } from './check.ts';
import type { Config } from './table.ts';

/** One name server in one role; it may have no address where `dns_listen` says only wildcards. */
export interface NameserverGroup {
  /** Host name in lower case, without its final dot. */
  readonly name: string;
  readonly role: Role;
  readonly ipv4: readonly string[];
  readonly ipv6: readonly string[];
}

/**
 * The name servers of every role, grouped by name and role, roles in the order of `ROLES`.
 *
 * A role that `nameservers` leaves out is carried by those of role parent. With none at all it is `ns1` below the
 * origin, at the addresses of `dns_listen`.
 */
export function nameserversOf(
  config: Pick<Config, 'origin' | 'dnsListen' | 'nameservers'>,
): readonly NameserverGroup[] {
  const listed = config.nameservers.length > 0 ? config.nameservers : implied(config);
  return ROLES.flatMap((role) => {
    const own = listed.filter((entry) => entry.role === role);
    const carriers = own.length > 0 ? own : listed.filter((entry) => entry.role === 'parent');
    const names = [...new Set(carriers.map(({ name }) => name))];
    return names.map((name) => {
      const entries = carriers.filter((entry) => entry.name === name);
      return { name, role, ipv4: addresses(entries, 'ipv4'), ipv6: addresses(entries, 'ipv6') };
    });
  });
}

type Entry = Config['nameservers'][number];

function implied({ origin, dnsListen }: Pick<Config, 'origin' | 'dnsListen'>): Entry[] {
  const name = origin === '.' ? 'ns1' : `ns1.${origin}`;
  const entries = dnsListen
    .filter((listen) => !isWildcard(listen))
    .map(({ address, family }) => ({ name, role: 'parent' as const, [`ipv${family}`]: address }));
  return entries.length > 0 ? entries : [{ name, role: 'parent' }];
}

function addresses(entries: readonly Entry[], family: 'ipv4' | 'ipv6'): string[] {
  return [...new Set(entries.map((entry) => entry[family]).filter((address) => address !== undefined))];
}
