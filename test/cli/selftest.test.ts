/** `padzone selftest` at padzone itself, and through a relay that spoils what a path may spoil. */
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerHandle, startServer } from '../../src/app.ts';
import { probe } from '../../src/cli/probe.ts';
import { selftest } from '../../src/cli/selftest.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { askTcp, askUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import {
  askedOf,
  check,
  cname,
  type Document,
  ORIGIN,
  qnameOf,
  reply,
  resolver,
  run as runSubcommand,
  standIn,
  type Transport,
  test,
} from './stand-in.ts';

const folder = testFolder('selftest');

async function serve(name: string, flags: Record<string, string> = {}): Promise<ServerHandle> {
  const directory = join(folder, name);
  mkdirSync(directory);
  const config = loadConfig({
    flags: {
      origin: ORIGIN,
      dnsListen: '127.0.0.1:0',
      httpListen: '',
      engine: 'plain',
      dataDir: join(directory, 'data'),
      keysDir: join(folder, 'keys'),
      logLevel: 'silent',
      ...flags,
    },
    env: {},
  });
  return startServer(config, createLog(config));
}

const run = (args: readonly string[], options: Record<string, unknown> = {}, now = Date.now) =>
  runSubcommand(selftest, args, options, { now });

async function selftestOf(from: string, options: Record<string, unknown> = {}, now = Date.now) {
  const { status, out } = await run([], { from, json: true, ...options }, now);
  return { status, documents: JSON.parse(out) as [Document, ...Document[]] };
}

let server: ServerHandle;
let here: string;
beforeAll(async () => {
  server = await serve('sound');
  here = `127.0.0.1:${server.listening[0]?.port}`;
});
afterAll(() => server.stop());

/** Hands queries on to the server, unless `loses` keeps the answer. */
async function relay(loses: (answer: Buffer, transport: Transport) => boolean): Promise<string> {
  const [to] = server.listening;
  return standIn(async (_query, transport, octets) => {
    const answer = await (transport === 'udp' ? askUdp(to!, octets) : askTcp(to!, octets));
    return loses(answer, transport) ? undefined : answer;
  });
}

/** Of the OPT record that the probe sends at the end of its queries (RFC 6891 §6.1.2). */
const OPT_OCTETS = 11;
const ADDITIONAL_COUNT_AT = 10;

function withoutOpt(query: Buffer): Buffer {
  if (query.readUInt16BE(ADDITIONAL_COUNT_AT) === 0) return query;
  const stripped = Buffer.from(query.subarray(0, -OPT_OCTETS));
  stripped.writeUInt16BE(0, ADDITIONAL_COUNT_AT);
  return stripped;
}

function offering1232(query: Buffer): Buffer {
  if (query.readUInt16BE(ADDITIONAL_COUNT_AT) === 0) return query;
  const changed = Buffer.from(query);
  changed.writeUInt16BE(1232, query.length - OPT_OCTETS + 3);
  return changed;
}

describe('a sound node', () => {
  it('passes, and each size is received exactly', async () => {
    const { status, documents } = await selftestOf(here);
    expect(documents).toHaveLength(1);
    const [document] = documents;
    expect(document.sizes.map(({ size }) => size)).toEqual([512, 1232, 1472, 2048, 4096]);
    for (const size of [512, 1232, 1472, 2048, 4096])
      expect(test(document, `s${size}`)).toMatchObject({ largest: size, transport: 'udp', problem: null });
    expect(test(document, 's4096-tc')?.exchanges.map(({ udp }) => udp)).toEqual([
      'answered',
      'truncated',
      'answered',
    ]);
    expect(document.checks.map(({ name, state }) => `${name} ${state}`)).toEqual([
      'EDNS good',
      'plain good',
      'sizes good',
      'TCP good',
      'rs good',
      'DNSKEY good',
      'clock good',
    ]);
    expect(document).toMatchObject({ direct: true, problems: 0, version: null, advice: ['Nothing to do.'] });
    expect(status).toBe(0);
  });

  it('is asked the same by probe, which sees that it is no resolver', async () => {
    const { status, out } = await runSubcommand(probe, [here], { sizes: '512' }, { now: Date.now });
    expect(out).toMatch(/^probe\.example at its name server 127\.0\.0\.1:\d+ \(ns1\), run /);
    expect(out).toContain('DNSKEY');
    expect(status).toBe(0);
  });

  it('may have several addresses, each with a report of its own; the worst status counts', async () => {
    const two = await run([], { from: `${here}, ${here}`, sizes: '512' });
    expect(two.out.match(/ at its name server /g)).toHaveLength(2);
    expect(two.status).toBe(0);
    const gone = await standIn(() => undefined);
    expect((await run([], { from: `${here},${gone}`, sizes: '512', timeout: '0.5' })).status).toBe(2);
  });
});

