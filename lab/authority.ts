/** Where all servers stand: one network, with a port for the router of every path. */
import { ADDRESSES_OF_SERVERS, type Prefix, ROOT_SERVER, routerAddress } from './addresses.ts';
import { openPlace, type Place, withoutOffloads } from './place.ts';
import { type Root, startRoot } from './root.ts';
import { ORIGIN, PARENT_SERVERS, type ServersUnderTest, startServers } from './servers.ts';

const LAN = 'lan';
export const LAN_MAC = '02:00:00:00:00:01';
/** Of the router's interface there. */
export const routerMac = (path: number) => `02:00:00:00:01:${path.toString(16).padStart(2, '0')}`;
/** The end of a router's link here. */
export const port = (path: number) => `port${path}`;

export interface Authority {
  readonly place: Place;
  readonly root: Root;
  readonly servers: ServersUnderTest;
  /** Lets the router of a path in, whose link has its end {@link port} here already. */
  admit(path: number): Promise<void>;
  /** Sends what is for these prefixes to that router. */
  route(path: number, prefixes: readonly Prefix[]): Promise<void>;
  close(): Promise<void>;
}

/** What may be otherwise than usual. */
export interface Deviations {
  /** The root delegates the origin without DS, so that nobody validates what stands above an anchor of its own. */
  readonly isUnsigned?: boolean;
  /** No resolver has to prove its address before an answer of some size leaves. */
  readonly isTrusting?: boolean;
}

/** @param directory of the lab; each server makes its own folder there */
export async function openAuthority(directory: string, deviations: Deviations = {}): Promise<Authority> {
  const place = await openPlace();
  try {
    await place.run(networkCommands());
    const servers = await startServers(place.namespace, directory, deviations.isTrusting ?? false);
    const delegation = {
      zone: `${ORIGIN}.`,
      servers: PARENT_SERVERS,
      ds: deviations.isUnsigned ? [] : servers.ds,
    };
    const root = await startRoot(place.namespace, directory, delegation);
    return { ...doors(place), place, root, servers, close: () => place.namespace.close() };
  } catch (error) {
    await place.namespace.close();
    throw error;
  }
}

function networkCommands(): string {
  const addresses = [ROOT_SERVER, ...ADDRESSES_OF_SERVERS].map(
    ({ ipv4, ipv6 }) => `ip addr add ${ipv4}/24 dev ${LAN}; ip addr add ${ipv6}/64 dev ${LAN} nodad`,
  );
  return `
    ip link add ${LAN} address ${LAN_MAC} mtu 1500 type bridge mcast_snooping 0
    ${withoutOffloads(LAN)}
    ${addresses.join('\n')}
    ip link set ${LAN} up`;
}

function doors({ run }: Place): Pick<Authority, 'admit' | 'route'> {
  return {
    admit(path) {
      const { ipv4, ipv6 } = routerAddress(path);
      const at = `lladdr ${routerMac(path)} dev ${LAN}`;
      return run(
        `ip link set ${port(path)} master ${LAN}; ip neigh add ${ipv4} ${at}; ip neigh add ${ipv6} ${at}`,
      );
    },
    route(path, prefixes) {
      const router = routerAddress(path);
      const routes = prefixes.map(
        ({ ipv4, ipv6 }) =>
          `ip route add ${ipv4} via ${router.ipv4}; ip route add ${ipv6} via ${router.ipv6}`,
      );
      return run(routes.join('\n'));
    },
  };
}
