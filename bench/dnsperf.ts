/** One run of dnsperf against a port of the loopback address, and what it reports. */
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';

export interface LoadResult {
  readonly completed: number;
  readonly lost: number;
  readonly perSecond: number;
  /** Mean octets of one response; a server that truncates shows here. */
  readonly responseOctets: number;
  /** All responses were NOERROR. */
  readonly allNoError: boolean;
}

/** Four clients, 100 outstanding queries, EDNS with DO; both ends share this machine's cores. */
export async function runDnsperf(port: number, queryFile: string, seconds: number): Promise<LoadResult> {
  const options = ['-s', '127.0.0.1', '-p', `${port}`, '-d', queryFile, '-l', `${seconds}`];
  const load = ['-c', '4', '-q', '100', '-e', '-D', '-t', '2'];
  const child = spawn('dnsperf', [...options, ...load], { stdio: ['ignore', 'pipe', 'pipe'] });
  const text = await collect(child);
  return parseDnsperf(text);
}

async function collect(child: ChildProcess): Promise<string> {
  let text = '';
  child.stdout?.on('data', (chunk: Buffer) => {
    text += chunk.toString();
  });
  let problems = '';
  child.stderr?.on('data', (chunk: Buffer) => {
    problems += chunk.toString();
  });
  const [status] = await once(child, 'close');
  if (status !== 0) throw new Error(`dnsperf ended with ${status}: ${problems.trim().split('\n').at(-1)}`);
  return text;
}

function parseDnsperf(text: string): LoadResult {
  const number = (pattern: RegExp): number => {
    const digits = pattern.exec(text)?.[1];
    if (digits === undefined) throw new Error(`dnsperf printed nothing like ${pattern}:\n${text}`);
    return Number(digits);
  };
  return {
    completed: number(/Queries completed: +(\d+)/),
    lost: number(/Queries lost: +(\d+)/),
    perSecond: number(/Queries per second: +([\d.]+)/),
    responseOctets: number(/Average packet size: .*response (\d+)/),
    allNoError: /Response codes: +NOERROR \d+ \(100\.00%\)/.test(text),
  };
}
