/** One path: a router with its faults, and behind it the host on which resolvers run (nft(8), ip-rule(8)). */
import {
  ADDRESSES_OF_SERVERS,
  HOSTS,
  NEAR,
  type Pair,
  type Prefix,
  ROOT_SERVER,
  routerAddress,
} from './addresses.ts';
import { type Authority, LAN_MAC, port, routerMac } from './authority.ts';
import type { Faults } from './impairment.ts';
import { link, openPlace, type Place } from './place.ts';
import { startRelay } from './relay-process.ts';

const PORT_MAC = '02:00:00:00:02:01';
const MACS = { router: '02:00:00:00:00:02', resolvers: '02:00:00:00:00:03' };

export interface Path {
  /** Where resolvers run. */
  readonly host: Place;
  /**
   * Gives a resolver its addresses.
   *
   * @param prefixes as many as {@link prefixesWanted}, nobody else's; the resolver's own is the first
   * @returns the addresses that servers see
   */
  admit(prefixes: readonly Prefix[]): Promise<readonly string[]>;
  close(): Promise<void>;
}

/** How many prefixes a resolver needs on such a path. */
export const prefixesWanted = ({ egresses }: Faults) => Math.max(1, egresses);

/** @param number of the path, each once */
export async function openPath(
  authority: Authority,
  number: number,
  faults: Faults,
  directory: string,
): Promise<Path> {
  const router = await openPlace();
  const host = await openPlace();
  const close = async () => void (await Promise.all([router.namespace.close(), host.namespace.close()]));
  try {
    await build(authority, number, faults, router, host);
    if (faults.relay !== undefined) await startRelay(router, faults.relay, directory);
  } catch (error) {
    await close();
    throw error;
  }
  return {
    host,
    close,
    async admit(prefixes) {
      const [own] = prefixes as readonly [Prefix];
      const egresses = prefixes.slice(0, faults.egresses).map((prefix) => prefix.address(HOSTS.egress));
      const resolver = own.address(HOSTS.resolver);
      await Promise.all([
        authority.route(number, prefixes),
        router.run(`
          ip route add ${own.ipv4} via ${NEAR.resolvers.ipv4}; ip route add ${own.ipv6} via ${NEAR.resolvers.ipv6}
          ${egresses.length === 0 ? '' : nft(rewriting(resolver, egresses))}`),
        host.run(addAddresses('c0', resolver, own.address(HOSTS.forwarder))),
      ]);
      return (egresses.length === 0 ? [resolver] : egresses).flatMap(({ ipv4, ipv6 }) => [ipv4, ipv6]);
    },
  };
}

async function build(
  authority: Authority,
  number: number,
  faults: Faults,
  router: Place,
  host: Place,
): Promise<void> {
  const toServers = { place: router, name: 'ra', mac: routerMac(number) };
  const toResolvers = { place: router, name: 'rc', mac: MACS.router };
  await link(toServers, { place: authority.place, name: port(number), mac: PORT_MAC });
  await link(toResolvers, { place: host, name: 'c0', mac: MACS.resolvers });
  await Promise.all([
    authority.admit(number),
    router.run(routerCommands(number, faults)),
    host.run(hostCommands(faults)),
  ]);
}

const nft = (script: string) => `nft -f - <<'END'\n${script}\nEND`;

function addAddresses(name: string, ...hosts: readonly Pair[]): string {
  return hosts
    .map(({ ipv4, ipv6 }) => `ip addr add ${ipv4}/32 dev ${name}; ip addr add ${ipv6}/128 dev ${name} nodad`)
    .join('\n');
}

function routerCommands(number: number, { rules, linkMtu, egresses, relay }: Faults): string {
  const { ipv4, ipv6 } = routerAddress(number);
  const neighbors = [ROOT_SERVER, ...ADDRESSES_OF_SERVERS];
  const told = (pair: Pair, mac: string, name: string) =>
    `ip neigh add ${pair.ipv4} lladdr ${mac} dev ${name}; ip neigh add ${pair.ipv6} lladdr ${mac} dev ${name}`;
  return `
    sysctl -qw net.ipv4.ip_forward=1 net.ipv6.conf.all.forwarding=1 net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    ip addr add ${ipv4}/24 dev ra; ip addr add ${ipv6}/64 dev ra nodad
    ip addr add ${NEAR.router.ipv4}/30 dev rc; ip addr add ${NEAR.router.ipv6}/64 dev rc nodad
    ${neighbors.map((pair) => told(pair, LAN_MAC, 'ra')).join('\n')}
    ${told(NEAR.resolvers, MACS.resolvers, 'rc')}
    ip link set rc mtu ${linkMtu}
    ${nft(faultTable(rules))}
    ${egresses === 0 ? '' : nft(egressTable(relay !== undefined))}`;
}

function hostCommands({ reassembly }: Faults): string {
  const { ipv4, ipv6 } = NEAR.router;
  const patience =
    reassembly === undefined
      ? ''
      : `sysctl -qw net.ipv4.ipfrag_time=${reassembly} net.ipv6.ip6frag_time=${reassembly}`;
  return `
    sysctl -qw net.ipv4.icmp_ratelimit=0 net.ipv6.icmp.ratelimit=0
    ${patience}
    ip addr add ${NEAR.resolvers.ipv4}/30 dev c0; ip addr add ${NEAR.resolvers.ipv6}/64 dev c0 nodad
    ip neigh add ${ipv4} lladdr ${MACS.router} dev c0; ip neigh add ${ipv6} lladdr ${MACS.router} dev c0
    ip route add default via ${ipv4}; ip -6 route add default via ${ipv6}`;
}

/** Connection tracking defragments at priority -400: a rule that looks for fragments must come before. */
function faultTable({ arrive, forward, own }: Faults['rules']): string {
  return `table inet fault {
  chain arrive {
    type filter hook prerouting priority -450; policy accept;
    ${arrive.join('\n    ')}
  }
  chain forward_on {
    type filter hook forward priority 0; policy accept;
    ${forward.join('\n    ')}
  }
  chain own {
    type filter hook output priority 0; policy accept;
    ${own.join('\n    ')}
  }
}`;
}

/** A connection is tracked on the relay's far side only: at its first sight, on the way in, it would get no new address. */
function egressTable(hasRelay: boolean): string {
  return `table inet egress {
  chain before_relay {
    type filter hook prerouting priority -300; policy accept;
    ${hasRelay ? 'iifname { ra, rc } notrack' : ''}
  }
  chain leave {
    type nat hook postrouting priority 100; policy accept;
  }
}`;
}

/** The first of two takes every other flow, the second what is left. */
function rewriting(resolver: Pair, egresses: readonly Pair[]): string {
  return egresses
    .flatMap(({ ipv4, ipv6 }, index) => {
      const share = egresses.length - index === 1 ? '' : `numgen random mod ${egresses.length} 0`;
      const flows = `oifname ra meta l4proto { tcp, udp } ${share}`;
      return [
        `add rule inet egress leave ip saddr ${resolver.ipv4} ${flows} snat ip to ${ipv4}:20000-29999 random`,
        `add rule inet egress leave ip6 saddr ${resolver.ipv6} ${flows} snat ip6 to [${ipv6}]:20000-29999 random`,
      ];
    })
    .join('\n');
}
