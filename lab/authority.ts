/** Where all servers stand: one network, with a port for the router of every path. */
import { type Pair, type Prefix, ROOT_SERVER, routerAddress, SERVERS } from './addresses.ts';
import { openPlace, type Place, withoutOffloads } from './place.ts';
import { type Root, startRoot } from './root.ts';
import { ORIGIN, PARENT_SERVERS, startServers } from './servers.ts';

const LAN = 'lan';
export const LAN_MAC = '02:00:00:00:00:01';
/** Of the router's interface there. */
export const routerMac = (path: number) => `02:00:00:00:01:${path.toString(16).padStart(2, '0')}`;
/** The end of a router's link here. */
export const port = (path: number) => `port${path}`;

export interface Authority {
  readonly place: Place;
  readonly root: Root;
  /** Lets the router of a path in, whose link has its end {@link port} here already. */
  admit(path: number): Promise<void>;
  /** Sends what is for these prefixes to that router. */
  route(path: number, prefixes: readonly Prefix[]): Promise<void>;
  close(): Promise<void>;
}

/** @param directory of the lab; each server makes its own folder there */
export async function openAuthority(directory: string): Promise<Authority> {
  const place = await openPlace();
  try {
    await place.run(networkCommands());
    const ds = await startServers(place.namespace, directory);
    const delegation = { zone: `${ORIGIN}.`, servers: PARENT_SERVERS, ds };
    const root = await startRoot(place.namespace, directory, delegation);
    return { ...doors(place), place, root, close: () => place.namespace.close() };
  } catch (error) {
    await place.namespace.close();
    throw error;
  }
}

function networkCommands(): string {
  const hosts: Pair[] = [ROOT_SERVER, ...SERVERS.flatMap(({ parent, children }) => [parent, children])];
  const addresses = hosts.map(
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
