/** Both servers under test: the built padzone twice, one secret, one set of keys, two data directories. */
import { execFile } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { ensureKeys } from '../src/dnssec/key-store.ts';
import { wantedKeys } from '../src/engine/load-world.ts';
import { readZoneFiles } from '../src/zone/zone-file.ts';
import { answers } from '../test/support/dig.ts';
import type { Namespace } from '../test/support/namespace.ts';
import { startDaemon } from '../test/support/processes.ts';
import { ALL_PREFIXES, type Pair, SERVERS } from './addresses.ts';
import { makeClock, type SettableClock } from './clock.ts';

export const ORIGIN = 'probe.lab';

/** The program under test. */
export const MAIN = resolve('dist/cli/main.js');

/** Names of the origin's servers, for the parent zone. */
export const PARENT_SERVERS = SERVERS.map(({ node, parent }) => ({ name: `${node}.${ORIGIN}`, ...parent }));

type Server = (typeof SERVERS)[number];

const each = ({ ipv4, ipv6 }: Pair) => [ipv4, ipv6];

const NAMESERVERS = SERVERS.flatMap(({ node, parent, children, hostile }) => [
  ...each(parent).map((address) => `${node}.${ORIGIN}/parent/${address}`),
  ...each(children).map((address) => `c-${node}.${ORIGIN}/children/${address}`),
  ...each(hostile).map((address) => `h-${node}.${ORIGIN}/hostile/${address}`),
]);

/** Budgets are off: everybody's answers come from here, and a limit of ours is no fault of the path. */
const UNLIMITED = {
  PADZONE_UDP_BUDGET: '0',
  PADZONE_UDP_BUDGET_TOTAL: '0',
  PADZONE_SIGNING_BUDGET: '100',
  PADZONE_TCP_PER_SOURCE: '1000',
};

const dataDirectory = (directory: string, { node }: Server) => join(directory, node, 'data');

export const dataDirectories = (directory: string) =>
  SERVERS.map((server) => dataDirectory(directory, server));

function environment(directory: string, server: Server): Record<string, string> {
  const listen = [server.parent, server.children, server.hostile].flatMap(each);
  return {
    PADZONE_ORIGIN: ORIGIN,
    PADZONE_NODE: server.node,
    PADZONE_NAMESERVERS: NAMESERVERS.join(),
    PADZONE_DNS_LISTEN: listen.map((at) => (at.includes(':') ? `[${at}]:53` : `${at}:53`)).join(),
    PADZONE_HTTP_LISTEN: '',
    PADZONE_ENGINE: 'linux',
    PADZONE_PACKET_THREADS: '1',
    PADZONE_KEYS_DIR: join(directory, 'keys'),
    PADZONE_DATA_DIR: dataDirectory(directory, server),
    PADZONE_COMPACT: 'false',
    ...UNLIMITED,
  };
}

export interface ServersUnderTest {
  /** DS lines of the origin. */
  readonly ds: readonly string[];
  /** What both make zones, gates and receipts from. */
  readonly secret: Uint8Array;
  /** The clock of both. */
  readonly clock: SettableClock;
}

/** Makes keys, then starts both. */
export async function startServers(
  namespace: Namespace,
  directory: string,
  isTrusting: boolean,
): Promise<ServersUnderTest> {
  const wanted = wantedKeys(ORIGIN, await readZoneFiles(resolve('zones')));
  await ensureKeys(join(directory, 'keys'), wanted, Date.now());
  const secret = randomBytes(32);
  const shared = {
    PADZONE_SECRET: secret.toString('hex'),
    PADZONE_ALLOW: isTrusting ? ALL_PREFIXES.join() : '',
  };
  const clock = makeClock(directory);
  await Promise.all(
    SERVERS.map((server) => {
      const own = join(directory, server.node);
      mkdirSync(own);
      return startDaemon(namespace, {
        name: server.node,
        // With /sys as the namespace has it: the MTU of a link is read there.
        command: 'unshare',
        args: ['-m', 'sh', '-c', MOUNTED, 'sh', process.execPath, MAIN, 'serve'],
        directory: own,
        env: { ...environment(directory, server), ...shared, ...clock.env },
        ready: () => answers(namespace, server.children.ipv4),
      });
    }),
  );
  const env = { ...process.env, ...environment(directory, SERVERS[0]), ...shared };
  const { stdout } = await promisify(execFile)(process.execPath, [MAIN, 'ds'], { env });
  return { ds: stdout.trim().split('\n'), secret, clock };
}

const MOUNTED = 'mount -t sysfs sysfs /sys && exec "$@"';
