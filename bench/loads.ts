/** THE TABLE of what is measured: each server, and the queries it gets. */
import type { ChildProcess } from 'node:child_process';
import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { NSD_NEEDS, startNsd } from './nsd.ts';
import { isInstalled, startServer } from './process.ts';

export const ZONE = 'probe.example';
export const SIZE = 1232;
const REPEATED = `p${SIZE}.${ZONE}`;
/** Above what one core can sign in a second, so that dnsperf does not come to a name twice. */
const UNIQUE_NAMES_PER_SECOND = 60_000;

export interface Server {
  readonly name: string;
  /** A name that is answered once the server is ready. */
  readonly readyName: string;
  /** What is missing to run it; undefined when nothing is. */
  missing(root: string): string | undefined;
  start(root: string, dir: string, port: number): ChildProcess;
}

export interface Load {
  readonly label: string;
  readonly server: Server;
  /** The answer is meant to be exactly SIZE octets. */
  writeQueries(file: string, seconds: number): void;
}

const padzone: Server = {
  name: 'padzone',
  readyName: REPEATED,
  missing: (root) => (existsSync(join(root, 'dist/cli/main.js')) ? undefined : 'dist/cli/main.js'),
  start(root, dir, port) {
    mkdirSync(dir, { recursive: true });
    return startServer(process.execPath, [join(root, 'dist/cli/main.js'), 'serve'], join(dir, 'log'), {
      PADZONE_ORIGIN: ZONE,
      PADZONE_DNS_LISTEN: `127.0.0.1:${port}`,
      PADZONE_DATA_DIR: join(dir, 'data'),
      PADZONE_KEYS_DIR: join(dir, 'keys'),
      PADZONE_HTTP_LISTEN: '',
      PADZONE_LOG_LEVEL: 'warn',
      // As NSD without its rate limit: every answer goes out whole.
      PADZONE_DIRECT: 'open',
      PADZONE_UDP_BUDGET: '0',
      PADZONE_UDP_BUDGET_TOTAL: '0',
      PADZONE_SIGNING_BUDGET: '100',
    });
  },
};

const nsd: Server = {
  name: 'NSD',
  readyName: REPEATED,
  missing: () => NSD_NEEDS.find((program) => !isInstalled(program)),
  start: (_root, dir, port) => startNsd(dir, port, ZONE, REPEATED, SIZE),
};

const dns2: Server = {
  name: 'dns2',
  readyName: REPEATED,
  missing: () => undefined,
  start(_root, dir, port) {
    mkdirSync(dir, { recursive: true });
    const script = join(import.meta.dirname, 'dns2-server.js');
    return startServer(process.execPath, [script, `${port}`], join(dir, 'log'));
  },
};

const repeated = (file: string) => writeFileSync(file, `${REPEATED} TXT\n`);

/** Distinct run ids, so that every answer is made and signed afresh. */
function unique(file: string, seconds: number): void {
  const first = Math.floor(Math.random() * 2 ** 45);
  const lines = Array.from({ length: seconds * UNIQUE_NAMES_PER_SECOND }, (_, index) => {
    const run = (first + index).toString(32).padStart(10, '0');
    return `s${SIZE}-n${run}.${ZONE} TXT\n`;
  });
  writeFileSync(file, lines.join(''));
}

export const LOADS: readonly Load[] = [
  { label: `padzone p${SIZE}`, server: padzone, writeQueries: repeated },
  { label: `padzone s${SIZE}, unique names`, server: padzone, writeQueries: unique },
  { label: 'NSD, static zone', server: nsd, writeQueries: repeated },
  { label: 'dns2 server, unsigned', server: dns2, writeQueries: repeated },
];
