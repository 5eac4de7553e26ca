/** Every impairment of the lab does what its row says, and no more: seen by dig from behind it, over both IP versions. */
import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { SERVERS } from '../../lab/addresses.ts';
import { type Authority, openAuthority } from '../../lab/authority.ts';
import { IMPAIRMENTS } from '../../lab/impairments.ts';
import { labProblem } from '../../lab/problem.ts';
import { testFolder } from '../support/folder.ts';
import { buildRelay } from './build.ts';
import { FAMILIES, type Family, openProbe, type Probe } from './probe.ts';

const problem = labProblem([]);
if (problem !== undefined) process.stderr.write(`skipped: ${problem}\n`);

const directory = testFolder('lab-paths');
let authority: Authority;
let paths = 0;

beforeAll(async () => {
  if (problem !== undefined) return;
  buildRelay();
  authority = await openAuthority(directory);
});
afterAll(() => authority?.close());

const tried = new Set<string>();

/** Opens a path and looks at it over each IP version. */
function path(name: string, look: (probe: Probe, family: Family) => Promise<unknown>): void {
  for (const part of name.split('+')) tried.add(part);
  it(name, async () => {
    const probe = await openProbe(authority, paths++, name, directory);
    await Promise.all(FAMILIES.map((family) => look(probe, family)));
  });
}

/** A number out of /proc/net/snmp or its sister for IPv6: a line of names, then one of values; or a name and its value. */
async function count({ host }: Probe, family: Family, name: { 4: string; 6: string }): Promise<number> {
  const { stdout } = await host.run('cat', [family === 4 ? '/proc/net/snmp' : '/proc/net/snmp6']);
  if (family === 6) return Number(new RegExp(`^${name[6]}\\s+(\\d+)`, 'm').exec(stdout)?.[1]);
  const [protocol, field] = name[4].split('.') as [string, string];
  const [names, values] = stdout.split('\n').filter((line) => line.startsWith(`${protocol}: `));
  return Number(values?.split(' ')[names?.split(' ').indexOf(field) ?? -1]);
}

const FRAGMENTS = { 4: 'Ip.ReasmReqds', 6: 'Ip6ReasmReqds' };
const GIVEN_UP = { 4: 'Icmp.OutTimeExcds', 6: 'Icmp6OutTimeExcds' };

/** A query for `me.probe.lab` TXT. */
const ME = '000000000001000000000000 026d65 0570726f6265 036c6162 00 0010 0001'.replaceAll(' ', '');

/** How many of 200 small queries are answered, once a receipt was. */
async function answered({ host, address, follow }: Probe, family: Family): Promise<number> {
  await follow(family);
  const script = `
    const socket = require('node:dgram').createSocket('udp${family}');
    let count = 0;
    socket.on('message', () => count++);
    socket.bind(0, '${address[family]}', () => {
      for (let id = 0; id < 200; id++) {
        const query = Buffer.from('${ME}', 'hex');
        query.writeUInt16BE(id, 0);
        socket.send(query, 53, '${SERVERS[0].parent[`ipv${family}`]}');
      }
    });
    setTimeout(() => { console.log(count); process.exit(); }, 2000);`;
  return Number((await host.run(process.execPath, ['-e', script])).stdout);
}