describe('a fault of the server side', () => {
  it('is found where large datagrams get lost in front of it', async () => {
    const from = await relay((answer, transport) => transport === 'udp' && answer.length > 1472);
    const { status, documents } = await selftestOf(from, { sizes: '1472,2048', timeout: '1' });
    expect(documents[0].sizes).toMatchObject([
      { size: 1472, recovery: 'none' },
      { size: 2048, how: 'tcp', recovery: 'lost' },
    ]);
    expect(documents[0].advice[0]).toContain('blame no resolver');
    expect(status).toBe(1);
  });

  it('is found where TCP does not pass', async () => {
    const from = await relay((_answer, transport) => transport === 'tcp');
    const { status, documents } = await selftestOf(from, { sizes: '512', timeout: '1' });
    expect(check(documents[0], 'TCP')).toMatchObject({ state: 'problem' });
    expect(documents[0].advice).toEqual([expect.stringContaining('Allow it there, inbound')]);
    expect(status).toBe(1);
  });

  it('is found where its own limit keeps a size off UDP', async () => {
    const narrow = await serve('narrow', { udpMax: '1232' });
    try {
      const from = `127.0.0.1:${narrow.listening[0]?.port}`;
      const { status, documents } = await selftestOf(from, { sizes: '1232,4096' });
      expect(documents[0].sizes.map(({ recovery }) => recovery)).toEqual(['none', 'doubtful']);
      expect(documents[0].advice[0]).toContain('its udp_max is lower');
      expect(status).toBe(1);
    } finally {
      await narrow.stop();
    }
  });

  it('is found where something rewrites its answers', async () => {
    const [to] = server.listening;
    const from = await standIn(async (query, transport, octets) => {
      const answer = await (transport === 'udp' ? askUdp(to!, octets) : askTcp(to!, octets));
      // A gate of g + 62 characters: its answer goes on without filler.
      if (!/^g/.test(askedOf(query)) || transport === 'tcp') return answer;
      const target = /\x3f?r[0-9a-v]{61}/.exec(answer.toString('latin1'))?.[0] ?? '';
      return reply(query, { flags: 1 << 10, answers: [cname(qnameOf(query), `${target}.${ORIGIN}`)] });
    });
    const { documents } = await selftestOf(from, { sizes: '1232' });
    expect(test(documents[0], 's1232')?.problem).toContain('something on the path rewrites answers');
    expect(documents[0].advice.join(' ')).toContain('rewrites DNS');
  });

  it.each([
    { change: 'taken out', saw: 'no EDNS', least: 512, tamper: withoutOpt },
    { change: 'lowered', saw: '1232 octets, DO=1', least: 1232, tamper: offering1232 },
  ])('is found where EDNS is $change over UDP, and is the only one', async ({ saw, least, tamper }) => {
    const [to] = server.listening;
    const from = await standIn((_query, transport, octets) =>
      transport === 'udp' ? askUdp(to!, tamper(octets)) : askTcp(to!, octets),
    );
    const { status, documents } = await selftestOf(from);
    const [{ sizes, checks, advice }] = documents;
    expect(sizes.map(({ size, how, recovery }) => [size, how === 'tcp', recovery])).toEqual(
      [512, 1232, 1472, 2048, 4096].map((size) => [size, size > least, 'none']),
    );
    expect(checks.filter(({ state }) => state === 'problem')).toEqual([
      expect.objectContaining({ name: 'EDNS', text: expect.stringContaining(`saw ${saw}`) }),
    ]);
    expect(checks.find(({ name }) => name === 'DNSKEY')?.state).toBe(least === 512 ? 'unknown' : 'good');
    expect(advice).toEqual([
      expect.stringMatching(/^Something between 127\.0\.0\.1 and the server changes EDNS/),
    ]);
    expect(status).toBe(1);
    expect((await run([], { from })).out).not.toMatch(/LOSS|ALTHOUGH|lost/);
  });

  it.each([
    { seconds: -60, says: 'seconds ahead of this host' },
    { seconds: 60, says: 'seconds behind this host' },
  ])('is found where the clocks differ by $seconds seconds', async ({ seconds, says }) => {
    const now = () => Date.now() + seconds * 1000;
    const { documents } = await selftestOf(here, { sizes: '512' }, now);
    expect(check(documents[0], 'clock')).toMatchObject({ state: 'problem' });
    expect(check(documents[0], 'clock')?.text).toContain(says);
  });

  it('is found where the keys are signed for another time', async () => {
    const now = () => Date.now() + 365 * 86_400_000;
    const { documents } = await selftestOf(here, { sizes: '512' }, now);
    expect(check(documents[0], 'DNSKEY')).toMatchObject({ state: 'problem' });
    expect(check(documents[0], 'DNSKEY')?.text).toContain('signed for another time than now');
  });
});

describe('what the operator types', () => {
  it('must name a peer', async () => {
    await expect(run([])).rejects.toThrow(/^--from: name the node/);
    await expect(run([], { from: '' })).rejects.toThrow('not an IPv4 address');
  });

  it('must not be a resolver', async () => {
    const from = await standIn(resolver());
    await expect(run([], { from })).rejects.toThrow(`--from: ${from} is no name server of ${ORIGIN}`);
  });

  it('may be a node of another origin: no test can run', async () => {
    const other = await serve('other', { origin: 'other.example', keysDir: join(folder, 'other-keys') });
    try {
      const { status, documents } = await selftestOf(`127.0.0.1:${other.listening[0]?.port}`);
      expect(documents[0].advice).toEqual([expect.stringContaining('check the setting origin')]);
      expect(status).toBe(2);
    } finally {
      await other.stop();
    }
  });
});
