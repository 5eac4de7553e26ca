/** Network namespaces of the lab and the links between them: packets as they are on a wire, no address in doubt (veth(4), ethtool(8)). */
import { once } from 'node:events';
import { type Namespace, openNamespace } from '../test/support/namespace.ts';

export interface Place {
  readonly namespace: Namespace;
  /** Runs shell commands inside, up to the first that fails. @throws {Error} with what that one said */
  run(commands: string): Promise<void>;
  /** A process inside, by which `ip` knows the namespace; it lives as long as that. */
  readonly pid: number;
}

/** IPv6 addresses count at once, and nobody minds by which way a packet comes. */
const SETTLED =
  'net.ipv6.conf.all.accept_dad=0 net.ipv6.conf.default.accept_dad=0 net.ipv4.conf.all.rp_filter=0 net.ipv4.conf.default.rp_filter=0';
const COMMANDS_WITHIN_MS = 60_000;

export async function openPlace(): Promise<Place> {
  const namespace = await openNamespace();
  const run = async (commands: string) => {
    const { code, stderr } = await namespace.run('sh', ['-ec', commands], COMMANDS_WITHIN_MS);
    if (code !== 0) throw new Error(`in a namespace of the lab: ${stderr.trim() || `exit status ${code}`}`);
  };
  await run(`sysctl -qw ${SETTLED}`);
  const stdio = ['ignore', 'pipe', 'ignore'] as const;
  const stays = namespace.spawn('sh', ['-c', 'echo inside && exec sleep infinity'], { stdio: [...stdio] });
  await once(stays.stdout!, 'data');
  return { namespace, run, pid: stays.pid! };
}

/** One end of a link. */
export interface End {
  readonly place: Place;
  /** Name of the interface there. */
  readonly name: string;
  /** Fixed, so that neighbors can be told of it. */
  readonly mac: string;
}

/** Commands that turn an interface's offloads off: with them TCP passes in units of 64 KiB, and no size means what it says. */
export const withoutOffloads = (name: string) =>
  `ethtool -K ${name} tso off gso off gro off tx off rx off >/dev/null 2>&1`;

/** A veth pair with both ends up. */
export async function link(one: End, other: End): Promise<void> {
  const peer = `peer name ${other.name} address ${other.mac} netns ${other.place.pid}`;
  await one.place.run(`ip link add ${one.name} address ${one.mac} type veth ${peer}`);
  await Promise.all(
    [one, other].map(({ place, name }) => place.run(`${withoutOffloads(name)}; ip link set ${name} up`)),
  );
}
