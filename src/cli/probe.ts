/** `padzone probe`: asks for every size through a resolver, and says what to do about what did not arrive. */
import { randomBytes } from 'node:crypto';
import { lookup } from 'node:dns/promises';
import { isIP } from 'node:net';
import { ConfigError } from '../config.ts';
import { advise } from './probe/advise.ts';
import { chase } from './probe/chase.ts';
import { type Finding, judge, type Test } from './probe/judge.ts';
import { formatJson, formatTable } from './probe/report.ts';
import { formatServerAddress, parseServerAddress, type ServerAddress } from './probe/server-address.ts';
import type { Subcommand, SubcommandContext } from './subcommand.ts';

const DEFAULT_SIZES = '512,1232,1472,4096';
const DEFAULT_TIMEOUT = '5';
const BASE32HEX = '0123456789abcdefghijklmnopqrstuv';

export const probe: Subcommand = {
  name: 'probe',
  summary: 'Ask for answers of several sizes through a resolver, and say which arrived and what to do next',
  arguments: [{ name: '<address>', description: 'IPv4, IPv6, [IPv6]:port, host or host:port' }],
  options: [
    {
      flags: '--sizes <list>',
      description: 'octets, 512 to 65535, by commas',
      default: DEFAULT_SIZES,
    },
    {
      flags: '--timeout <seconds>',
      description: 'for one question, over UDP and again over TCP',
      default: DEFAULT_TIMEOUT,
    },
    { flags: '--json', description: 'one JSON document instead of the table' },
  ],

  async run(context, args, options) {
    const sizes = parseSizes(String(options['sizes'] ?? DEFAULT_SIZES));
    const timeoutMs = parseTimeout(String(options['timeout'] ?? DEFAULT_TIMEOUT));
    const address = await resolveServer(parseServerAddress(args[0] ?? ''));
    const { origin } = context.config();
    const server = formatServerAddress(address);
    const startedAt = context.now();
    const run = newRun();
    const findings = await runTests(context, address, origin, tests(sizes, run), timeoutMs);
    const advice = advise(server, origin, findings);
    const report = { server, origin, run, startedAt, findings, advice };
    context.out.write(options['json'] ? formatJson(report) : formatTable(report));
    return findings.some(({ problem }) => problem !== undefined) ? 1 : 0;
  },
};

function tests(sizes: readonly number[], run: string): Test[] {
  const measured = sizes.map((size): Test => ({ label: `s${size}-n${run}`, kind: 'size', size }));
  return [{ label: 'me', kind: 'me' }, ...measured, { label: 'rs', kind: 'ladder' }];
}

/** One test after the other, so that one loss does not cause another; stops when even `me` fails. */
async function runTests(
  { err, now }: SubcommandContext,
  server: ServerAddress,
  origin: string,
  planned: readonly Test[],
  timeoutMs: number,
): Promise<Finding[]> {
  const isTerminal = 'isTTY' in err && err.isTTY === true;
  const findings: Finding[] = [];
  for (const [index, test] of planned.entries()) {
    if (isTerminal) err.write(`\r\x1b[K${index + 1}/${planned.length} ${test.label}.${origin} …`);
    const sentAt = now();
    const chain = await chase(server, `${test.label}.${origin}`, timeoutMs);
    const finding = judge(test, chain, now() - sentAt);
    findings.push(finding);
    if (test.kind === 'me' && finding.problem !== undefined) break;
  }
  if (isTerminal) err.write('\r\x1b[K');
  return findings;
}

/** A digit 0 to 7 and nine base32hex characters: 48 random bits, without the `n` in front. */
function newRun(): string {
  let bits = randomBytes(6).readUIntBE(0, 6);
  let run = '';
  for (let left = 10; left > 0; left--) {
    run = BASE32HEX.charAt(bits % 32) + run;
    bits = Math.floor(bits / 32);
  }
  return run;
}

function parseSizes(list: string): number[] {
  const sizes = list.split(',').map((word) => {
    const size = /^\d{3,5}$/.test(word.trim()) ? Number(word) : 0;
    if (size < 512 || size > 65_535)
      throw new ConfigError(`--sizes: "${word}" is not a size from 512 to 65535`);
    return size;
  });
  return [...new Set(sizes)];
}

function parseTimeout(seconds: string): number {
  const timeout = Number(seconds);
  if (!(timeout > 0 && timeout <= 60))
    throw new ConfigError(`--timeout: "${seconds}" is not above 0 and at most 60`);
  return timeout * 1000;
}

async function resolveServer({ host, port }: ServerAddress): Promise<ServerAddress> {
  if (isIP(host) !== 0) return { host, port };
  try {
    return { host: (await lookup(host)).address, port };
  } catch (cause) {
    throw new ConfigError(`${host}: no address found for this name`, { cause });
  }
}
