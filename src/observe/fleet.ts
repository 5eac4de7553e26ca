/** Fleet: how many name servers the origin has, and of how many of them rows are read. */

/** A name server as the settings have it. */
export interface NameServer {
  readonly name: string;
  readonly addresses: readonly string[];
  /** True where the host with these settings listens on all of its addresses. */
  readonly isHere: boolean;
}

export interface Fleet {
  /** Hosts that the settings name for the origin. */
  readonly configured: number;
  /** Those of them whose rows are not read. */
  readonly unread: number;
  /** Names of the nodes that wrote the rows which are read, in order. */
  readonly nodes: readonly string[];
}

/** What one host is known by: its node, where rows show that, else the name of a server. */
interface Host {
  readonly label: string;
  readonly isRead: boolean;
}

/**
 * Counts hosts: names whose addresses one node answered at are one, and so are those that this host listens on.
 *
 * A node that was asked at none of their addresses, because of what stands on the way or because nobody asked there, is one of the others.
 *
 * @param servers of the origin
 * @param heard the addresses that each node was asked at, by its name; none where no row is of this origin
 * @param folders data directories that were read, at least as many hosts as that
 */
export function countFleet(
  servers: readonly NameServer[],
  heard: ReadonlyMap<string, ReadonlySet<string>>,
  folders = 0,
): Fleet {
  const nodes = [...heard.keys()].sort();
  const nodeOf = ({ addresses }: NameServer) =>
    nodes.find((node) => addresses.some((address) => heard.get(node)?.has(address)));
  const here = servers.filter(({ isHere }) => isHere);
  const nodeHere = here.map(nodeOf).find((node) => node !== undefined);
  function hostOf(server: NameServer): Host {
    const node = nodeOf(server) ?? (server.isHere ? nodeHere : undefined);
    if (node !== undefined) return { label: `node ${node}`, isRead: true };
    return { label: server.isHere ? 'here' : `server ${server.name}`, isRead: false };
  }
  const hosts = new Map(servers.map(hostOf).map((host) => [host.label, host]));
  const read = [...hosts.values()].filter(({ isRead }) => isRead).length;
  const isKnown = (node: string) =>
    servers.some(({ addresses }) => addresses.some((address) => heard.get(node)?.has(address)));
  const others = nodes.filter((node) => !isKnown(node)).length;
  // Rows of another origin say nothing of these servers.
  const unread = nodes.length === 0 ? 0 : hosts.size - Math.max(read + others, folders);
  return { configured: hosts.size, unread: Math.max(0, unread), nodes };
}

/** `1 of 2 name servers`. */
export function unreadText({ configured, unread }: Fleet): string {
  return `${unread} of ${configured} name servers`;
}
