/** The server on real sockets for tests: the built program, under either engine. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, beforeAll } from 'vitest';
import { parseListen } from '../../src/config/address.ts';
import { flagOf } from '../../src/config.ts';
import { openKernel } from '../../src/kernel/library.ts';

const MAIN = fileURLToPath(new URL('../../dist/cli/main.js', import.meta.url));
const KILL_AFTER_MS = 20_000;

/** Text of settings by name (`udpMax`), as flags give them. */
export type Flags = Readonly<Record<string, string>>;

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** Everything below one folder, on ports that the kernel chooses. */
function flagsIn(directory: string, more: Flags): Flags {
  return {
    dnsListen: '127.0.0.1:0',
    httpListen: '127.0.0.1:0',
    dataDir: join(directory, 'data'),
    keysDir: join(directory, 'keys'),
    logLevel: 'info',
    ...more,
  };
}

/** Values by metric and labels, as they stand in the exposition. */
export type Metrics = ReadonlyMap<string, number>;

/** Why tests of the built program must be skipped; `undefined` when it is there. */
export function buildProblem(): string | undefined {
  return existsSync(MAIN) ? undefined : 'dist/ is not there: npm run build';
}

export type EngineName = 'plain' | 'linux';

/** Why tests of the engine `linux` must be skipped; `undefined` where it can run. */
export function linuxProblem(): string | undefined {
  const kernel = openKernel();
  return 'missing' in kernel ? `the engine linux cannot run: ${kernel.missing}` : undefined;
}

/** The engines that can run here; says on stderr why one cannot. */
export function enginesHere(): EngineName[] {
  const problem = linuxProblem();
  if (problem !== undefined) process.stderr.write(`skipped: ${problem}\n`);
  return problem === undefined ? ['plain', 'linux'] : ['plain'];
}

/** The program for all tests of the file or `describe` that this is called in, in a folder of its own below `folder`. */
export function serveAll(folder: string, engine: EngineName, flags: Flags = {}): () => Program {
  const directory = join(folder, engine);
  let program: Program | undefined;
  beforeAll(async () => {
    const problem = buildProblem();
    if (problem !== undefined) throw new Error(problem);
    mkdirSync(directory, { recursive: true });
    program = await startProgram(directory, { flags: { ...flags, engine } });
  });
  afterAll(() => program?.stop());
  return () => program!;
}

export interface Exit {
  /** `undefined` after a signal. */
  readonly code: number | undefined;
  readonly signal: NodeJS.Signals | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

export interface Program extends Endpoint {
  readonly child: ChildProcess;
  /** All addresses in the order of the settings; the first one is that of the program itself. */
  readonly listening: readonly Endpoint[];
  /** Everything logged so far. */
  log(): string;
  /** Resolves when the log holds `text`; rejects when the program ends without it. */
  logs(text: string): Promise<void>;
  metrics(): Promise<Metrics>;
  /** Sends a signal and waits for the end, by SIGKILL after 20 seconds. */
  stop(signal?: NodeJS.Signals): Promise<Exit>;
}

export interface ProgramSettings {
  readonly flags?: Flags;
  /** Variables of its environment besides PATH. */
  readonly env?: Readonly<Record<string, string>>;
  /** Another place of the program than dist/. */
  readonly main?: string;
  /** Shell commands in front of it, in the same process: `ulimit -f 64`. */
  readonly before?: string;
  /** A command that runs the shell: `unshare`, `-m`. */
  readonly inside?: readonly string[];
}

interface Launched {
  readonly child: ChildProcess;
  readonly ended: Promise<Exit>;
  stdout(): string;
  stderr(): string;
  /** Resolves at the first output for which `check` holds, false when the program ends before. */
  until(check: () => boolean): Promise<boolean>;
}

// A test that fails leaves nothing behind.
const children = new Set<ChildProcess>();
afterAll(() => {
  for (const child of children) child.kill('SIGKILL');
});

function launch(directory: string, options: ProgramSettings): Launched {
  const { flags = {}, env = {}, main = MAIN, before = ':', inside = [] } = options;
  const settings = Object.entries(flagsIn(directory, flags)).flatMap(([name, text]) => [flagOf(name), text]);
  const program = [process.execPath, main, 'serve', ...settings];
  const [command, ...args] = [...inside, 'sh', '-c', `${before} && exec "$@"`, 'sh', ...program];
  const child = spawn(command!, args, {
    cwd: directory,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { PATH: process.env['PATH'] ?? '', ...env },
  });
  children.add(child);
  const output = { stdout: '', stderr: '' };
  const checks = new Set<() => void>();
  for (const name of ['stdout', 'stderr'] as const) {
    child[name].setEncoding('utf8').on('data', (text: string) => {
      output[name] += text;
      for (const check of checks) check();
    });
  }
  const ended = once(child, 'close').then(([code, signal]): Exit => {
    children.delete(child);
    return { code: code ?? undefined, signal: signal ?? undefined, ...output };
  });
  const until = (check: () => boolean): Promise<boolean> =>
    new Promise((resolve) => {
      const look = () => {
        if (!check()) return;
        checks.delete(look);
        resolve(true);
      };
      checks.add(look);
      look();
      void ended.then(() => resolve(false));
    });
  return { child, ended, until, stdout: () => output.stdout, stderr: () => output.stderr };
}

async function endOf({ child, ended }: Launched): Promise<Exit> {
  const impatience = setTimeout(() => child.kill('SIGKILL'), KILL_AFTER_MS);
  const exit = await ended;
  clearTimeout(impatience);
  return exit;
}

/** Runs `padzone serve` to its end, which must come by itself: for starts that are refused. */
export function runToEnd(directory: string, settings: ProgramSettings = {}): Promise<Exit> {
  return endOf(launch(directory, settings));
}

/**
 * Starts the built program and waits until it answers.
 *
 * @throws {Error} with all that it wrote, when it ends instead
 */
export async function startProgram(directory: string, settings: ProgramSettings = {}): Promise<Program> {
  const launched = launch(directory, settings);
  const { child, until, stdout, stderr } = launched;
  // Two pipes: what was written first may be read last.
  if (!(await until(() => stdout().includes('"answering"') && /^Observations: [\s\S]*\n\n/m.test(stderr()))))
    throw new Error(`the program ended: ${stderr()}${stdout()}`);
  const [, where = ''] = / at (.+) \(UDP and TCP\)/.exec(stderr()) ?? [];
  const listening = where.split(', ').map((text) => {
    const { address, port } = parseListen(text)!;
    return { address, port };
  });
  const http = /^Health and metrics: (\S+)$/m.exec(stderr())?.[1];
  return {
    ...listening[0]!,
    listening,
    child,
    log: stdout,
    async logs(text) {
      if (!(await until(() => stdout().includes(text))))
        throw new Error(`ended without "${text}": ${stderr()}${stdout()}`);
    },
    metrics: () => readMetrics(http!),
    stop(signal = 'SIGTERM') {
      child.kill(signal);
      return endOf(launched);
    },
  };
}

async function readMetrics(http: string): Promise<Metrics> {
  const body = await (await fetch(`${http}metrics`)).text();
  const samples = body.split('\n').filter((line) => line !== '' && !line.startsWith('#'));
  return new Map(samples.map((line) => [line.replace(/ \S+$/, ''), Number(/\S+$/.exec(line)?.[0])]));
}
