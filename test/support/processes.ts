/** Programs of other projects: where they are, and daemons with a log that end when the test does. */
import type { ChildProcess } from 'node:child_process';
import { accessSync, closeSync, constants, openSync, readFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { endProcess, type Namespace, SEARCH_PATH } from './namespace.ts';

/** The Debian package of each helper program; a resolver's own stands in its file under resolvers/. */
const PACKAGES = {
  delv: 'bind9-dnsutils',
  dig: 'bind9-dnsutils',
  dnsperf: 'dnsperf',
  'dnssec-dsfromkey': 'bind9-utils',
  'dnssec-keygen': 'bind9-utils',
  'dnssec-signzone': 'bind9-utils',
  drill: 'ldnsutils',
  'ldns-verify-zone': 'ldnsutils',
  nsd: 'nsd',
  'nsd-control': 'nsd',
} as const;

/** The absolute path of a program, looked for in PATH and the sbin directories. */
export function findProgram(name: string): string | undefined {
  return SEARCH_PATH.split(delimiter)
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, name))
    .find((path) => {
      try {
        accessSync(path, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/** Why a test that needs these programs must be skipped; `undefined` when all are here. */
export function programProblem(...names: (keyof typeof PACKAGES)[]): string | undefined {
  const missing = names.filter((name) => findProgram(name) === undefined);
  if (missing.length === 0) return undefined;
  const packages = new Set(missing.map((name) => PACKAGES[name]));
  return `${missing.join(', ')} not installed (Debian: ${[...packages].join(' ')})`;
}

/**
 * Skips a test for `reason` and says so on stderr, once for each reason; does nothing when it is `undefined`.
 *
 * @param skip the test context's own, which throws to leave the test
 */
export function skipFor(reason: string | undefined, skip: (note: string) => unknown): void {
  if (reason === undefined) return;
  if (!told.has(reason)) process.stderr.write(`skipped: ${reason}\n`);
  told.add(reason);
  skip(reason);
}
const told = new Set<string>();

export interface DaemonSettings {
  /** Names the log file. */
  readonly name: string;
  readonly command: string;
  readonly args: readonly string[];
  /** Working directory and place of `<name>.log`. */
  readonly directory: string;
  readonly env?: Readonly<Record<string, string>>;
  /** Asked again and again until it says true. */
  ready(): Promise<boolean>;
}

export interface Daemon {
  readonly child: ChildProcess;
  /** From the spawn to the first `ready`. */
  readonly startMs: number;
  /** Everything it wrote to stdout and stderr so far. */
  log(): string;
  /** SIGTERM, then SIGKILL after four seconds; returns when it is gone. */
  stop(): Promise<void>;
}

const START_WITHIN_MS = 60_000;

/**
 * Starts a daemon inside `namespace` and waits until it is ready.
 *
 * @throws {Error} with the end of its log, when it exits or is not ready within a minute
 */
export async function startDaemon(namespace: Namespace, settings: DaemonSettings): Promise<Daemon> {
  const { name, command, args, directory, env = {} } = settings;
  const logFile = join(directory, `${name}.log`);
  const output = openSync(logFile, 'a');
  const began = performance.now();
  const child = namespace.spawn(command, args, { stdio: ['ignore', output, output], cwd: directory, env });
  closeSync(output);
  const log = () => readFileSync(logFile, 'utf8');
  const ended = () => child.exitCode !== null || child.signalCode !== null;

  while (!(await settings.ready())) {
    const late = performance.now() - began > START_WITHIN_MS;
    if (late || ended()) {
      await endProcess(child);
      const what = late ? `is not ready after ${START_WITHIN_MS} ms` : `exited with ${child.exitCode}`;
      throw new Error(`${name} ${what}; the end of its log:\n${log().split('\n').slice(-25).join('\n')}`);
    }
    await delay(20);
  }
  return { child, startMs: Math.round(performance.now() - began), log, stop: () => endProcess(child) };
}
