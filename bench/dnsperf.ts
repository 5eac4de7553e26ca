/** Loads by dnsperf against a port of the loopback address, and what it reports. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, createReadStream, openSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import type { Load, LoadPlace, LoadResult } from './loads.ts';

/** EDNS 4096 with DO; a query without an answer for two seconds is lost. */
const QUERY = ['-e', '-D', '-t', '2'];
const UDP = ['-c', '4', '-q', '100'];
/** Lines of a query file for one run. */
type Queries = (place: LoadPlace, file: string) => void;

export function dnsperf(queries: Queries, options: readonly string[] = UDP): Load {
  const prepare = (place: LoadPlace) => {
    const file = join(place.scratch, 'queries');
    queries(place, file);
    return [
      '-s',
      '127.0.0.1',
      '-p',
      `${place.port}`,
      '-d',
      file,
      '-l',
      `${place.seconds}`,
      ...QUERY,
      ...options,
    ];
  };
  return {
    async run(place) {
      const output = join(place.scratch, 'dnsperf');
      await runToEnd(prepare(place), output, place.seconds);
      return parseSummary(await linesOf(output));
    },
    async latency(place, perSecond) {
      const output = join(place.scratch, 'dnsperf');
      await runToEnd(
        [...prepare(place), '-Q', `${Math.max(1, Math.round(perSecond))}`, '-v'],
        output,
        place.seconds,
      );
      return percentiles(await linesOf(output));
    },
  };
}

/** dnsperf writes to a file, since a pipe to us would cost it and us CPU time. */
async function runToEnd(args: readonly string[], output: string, seconds: number): Promise<void> {
  rmSync(output, { force: true });
  const fd = openSync(output, 'w');
  const child = spawn('dnsperf', args, { stdio: ['ignore', fd, 'pipe'] });
  closeSync(fd);
  let problems = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    problems = (problems + chunk.toString()).slice(-2000);
  });
  const late = setTimeout(() => child.kill('SIGKILL'), (seconds + 20) * 1000);
  const [status] = await once(child, 'close');
  clearTimeout(late);
  if (status !== 0) throw new Error(`dnsperf ended with ${status}: ${problems.trim().split('\n').at(-1)}`);
}

async function linesOf(file: string): Promise<string[]> {
  const lines: string[] = [];
  for await (const line of createInterface({ input: createReadStream(file) })) lines.push(line);
  return lines;
}

function parseSummary(lines: readonly string[]): LoadResult {
  const text = lines.join('\n');
  const number = (pattern: RegExp): number => {
    const digits = pattern.exec(text)?.[1];
    if (digits === undefined) throw new Error(`dnsperf printed nothing like ${pattern}:\n${text}`);
    return Number(digits);
  };
  const answers = number(/Queries completed: +(\d+)/);
  return {
    answers,
    lost: number(/Queries lost: +(\d+)/),
    perSecond: number(/Queries per second: +([\d.]+)/),
    responseOctets: answers === 0 ? 0 : number(/Average packet size: .*response (\d+)/),
    rcodes: [...(/Response codes: +(.*)/.exec(text)?.[1] ?? '').matchAll(/(\w+) \d+ \(([\d.]+)%\)/g)]
      .map(([, rcode, percent]) => `${rcode} ${Number(percent)}%`)
      .join(', '),
  };
}

/** Of lines such as `> NOERROR p1232.probe.example TXT 0.000123`. */
function percentiles(lines: readonly string[]): { p50: number; p99: number } {
  const times = Float64Array.from(
    lines
      .filter((line) => /^> [A-Z]+ /.test(line))
      .map((line) => Number(line.slice(line.lastIndexOf(' ') + 1))),
  ).sort();
  const at = (share: number) => (times[Math.floor(times.length * share)] ?? Number.NaN) * 1000;
  return { p50: at(0.5), p99: at(0.99) };
}
