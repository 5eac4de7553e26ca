/** `npm run bench`: the same load on padzone and its peers, alternating, in one run. */
import type { ChildProcess } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { freePort, waitForAnswer } from './ask.ts';
import { runDnsperf } from './dnsperf.ts';
import { LOADS, type Load, type Server, SIZE } from './loads.ts';
import { isInstalled, stopServer, usage } from './process.ts';
import { formatTable, type Measurement, type Row, summarize, writeBetweenMarkers } from './report.ts';

const USAGE = 'npm run bench -- [--rounds 1..20] [--seconds 1..60] [--json FILE] [--write]';
const ROOT = join(import.meta.dirname, '..');

interface Running {
  readonly child: ChildProcess;
  readonly port: number;
}

const settings = parseSettings();
process.exitCode = settings === undefined ? 2 : await bench(settings);

interface Settings {
  readonly rounds: number;
  readonly seconds: number;
  readonly json: string | undefined;
  readonly write: boolean;
}

function parseSettings(): Settings | undefined {
  try {
    const { values } = parseArgs({
      options: {
        rounds: { type: 'string', default: '3' },
        seconds: { type: 'string', default: '4' },
        json: { type: 'string' },
        write: { type: 'boolean', default: false },
      },
    });
    const [rounds, seconds] = [Number(values.rounds), Number(values.seconds)];
    const inRange = (n: number, most: number) => Number.isInteger(n) && n >= 1 && n <= most;
    if (!inRange(rounds, 20) || !inRange(seconds, 60)) throw new Error('a number is out of range');
    return { rounds, seconds, json: values.json, write: values.write };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : String(error)}\n${USAGE}`);
    return undefined;
  }
}

async function bench(wanted: Settings): Promise<number> {
  if (!isInstalled('dnsperf')) {
    console.error('bench: dnsperf is not installed (package dnsperf)');
    return 2;
  }
  const scratch = mkdtempSync(join(tmpdir(), 'padzone-bench-'));
  process.on('exit', () => rmSync(scratch, { recursive: true, force: true }));
  const servers = new Map<Server, Running>();
  try {
    for (const server of new Set(LOADS.map((load) => load.server))) {
      const running = await startOne(server, scratch);
      if (running !== undefined) servers.set(server, running);
    }
    const rows = summarize(await measureAll(servers, wanted, scratch));
    publish(rows, wanted);
    return rows.length === 0 ? 1 : 0;
  } finally {
    await Promise.all([...servers.values()].map(({ child }) => stopServer(child)));
  }
}

async function startOne(server: Server, scratch: string): Promise<Running | undefined> {
  const missing = server.missing(ROOT);
  if (missing !== undefined) {
    console.error(`${server.name}: skipped, ${missing} is missing`);
    return undefined;
  }
  const dir = join(scratch, server.name);
  const port = await freePort();
  const child = server.start(ROOT, dir, port);
  const octets = await waitForAnswer(port, server.readyName, 10);
  if (octets === undefined) {
    await stopServer(child);
    const log = readFileSync(join(dir, 'log'), 'utf8').trim().split('\n').slice(-3).join('\n  ');
    console.error(`${server.name}: skipped, no answer within 10 s\n  ${log}`);
    return undefined;
  }
  console.error(`${server.name}: ${server.readyName} TXT is ${octets} octets`);
  return { child, port };
}

/** Every load once a round, so that a slow moment of the machine meets all of them. */
async function measureAll(
  servers: ReadonlyMap<Server, Running>,
  { rounds, seconds }: Settings,
  scratch: string,
): Promise<Measurement[]> {
  const loads = LOADS.filter(({ server }) => servers.has(server));
  const measurements: Measurement[] = [];
  for (let round = 0; round <= rounds; round++) {
    for (const load of loads) {
      const running = servers.get(load.server);
      if (running === undefined) continue;
      // Round 0 is one second, to warm up; it is not counted.
      const measured = await measure(load, running, round, round === 0 ? 1 : seconds, scratch);
      if (round > 0) measurements.push(measured);
      console.error(`round ${round}/${rounds}  ${load.label}: ${Math.round(measured.perSecond)} answers/s`);
    }
  }
  return measurements;
}

async function measure(
  load: Load,
  { child, port }: Running,
  round: number,
  seconds: number,
  scratch: string,
): Promise<Measurement> {
  const queries = join(scratch, 'queries');
  load.writeQueries(queries, seconds);
  const pid = child.pid ?? 0;
  const before = usage(pid);
  const { completed, ...result } = await runDnsperf(port, queries, seconds);
  const after = usage(pid);
  const answers = Math.max(1, completed);
  return {
    label: load.label,
    round,
    ...result,
    userMicros: (after.user - before.user) / answers,
    systemMicros: (after.system - before.system) / answers,
    rss: after.rss,
  };
}

function publish(rows: readonly Row[], { rounds, seconds, json, write }: Settings): void {
  const machine = `${cpus().length} × ${cpus()[0]?.model ?? 'unknown CPU'}, Node ${process.versions.node}`;
  const head = `${rounds} rounds of ${seconds} s, medians; dnsperf shares the cores: ${machine}`;
  console.log(`${head}\n\n${formatTable(rows)}`);
  for (const row of rows) {
    if (row.responseOctets !== SIZE) console.log(`\n${row.label}: answers are not ${SIZE} octets`);
    if (!row.allNoError) console.log(`\n${row.label}: not every answer was NOERROR`);
  }
  if (json !== undefined)
    writeFileSync(json, `${JSON.stringify({ rounds, seconds, machine, rows }, null, 2)}\n`);
  if (write) writeBetweenMarkers(join(ROOT, 'bench/README.md'), `${head}\n\n${formatTable(rows)}`);
}
