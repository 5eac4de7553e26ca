/** A Linux network namespace of our own, where port 53 is free on every loopback address (network_namespaces(7)). */
import { type ChildProcess, type StdioOptions, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';

/** How long a namespace can live, should everything else that ends it fail. */
const LIFETIME = '1800';
const STOP_PATIENCE_MS = 4_000;
/** Daemons and `ip` live where the PATH of an ordinary user does not look. */
export const SEARCH_PATH = `${process.env['PATH'] ?? ''}:/usr/local/sbin:/usr/sbin:/sbin`;
/** BIND listens only on addresses that an interface has; for all others 127.0.0.0/8 would be enough. */
const LOOPBACK_UP = `printf 'addr add 127.0.0.%s/8 dev lo\\n' $(seq 2 31) | ip -batch - && ip link set lo up`;

/** Root makes a network namespace directly; anybody else inside a user namespace, where the system allows it. */
const WAYS = [
  { unshare: ['-n'], nsenter: ['-n'] },
  { unshare: ['-r', '-n'], nsenter: ['-U', '-n', '--preserve-credentials'] },
] as const;

export interface Finished {
  /** Exit status; `undefined` after a signal, the timeout's included. */
  readonly code: number | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface SpawnSettings {
  readonly stdio?: StdioOptions;
  readonly cwd?: string;
  /** Added to the environment of this process. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface Namespace {
  /** Starts a program inside. Its pid is the program's own; `close` ends it, and so does the death of this process. */
  spawn(command: string, args: readonly string[], settings?: SpawnSettings): ChildProcess;
  /** Runs a program inside to its end, by SIGKILL after `timeoutMs` (20 s). */
  run(command: string, args: readonly string[], timeoutMs?: number): Promise<Finished>;
  /** Ends every program that still runs inside, then the namespace. May be called twice. */
  close(): Promise<void>;
}

const environment = (more: Readonly<Record<string, string>> = {}): NodeJS.ProcessEnv => ({
  ...process.env,
  PATH: SEARCH_PATH,
  ...more,
});

function tryWay(way: (typeof WAYS)[number]): string | undefined {
  const tried = spawnSync('unshare', [...way.unshare, 'sh', '-c', LOOPBACK_UP], {
    encoding: 'utf8',
    env: environment(),
    timeout: 30_000,
  });
  if (tried.error !== undefined) return tried.error.message;
  if (tried.status === 0) return undefined;
  return tried.stderr.trim() || `unshare ended with ${tried.status ?? tried.signal}`;
}

function findWay(): (typeof WAYS)[number] | string {
  if (process.platform !== 'linux') return `no network namespaces on ${process.platform}`;
  const reasons: string[] = [];
  for (const way of WAYS) {
    const reason = tryWay(way);
    if (reason === undefined) return way;
    reasons.push(reason);
  }
  const why = [...new Set(reasons)].join('; ');
  return `cannot make a network namespace here (Debian: iproute2 util-linux): ${why}`;
}

/** Why this machine or user cannot make a namespace; `undefined` when it can. */
export function namespaceProblem(): string | undefined {
  const way = findWay();
  return typeof way === 'string' ? way : undefined;
}

/** Ends `child`: SIGTERM, four seconds of patience, SIGKILL. Returns when it is gone. */
export async function endProcess(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
  const gone = once(child, 'exit');
  child.kill('SIGTERM');
  const impatience = setTimeout(() => child.kill('SIGKILL'), STOP_PATIENCE_MS);
  await gone;
  clearTimeout(impatience);
}

/** @throws {Error} with the reason of {@link namespaceProblem} */
export async function openNamespace(): Promise<Namespace> {
  const way = findWay();
  if (typeof way === 'string') throw new Error(way);

  // The holder ends with the pipe to its standard input, so with this process however that ends.
  const hold = `${LOOPBACK_UP} && echo up && exec timeout ${LIFETIME} cat`;
  const holder = spawn('unshare', [...way.unshare, 'sh', '-c', hold], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: environment(),
  });
  const failed = once(holder, 'exit').then(() => Promise.reject(new Error('the namespace ended at once')));
  await Promise.race([once(holder.stdout, 'data'), failed]);
  failed.catch(() => undefined); // from now on its exit is expected

  const enter = ['-t', String(holder.pid), ...way.nsenter, 'setpriv', '--pdeathsig', 'KILL'];
  const running = new Set<ChildProcess>();

  const namespace: Namespace = {
    spawn(command, args, { stdio = 'ignore', cwd, env } = {}) {
      const child = spawn('nsenter', [...enter, command, ...args], { stdio, cwd, env: environment(env) });
      running.add(child);
      child.once('exit', () => running.delete(child));
      return child;
    },

    async run(command, args, timeoutMs = 20_000) {
      const child = namespace.spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
      const deadline = setTimeout(() => child.kill('SIGKILL'), timeoutMs);
      const [[code], stdout, stderr] = await Promise.all([
        once(child, 'close') as Promise<[number | null]>,
        child.stdout === null ? '' : text(child.stdout),
        child.stderr === null ? '' : text(child.stderr),
      ]);
      clearTimeout(deadline);
      return { code: code ?? undefined, stdout, stderr };
    },

    async close() {
      await Promise.all([...running].map(endProcess));
      holder.stdin.end();
      await endProcess(holder);
    },
  };
  return namespace;
}
