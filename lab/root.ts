/** The root zone of the lab: signed, delegating one domain, served by NSD (RFC 1034 §4.2, RFC 4035 §2). */
import { execFile } from 'node:child_process';
import { mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { answers } from '../test/support/dig.ts';
import { type Namespace, SEARCH_PATH } from '../test/support/namespace.ts';
import { findProgram, startDaemon } from '../test/support/processes.ts';
import { type Pair, ROOT_SERVER } from './addresses.ts';

const NAME = 'a.root-servers.';

/** What a resolver must know of the root. */
export interface Root {
  /** Master file: name and addresses of the root's server (RFC 9609). */
  readonly hints: string;
  /** DS lines of the root's keys. */
  readonly anchors: readonly string[];
}

export interface Delegation {
  /** With the final dot. */
  readonly zone: string;
  readonly servers: readonly (Pair & { readonly name: string })[];
  /** DS lines. */
  readonly ds: readonly string[];
}

/** Signs and serves it in its own folder below `directory`. */
export async function startRoot(
  namespace: Namespace,
  directory: string,
  delegation: Delegation,
): Promise<Root> {
  const own = join(directory, 'root');
  mkdirSync(own);
  const anchors = await sign(own, zoneOf(delegation));
  const config = join(own, 'nsd.conf');
  writeFileSync(config, configuration(own));
  await startDaemon(namespace, {
    name: 'nsd',
    command: findProgram('nsd')!,
    args: ['-d', '-c', config],
    directory: own,
    ready: () => answers(namespace, ROOT_SERVER.ipv4),
  });
  return { hints: `. 3600000 NS ${NAME}\n${addresses(NAME, ROOT_SERVER)}`, anchors };
}

const addresses = (owner: string, { ipv4, ipv6 }: Pair) => `${owner} A ${ipv4}\n${owner} AAAA ${ipv6}\n`;

function zoneOf({ zone, servers, ds }: Delegation): string {
  return `$TTL 86400
. SOA ${NAME} hostmaster.${NAME} 1 3600 600 86400 60
. NS ${NAME}
${addresses(NAME, ROOT_SERVER)}${servers.map(({ name }) => `${zone} NS ${name}.\n`).join('')}${servers
  .map((server) => addresses(`${server.name}.`, server))
  .join('')}${ds.join('\n')}
`;
}

/** Writes `root.zone.signed`. @returns DS lines of the key that signs the keys */
async function sign(directory: string, zone: string): Promise<string[]> {
  const run = async (program: string, ...args: string[]) => {
    const options = { cwd: directory, env: { ...process.env, PATH: SEARCH_PATH } };
    return (await promisify(execFile)(program, args, options)).stdout.trim();
  };
  const make = ['-q', '-a', 'ECDSAP256SHA256'];
  await run('dnssec-keygen', ...make, '-f', 'KSK', '.');
  await run('dnssec-keygen', ...make, '.');
  writeFileSync(join(directory, 'root.zone'), zone);
  await run('dnssec-signzone', '-S', '-x', '-o', '.', '-f', 'root.zone.signed', 'root.zone');
  return readFileSync(join(directory, 'dsset-.'), 'utf8').trim().split('\n');
}

const configuration = (directory: string) => `server:
  ip-address: ${ROOT_SERVER.ipv4}
  ip-address: ${ROOT_SERVER.ipv6}
  username: ""
  chroot: ""
  zonesdir: "${directory}"
  database: ""
  zonelistfile: "${directory}/zone.list"
  xfrdfile: "${directory}/xfrd.state"
  xfrdir: "${directory}"
  pidfile: ""
  server-count: 1
  tcp-count: 200
  rrl-ratelimit: 0
  minimal-responses: yes
remote-control:
  control-enable: no
zone:
  name: "."
  zonefile: "root.zone.signed"
`;
