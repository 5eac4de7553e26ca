/** The built server inside a namespace: port 53 of three loopback addresses, one a role, in gate mode. */
import { execFile, execFileSync } from 'node:child_process';
import { mkdtempSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { answers } from './dig.ts';
import type { Namespace } from './namespace.ts';
import { type Daemon, startDaemon } from './processes.ts';

export const ORIGIN = 'probe.test';
/** Where the origin is served, its children, and the hostile zones. */
export const ADDRESSES = { parent: '127.0.0.1', children: '127.0.0.2', hostile: '127.0.0.3' } as const;

const MAIN = resolve('dist/cli/main.js');

export interface Padzone extends Daemon {
  /** The DS line of the origin, from `padzone ds`. */
  readonly anchor: string;
  /** Runs another subcommand with the settings of this server, which need not run; returns what it prints. */
  run(...args: readonly string[]): Promise<string>;
}

/** Compiles src/ to dist/ unless that is younger already, so that the tests meet the code beside them. */
function build(): void {
  const files = readdirSync('src', { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const changed = Math.max(...files.map(({ parentPath, name }) => statSync(join(parentPath, name)).mtimeMs));
  const built = statSync(MAIN, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  if (built < changed) execFileSync('npm', ['run', '--silent', 'build'], { stdio: 'inherit' });
}

/** Starts it in its own folder below `directory`, with keys of its own and no observations. */
export async function startPadzone(namespace: Namespace, directory: string): Promise<Padzone> {
  build();
  const own = mkdtempSync(join(directory, 'padzone-'));
  const servers = Object.entries(ADDRESSES);
  const env = {
    PADZONE_ORIGIN: ORIGIN,
    PADZONE_DNS_LISTEN: servers.map(([, address]) => `${address}:53`).join(),
    PADZONE_NAMESERVERS: servers.map(([role, address]) => `ns-${role}.${ORIGIN}/${role}/${address}`).join(),
    PADZONE_DATA_DIR: join(own, 'data'),
    PADZONE_KEYS_DIR: join(own, 'keys'),
    PADZONE_HTTP_LISTEN: '',
    // All sources stand in one /24 here and would spend each other's budget.
    PADZONE_UDP_BUDGET: '0',
  };
  const daemon = await startDaemon(namespace, {
    name: 'padzone',
    command: process.execPath,
    args: [MAIN, 'serve'],
    directory: own,
    env,
    ready: () => answers(namespace, ADDRESSES.hostile),
  });
  const run = async (...args: readonly string[]) => {
    const options = { env: { ...process.env, ...env }, maxBuffer: 100_000_000 };
    return (await promisify(execFile)(process.execPath, [MAIN, ...args], options)).stdout;
  };
  return { ...daemon, anchor: (await run('ds')).trim(), run };
}
