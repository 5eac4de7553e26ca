/** padzone alone, for long, from a million source addresses: memory, and a row for every answer. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, statfsSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { freePort, waitForAnswer } from '../ask.ts';
import { padzoneOpen, readMetrics } from '../peers/padzone.ts';
import { stopServer, usage } from '../process.ts';
import type { RunContext } from '../run-case.ts';
import { nameOfSize } from '../static-zone.ts';
import type { CaseResult, Fact, Instance } from './case.ts';
import { watchRows } from './record.ts';

const SOURCES = 1_000_000;
const REPORT_SECONDS = 30;
const LEAST_FREE_OCTETS = 2 * 2 ** 30;
const MEMORY = { answers: 10_000_000, seconds: 900 };

interface Progress {
  readonly sent: number;
  readonly answered: number;
  readonly lost: number;
}

export const runSoak = (context: RunContext, minutes: number) =>
  withPadzone(context, 'soak', `${minutes} minutes at full rate`, (server) =>
    soak(server, context, minutes * 60, Number.MAX_SAFE_INTEGER),
  );

export const runMemory = (context: RunContext) =>
  withPadzone(context, 'memory', '10 M answers to 1 M source addresses', (server) =>
    soak(server, context, MEMORY.seconds, MEMORY.answers),
  );

async function withPadzone(
  { root, scratch }: RunContext,
  key: string,
  title: string,
  work: (server: Instance) => Promise<readonly Fact[]>,
): Promise<CaseResult> {
  const skip = (why: string): CaseResult => ({ key, title, rows: [], facts: [], skipped: [why] });
  const missing = padzoneOpen.missing(root);
  if (missing !== undefined) return skip(`${missing} is missing`);
  const dir = join(scratch, key);
  mkdirSync(dir);
  const [port, httpPort] = [await freePort(), await freePort()];
  const child = padzoneOpen.start({ root, dir, port, httpPort });
  try {
    const answer = await waitForAnswer(port, nameOfSize(1232), 15);
    if (answer?.octets !== 1232)
      return skip(`padzone answers ${answer?.octets ?? 'nothing'}, not 1232 octets`);
    const facts = await work({ peer: padzoneOpen, pid: child.pid ?? 0, port, httpPort });
    return { key, title, rows: [], facts, skipped: [] };
  } finally {
    await stopServer(child);
  }
}

async function soak(
  server: Instance,
  { scratch }: RunContext,
  seconds: number,
  most: number,
): Promise<readonly Fact[]> {
  const rows = await watchRows(server);
  let peak = 0;
  const sample = () => {
    const { first, others } = usage(server.pid);
    peak = Math.max(peak, first.rss);
    return `RSS ${megabytes(first.rss)} MB, helpers ${megabytes(others.rss)} MB`;
  };
  const total = await sendFromMany(server.port, seconds, most, async (progress, elapsed, stop) => {
    const rss = sample();
    if (elapsed % REPORT_SECONDS === 0) await printProgress(server, progress, elapsed, rss);
    const { bavail, bsize } = statfsSync(scratch);
    if (bavail * bsize > LEAST_FREE_OCTETS) return;
    console.error('  the disk is nearly full: the soak ends here');
    stop();
  });
  const { written, missing, reasons } = await rows(total.answered);
  const { first } = usage(server.pid);
  // A figure for the goal only where the run was as long as the goal says.
  const isWhole = most === Number.MAX_SAFE_INTEGER || total.answered >= most * 0.99;
  const verdict = missing === 0 ? 'a row for every answer' : `${missing} rows are missing${reasons}`;
  return [
    {
      name: 'rss',
      value: isWhole ? first.rss / 2 ** 20 : Number.NaN,
      text: `RSS of the serving process: ${megabytes(first.rss)} MB at the end, ${megabytes(peak)} MB at most`,
    },
    {
      name: 'rows missing',
      value: missing,
      text: `${total.answered} answers (${total.lost} lost on the way), ${written} rows on disk: ${verdict}`,
    },
  ];
}

const megabytes = (octets: number) => (octets / 2 ** 20).toFixed(0);

async function printProgress(
  server: Instance,
  progress: Progress,
  elapsed: number,
  rss: string,
): Promise<void> {
  const metrics = await readMetrics(server.httpPort);
  const lost = [...metrics].filter(([key]) => key.startsWith('padzone_rows_lost_total{'));
  const reasons = lost.map(([key, value]) => `${key.slice(key.indexOf('{'))} ${value}`).join(' ');
  const rows = `rows written ${metrics.get('padzone_rows_written_total') ?? 0}, lost ${reasons}`;
  console.error(`  ${elapsed} s: ${progress.answered} answers, ${progress.lost} lost; ${rows}; ${rss}`);
}

/** Runs many-sources.js; `onSecond` gets its progress and may end it early. */
async function sendFromMany(
  port: number,
  seconds: number,
  most: number,
  onSecond: (progress: Progress, elapsed: number, stop: () => void) => Promise<void>,
): Promise<Progress> {
  const script = join(import.meta.dirname, '../many-sources.js');
  const args = [script, port, nameOfSize(1232), SOURCES, seconds, most].map(String);
  const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  const end = () => void child.kill('SIGKILL');
  process.on('exit', end);
  const closed = once(child, 'close');
  let progress: Progress = { sent: 0, answered: 0, lost: 0 };
  let elapsed = 0;
  for await (const line of createInterface({ input: child.stdout })) {
    progress = JSON.parse(line) as Progress;
    await onSecond(progress, ++elapsed, end);
  }
  await closed;
  process.off('exit', end);
  return progress;
}
