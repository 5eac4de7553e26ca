/** Starts, weighs and stops the servers under load; Linux only, by /proc. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { createWriteStream, readdirSync, readFileSync } from 'node:fs';

/** USER_HZ is 100 on every Linux architecture that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000;
const PAGE = 4096;

export interface Usage {
  /** Microseconds of CPU time since the process began, threads and live children included. */
  readonly user: number;
  readonly system: number;
  /** Octets resident, summed over the tree; shared pages count once for each process. */
  readonly rss: number;
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, program]).status === 0;
}

/** Runs a tool to its end and returns its stdout. */
export function runTool(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const { pid } of running) for (const member of processTree(pid ?? 0)) killIfAlive(member);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/** Starts a server; what it prints goes to `logFile`. */
export function startServer(
  program: string,
  args: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const log = createWriteStream(logFile);
  child.stdout.pipe(log, { end: false });
  child.stderr.pipe(log, { end: false });
  child.on('error', (error) => log.write(`${error.message}\n`));
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}

/** Asks the server to end; after three seconds ends its processes, each by its pid. */
export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const tree = processTree(child.pid);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => {
    for (const pid of tree) killIfAlive(pid);
  }, 3000);
  await ended;
  clearTimeout(late);
}

function killIfAlive(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It ended in the meantime.
  }
}

/** CPU time and memory of a process and all its descendants. */
export function usage(pid: number): Usage {
  const parts = processTree(pid).map((member) => {
    const fields = statFields(member) ?? [];
    const ticks = (index: number) => Number(fields[index] ?? 0) * MICROSECONDS_PER_TICK;
    // proc_pid_stat(5): utime is field 14, stime 15, rss 24; ours begin at field 3.
    return { user: ticks(11), system: ticks(12), rss: Number(fields[21] ?? 0) * PAGE };
  });
  const sum = (key: keyof Usage) => parts.reduce((total, part) => total + part[key], 0);
  return { user: sum('user'), system: sum('system'), rss: sum('rss') };
}

/** A process and its living descendants; empty for 0, which stands for "never started". */
function processTree(root: number): number[] {
  if (root === 0) return [];
  const parents = new Map<number, number>();
  for (const entry of readdirSync('/proc')) {
    if (/^\d+$/.test(entry)) parents.set(Number(entry), Number(statFields(Number(entry))?.[1] ?? 0));
  }
  const tree = [root];
  for (const pid of tree) {
    for (const [child, parent] of parents) if (parent === pid) tree.push(child);
  }
  return tree;
}

/** The fields of /proc/<pid>/stat behind the command, which may itself hold spaces and brackets. */
function statFields(pid: number): string[] | undefined {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    return stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  } catch {
    return undefined; // ended since it was listed
  }
}