/** Source addresses that a server names, of so many queries one after the other. */
async function sourcesSeen({ ask }: Probe, family: Family, queries: number): Promise<string[]> {
  const seen = new Set<string>();
  for (let query = 0; query < queries; query++) {
    const { raw } = await ask({ family, label: 'me', role: 'parent' });
    seen.add(/"(\S+) port 2\d{4} asked/.exec(raw)?.[1] ?? raw);
  }
  return [...seen].sort();
}

const ofFamily = (family: Family, addresses: readonly string[]) =>
  addresses.filter((address) => address.includes(':') === (family === 6)).sort();

describe.skipIf(problem !== undefined).concurrent('a path', () => {
  path('clean', async ({ receive }, family) => {
    expect(await receive(family, 4096)).toBe(4096);
    expect(await receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('frag', async (probe, family) => {
    expect(await probe.receive(family, 1440)).toBe(1440);
    expect(await probe.misses(family, 1500)).toBe(0);
    expect(await count(probe, family, FRAGMENTS)).toBe(0);
    expect(await probe.receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('frag-later', async (probe, family) => {
    expect(await probe.misses(family, 1500)).toBe(0);
    expect(await count(probe, family, FRAGMENTS)).toBeGreaterThan(0);
    expect(await probe.receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('reasm', async (probe, family) => {
    expect(await probe.misses(family, 1500)).toBe(0);
    await expect.poll(() => count(probe, family, GIVEN_UP), { timeout: 15_000 }).toBeGreaterThan(0);
  });

  // A packet is 28 octets longer than its message over IPv4, 48 over IPv6.
  path('mtu1280', async ({ receive, misses }, family) => {
    expect(await receive(family, 1232)).toBe(1232);
    expect(await misses(family, 1300)).toBe(0);
  });

  path('mtu1400', async ({ receive, misses }, family) => {
    expect(await receive(family, 1300)).toBe(1300);
    expect(await misses(family, 1400)).toBe(0);
  });

  // IPv4 leaves without DF and is cut by the router; IPv6 must be told.
  path('ptb1280', async ({ receive, misses }, family) => {
    if (family === 6) expect(await misses(family, 1300)).toBe(0);
    expect(await receive(family, 1300)).toBe(1300);
    expect(await receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('ptb1400', async ({ receive, misses }, family) => {
    expect(await receive(family, 1300)).toBe(1300);
    if (family === 6) expect(await misses(family, 1400)).toBe(0);
    expect(await receive(family, 1400)).toBe(1400);
  });

  path('ptb-filtered', async ({ receive, misses }, family) => {
    expect(await receive(family, 1232)).toBe(1232);
    expect(await misses(family, 1300)).toBe(family === 4 ? 1300 : 0);
    expect(await misses(family, 1300)).toBe(family === 4 ? 1300 : 0);
  });

  path('tcp53', async ({ ask, receive }, family) => {
    expect(await receive(family, 4096)).toBe(4096);
    const { raw } = await ask({ family, label: `me.v${family}`, args: ['+tcp', '+timeout=1'] });
    expect(raw).toContain('timed out');
  });

  path('tcp53-rst', async ({ ask, receive }, family) => {
    expect(await receive(family, 4096)).toBe(4096);
    const { raw } = await ask({ family, label: `me.v${family}`, args: ['+tcp'] });
    expect(raw).toContain('connection refused');
  });

  path('tcp53-data', async ({ ask, receive }, family) => {
    expect(await receive(family, 4096)).toBe(4096);
    const { raw } = await ask({ family, label: `me.v${family}`, args: ['+tcp', '+timeout=1'] });
    expect(raw).toContain('timed out');
    expect(raw).not.toContain('connection refused');
  });

  path('tcp53-cut', async ({ ask, receive }, family) => {
    expect(await receive(family, 4096)).toBe(4096);
    const { raw } = await ask({ family, label: `me.v${family}`, args: ['+tcp', '+timeout=3'] });
    expect(raw).toMatch(/end of file|connection reset/);
  });

  path('udp1232', async ({ receive, misses }, family) => {
    expect(await receive(family, 1232)).toBe(1232);
    expect(await misses(family, 1233)).toBe(0);
    expect(await misses(family, 4096)).toBe(0);
    expect(await receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('udp1500', async ({ receive, misses }, family) => {
    expect(await receive(family, 1500)).toBe(1500);
    expect(await misses(family, 1501)).toBe(0);
  });

  path('prohibited', async (probe, family) => {
    expect(await probe.receive(family, 1400)).toBe(1400);
    expect(await probe.misses(family, 1401)).toBe(0);
    expect(await probe.misses(family, 4096)).toBe(0);
    expect(await probe.receive(family, 4096, '+tcp')).toBe(4096);
  });

  // Of 200 queries and their answers 162 are left at 10 of 100, 98 at 30 of 100; the bounds are six standard deviations away.
  path('loss10', async (probe, family) => {
    const left = await answered(probe, family);
    expect(left).toBeGreaterThan(128);
    expect(left).toBeLessThan(196);
  });

  path('loss30', async (probe, family) => {
    const left = await answered(probe, family);
    expect(left).toBeGreaterThan(55);
    expect(left).toBeLessThan(141);
  });

  path('delay', async ({ ask, receive }, family) => {
    const { raw } = await ask({ family, label: `me.v${family}` });
    // Twice 50 - 10, by timers that count whole milliseconds.
    expect(Number(/Query time: (\d+) msec/.exec(raw)?.[1])).toBeGreaterThanOrEqual(78);
    expect(await receive(family, 4096)).toBe(4096);
    expect(await receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('noedns', async ({ ask }, family) => {
    const label = `me.v${family}`;
    expect((await ask({ family, label, args: ['+timeout=1'] })).status).toBe('TIMEOUT');
    expect((await ask({ family, label, args: ['+noedns'] })).status).toBe('NOERROR');
    expect((await ask({ family, label, args: ['+tcp'] })).status).toBe('NOERROR');
  });

  path('noedns-strip', async ({ ask }, family) => {
    const label = `me.v${family}`;
    const { raw } = await ask({ family, label, args: ['+dnssec', '+cookie'] });
    expect(raw).toContain('no EDNS');
    expect(raw).not.toContain('OPT PSEUDOSECTION');
    expect((await ask({ family, label, args: ['+tcp'] })).raw).toContain('EDNS payload size');
  });

  path('nat', async (probe, family) => {
    expect(await sourcesSeen(probe, family, 3)).toEqual(ofFamily(family, probe.sources));
    expect(await probe.receive(family, 4096)).toBe(4096);
    expect(await probe.receive(family, 4096, '+tcp')).toBe(4096);
  });

  path('farm', async (probe, family) => {
    expect(ofFamily(family, probe.sources)).toHaveLength(2);
    expect(await sourcesSeen(probe, family, 24)).toEqual(ofFamily(family, probe.sources));
  });

  path('onedead', async ({ ask }, family) => {
    for (const role of ['parent', 'children'] as const) {
      const question = { family, role, label: role === 'parent' ? 'me' : `me.v${family}` };
      expect((await ask(question)).status).toBe('NOERROR');
      const dead = { ...question, server: SERVERS[1], args: ['+timeout=1'] };
      expect((await ask(dead)).status).toBe('TIMEOUT');
    }
  });

  path('frag+tcp53', async ({ receive, misses }, family) => {
    expect(await receive(family, 1232)).toBe(1232);
    expect(await misses(family, 1500)).toBe(0);
    expect(await misses(family, 1232, '+tcp')).toBe(0);
  });

  // Connection tracking would put fragments together before a rule sees them.
  path('nat+frag', async ({ receive, misses }, family) => {
    expect(await receive(family, 1232)).toBe(1232);
    expect(await misses(family, 1500)).toBe(0);
  });

  // The relay sends every packet past the router's rules twice.
  path('delay+nat+noedns-strip', async (probe, family) => {
    const { raw } = await probe.ask({ family, label: 'me', role: 'parent' });
    expect(raw).toContain('no EDNS');
    expect(Number(/Query time: (\d+) msec/.exec(raw)?.[1])).toBeGreaterThanOrEqual(78);
    expect(await sourcesSeen(probe, family, 1)).toEqual(ofFamily(family, probe.sources));
  });
});

it('no row of the table is left out', () => {
  expect(IMPAIRMENTS.map(({ name }) => name).filter((name) => !tried.has(name))).toEqual([]);
});

it('the README lists the table as it is', () => {
  const rows = IMPAIRMENTS.map(({ name, summary }) => `| \`${name}\` | ${summary} |\n`).join('');
  expect(readFileSync('lab/README.md', 'utf8')).toContain(`| --- | --- |\n${rows}\n`);
});
