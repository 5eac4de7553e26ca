/** Who has which address in the lab: servers in documentation prefixes (RFC 5737, RFC 3849), resolvers each in a /24 of RFC 6598 and a /48. */

/** One address of each IP version. */
export interface Pair {
  readonly ipv4: string;
  readonly ipv6: string;
}

/** On the servers' own network, 192.0.2.0/24 and 2001:db8:a::/64. */
const served = (host: number): Pair => ({ ipv4: `192.0.2.${host}`, ipv6: `2001:db8:a::${host}` });

export const ROOT_SERVER: Pair = served(2);

/**
 * Both servers of the origin; each serves the children at addresses of their own (a referral is none where both are one), and the
 * hostile zones too (resolvers leave a server alone that failed them).
 */
export const SERVERS = [
  { node: 'ns1', parent: served(11), children: served(12), hostile: served(13) },
  { node: 'ns2', parent: served(21), children: served(22), hostile: served(23) },
] as const;

export const ADDRESSES_OF_SERVERS: readonly Pair[] = SERVERS.flatMap(({ parent, children, hostile }) => [
  parent,
  children,
  hostile,
]);

/** Where the router of a path meets the servers' network. @param path 0 for the first, at most 149 */
export function routerAddress(path: number): Pair {
  if (path > 149) throw new RangeError('150 paths at most have an address on the network of the servers');
  return served(100 + path);
}

/** The link between router and resolvers, the same on every path: nobody else sees it. */
export const NEAR: { readonly router: Pair; readonly resolvers: Pair } = {
  router: { ipv4: '198.51.100.1', ipv6: '2001:db8:b::1' },
  resolvers: { ipv4: '198.51.100.2', ipv6: '2001:db8:b::2' },
};

/** A /24 and a /48. */
export interface Prefix {
  readonly ipv4: string;
  readonly ipv6: string;
  address(host: number): Pair;
}

/** @param number each at most once in a lab, below 16384 */
export function prefixOf(number: number): Prefix {
  if (number >= 0x4000) throw new RangeError('16384 prefixes are all that a lab has');
  const upper = `100.${64 + (number >> 8)}.${number & 0xff}`;
  const block = `2001:db8:${(0x1000 + number).toString(16)}:`;
  return {
    ipv4: `${upper}.0/24`,
    ipv6: `${block}:/48`,
    address: (host) => ({ ipv4: `${upper}.${host}`, ipv6: `${block}:${host}` }),
  };
}

/** What all of them lie in. */
export const ALL_PREFIXES = ['100.64.0.0/10', '2001:db8::/32'] as const;

/** Hosts within a prefix. */
export const HOSTS = { resolver: 53, forwarder: 54, egress: 80 } as const;
