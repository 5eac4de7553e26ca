/** Starts, weighs and stops the servers under load; Linux only, by /proc. */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readdirSync, readFileSync } from 'node:fs';

/** USER_HZ is 100 on every Linux architecture that Node runs on. */
const MICROSECONDS_PER_TICK = 10_000;
const PAGE = 4096;

export interface Cost {
  /** Microseconds of CPU time since the process began, all its threads included. */
  readonly user: number;
  readonly system: number;
  /** Octets resident; shared pages count once for each process. */
  readonly rss: number;
}

export interface Usage {
  readonly first: Cost;
  /** Its descendants, those that have ended included. */
  readonly others: Cost;
}

export function isInstalled(program: string): boolean {
  return spawnSync('sh', ['-c', `command -v "$0"`, program]).status === 0;
}

/** Runs a tool to its end and returns its stdout. */
export function runTool(program: string, args: readonly string[], cwd: string): string {
  const { status, stdout, stderr, error } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: 120_000,
    maxBuffer: 2 ** 28,
  });
  if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${error?.message ?? stderr.trim()}`);
  return stdout;
}

const running = new Set<ChildProcess>();
process.on('exit', () => {
  for (const { pid } of running) for (const member of processTree(pid ?? 0)) killIfAlive(member);
});
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => process.exit(130));

/** Starts a server; the kernel writes what it prints to `logFile`, without our help. */
export function startServer(
  program: string,
  args: readonly string[],
  logFile: string,
  env: Readonly<Record<string, string>> = {},
): ChildProcess {
  const log = openSync(logFile, 'a');
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', log, log] });
  closeSync(log);
  child.on('error', (error) => console.error(`${program}: ${error.message}`));
  running.add(child);
  child.on('exit', () => running.delete(child));
  return child;
}

/** Asks the server to end; after five seconds ends its processes, each by its pid. */
export async function stopServer(child: ChildProcess): Promise<void> {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const tree = processTree(child.pid);
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const late = setTimeout(() => {
    for (const pid of tree) killIfAlive(pid);
  }, 5000);
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

/** CPU time and memory of a process and of its descendants. */
export function usage(pid: number): Usage {
  const parts = processTree(pid).map((member) => {
    const fields = statFields(member) ?? [];
    const ticks = (index: number) => Number(fields[index] ?? 0) * MICROSECONDS_PER_TICK;
    // proc_pid_stat(5): utime, stime, cutime and cstime are fields 14 to 17, rss 24; ours begin at field 3.
    return {
      own: { user: ticks(11), system: ticks(12), rss: Number(fields[21] ?? 0) * PAGE },
      ended: { user: ticks(13), system: ticks(14), rss: 0 },
    };
  });
  const [first, ...others] = parts;
  const descendants = [...others.map(({ own }) => own), ...parts.map(({ ended }) => ended)];
  return { first: first?.own ?? NOTHING, others: descendants.reduce(addCosts, NOTHING) };
}

const NOTHING: Cost = { user: 0, system: 0, rss: 0 };

export function addCosts(a: Cost, b: Cost): Cost {
  return { user: a.user + b.user, system: a.system + b.system, rss: a.rss + b.rss };
}

/** Waits until the tree has used less than 2 % of a core for 400 ms, at most `seconds`; says whether it came to rest. */
export async function settle(pid: number, seconds: number): Promise<boolean> {
  const until = Date.now() + seconds * 1000;
  const spent = () => {
    const { first, others } = usage(pid);
    return first.user + first.system + others.user + others.system;
  };
  for (let quiet = 0; quiet < 2; ) {
    if (Date.now() > until) return false;
    const before = spent();
    await new Promise((resolve) => setTimeout(resolve, 200));
    quiet = spent() - before <= MICROSECONDS_PER_TICK ? quiet + 1 : 0;
  }
  return true;
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
