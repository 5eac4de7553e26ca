/** Starts the relay of a router, leads every forwarded packet through it, and reads what it saw (ip-rule(8)). */
import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { startDaemon } from '../test/support/processes.ts';
import type { Passage } from './passage.ts';
import type { Place } from './place.ts';
import type { RelaySettings } from './relay-settings.ts';

const RELAY = resolve('dist-lab/lab/relay.js');
const TABLE = 100;

/** Its log is in `directory`. */
export async function startRelay(router: Place, settings: RelaySettings, directory: string): Promise<void> {
  await startDaemon(router.namespace, {
    name: 'relay',
    command: process.execPath,
    args: [RELAY, JSON.stringify(settings)],
    directory,
    ready: async () => readFileSync(join(directory, 'relay.log'), 'utf8').includes('ready'),
  });
  // The router's own addresses come first (table local), so it stays reachable itself.
  const rules = ['-4', '-6'].flatMap((family) => [
    `ip ${family} route add default dev relay0 table ${TABLE}`,
    ...['ra', 'rc'].map((name) => `ip ${family} rule add iif ${name} lookup ${TABLE} pref 100`),
  ]);
  await router.run(`ip link set relay0 up mtu 1500\n${rules.join('\n')}`);
}

/** Every packet so far, in order; of a relay that loses none there are none. @param directory as above */
export function readPassages(directory: string): Passage[] {
  const lines = readFileSync(join(directory, 'relay.log'), 'utf8').split('\n');
  return lines.slice(0, -1).flatMap((line) => (line.startsWith('{') ? [JSON.parse(line) as Passage] : []));
}
