/** padzone, the build in dist/: the origin signed with P-256 as the peers' zones are. */
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { startServer } from '../process.ts';
import { ZONE } from '../static-zone.ts';
import type { Peer } from './peer.ts';

/** Segments close this often, so that compaction runs within a measurement and not after it. */
export const ROTATE_SECONDS = 5;

type Environment = Readonly<Record<string, string>>;

/** As the peers, which have no rate limit: no budgets; one packet thread. */
const COMMON: Environment = {
  PADZONE_ORIGIN: ZONE,
  PADZONE_LOG_LEVEL: 'warn',
  PADZONE_UDP_BUDGET: '0',
  PADZONE_UDP_BUDGET_TOTAL: '0',
  PADZONE_SIGNING_BUDGET: '100',
  PADZONE_TCP_CONNECTIONS: '10000',
  PADZONE_TCP_PER_SOURCE: '10000',
  PADZONE_PACKET_THREADS: '1',
  PADZONE_DISK_BUDGET: '0',
  PADZONE_ROTATE_SECONDS: `${ROTATE_SECONDS}`,
};

/** Large answers leave without proof of the source address. */
export const padzoneOpen = padzone('padzone', { PADZONE_DIRECT: 'open' });
/** Proof first: gate, measured answer, receipt. */
export const padzoneGate = padzone('padzone gate', { PADZONE_DIRECT: 'gate' });
export const padzoneWithoutRecord = padzone(
  'padzone record off',
  { PADZONE_DIRECT: 'open', PADZONE_RECORD: 'off' },
  'PADZONE_RECORD',
);

/** @param needs a setting without which this server is not what it says */
function padzone(name: string, env: Environment, needs?: string): Peer {
  return {
    name,
    hasHelpers: true,
    missing(root) {
      if (!existsSync(join(root, 'dist/cli/main.js'))) return 'dist/cli/main.js';
      return needs === undefined || settingsOf(root).includes(needs) ? undefined : `the setting ${needs}`;
    },
    start({ root, dir, port, httpPort }) {
      const zones = join(dir, 'zones');
      mkdirSync(zones);
      writeFileSync(join(zones, 'origin.toml'), 'label = ""\nsummary = "The origin"\nalgorithm = 13\n');
      return startServer(process.execPath, [join(root, 'dist/cli/main.js'), 'serve'], join(dir, 'log'), {
        ...COMMON,
        ...env,
        PADZONE_DNS_LISTEN: `127.0.0.1:${port}`,
        PADZONE_HTTP_LISTEN: `127.0.0.1:${httpPort}`,
        PADZONE_DATA_DIR: join(dir, 'data'),
        PADZONE_KEYS_DIR: join(dir, 'keys'),
        PADZONE_ZONES_DIR: zones,
      });
    },
  };
}

/** The page of settings that the build itself prints. */
function settingsOf(root: string): string {
  const main = join(root, 'dist/cli/main.js');
  return spawnSync(process.execPath, [main, 'config', 'docs'], { encoding: 'utf8' }).stdout;
}

/** Sums of padzone's counters by name, and by name and labels; empty where nobody answers. */
export async function readMetrics(httpPort: number): Promise<ReadonlyMap<string, number>> {
  const text = await fetch(`http://127.0.0.1:${httpPort}/metrics`, { signal: AbortSignal.timeout(5000) })
    .then((response) => response.text())
    .catch(() => '');
  const sums = new Map<string, number>();
  for (const [, name = '', labels = '', value] of text.matchAll(/^(\w+)(\{.*\})? (\S+)$/gm)) {
    for (const key of labels === '' ? [name] : [name, name + labels])
      sums.set(key, (sums.get(key) ?? 0) + Number(value));
  }
  return sums;
}
