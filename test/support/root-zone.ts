/** NSD as a server of static zones, and the tiny unsigned root zone that resolvers iterate from. */
import { mkdtempSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { answers } from './dig.ts';
import type { Namespace } from './namespace.ts';
import { type Daemon, findProgram, startDaemon } from './processes.ts';

export const ROOT_ADDRESS = '127.0.0.4';

/**
 * Serves master files with NSD in the foreground, in its own folder below `directory`.
 *
 * @param zones master files (text) by zone name with its final dot
 * @returns the daemon, and the configuration file that nsd-control wants
 */
export async function startNsd(
  namespace: Namespace,
  directory: string,
  address: string,
  zones: Readonly<Record<string, string>>,
): Promise<Daemon & { readonly config: string }> {
  const command = findProgram('nsd');
  if (command === undefined) throw new Error('nsd not installed (Debian: nsd)');
  const own = mkdtempSync(join(directory, 'nsd-'));
  const config = join(own, 'nsd.conf');
  const served = Object.entries(zones).map(([zone, content], index) => {
    writeFileSync(join(own, `${index}.zone`), content);
    return `zone:\n  name: "${zone}"\n  zonefile: "${index}.zone"\n`;
  });
  // The default EDNS size is 1232, and the rate limit of 200 queries/s would shape what is measured.
  writeFileSync(
    config,
    `server:
  ip-address: ${address}
  username: ""
  chroot: ""
  zonesdir: "${own}"
  database: ""
  zonelistfile: "${own}/zone.list"
  xfrdfile: "${own}/xfrd.state"
  xfrdir: "${own}"
  pidfile: ""
  server-count: 1
  rrl-ratelimit: 0
  ipv4-edns-size: 4096
  minimal-responses: yes
remote-control:
  control-enable: yes
  control-interface: ${own}/control
${served.join('')}`,
  );
  const args = ['-d', '-c', config];
  const ready = () => answers(namespace, address);
  const daemon = await startDaemon(namespace, { name: 'nsd', command, args, directory: own, ready });
  return { ...daemon, config };
}

/** The root zone's server at 127.0.0.4, which delegates each zone (`probe.test.`) to one address (`127.0.0.1`). */
export async function startRoot(
  namespace: Namespace,
  directory: string,
  delegations: Readonly<Record<string, string>>,
): Promise<Daemon> {
  const cuts = Object.entries(delegations).map(
    ([zone, address]) => `${zone} NS ns.${zone}\nns.${zone} A ${address}\n`,
  );
  const zone = `$TTL 3600
. SOA ns.root. hostmaster.root. 1 3600 600 86400 60
. NS ns.root.
ns.root. A ${ROOT_ADDRESS}
${cuts.join('')}`;
  return startNsd(namespace, directory, ROOT_ADDRESS, { '.': zone });
}
