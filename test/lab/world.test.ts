/** A small world: real resolvers behind three paths, and what both servers wrote of them. */
import { existsSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Lab, LabResolver } from '../../lab/contract.ts';
import { labProblem } from '../../lab/problem.ts';
import { openLab } from '../../lab/world.ts';

const problem = labProblem(['unbound', 'dnsmasq']);
if (problem !== undefined) process.stderr.write(`skipped: ${problem}\n`);

const PATIENCE_MS = 10_000;

describe.skipIf(problem !== undefined)('a lab', () => {
  let lab: Lab;
  beforeAll(async () => {
    lab = await openLab();
  });
  afterAll(() => lab?.close());

  const open = (path: string, resolver = 'unbound'): Promise<LabResolver> =>
    lab.open({ resolver, edns: 4096, path, family: 4 });
  const ask = (resolver: LabResolver, label: string) => resolver.ask(`${label}.${lab.origin}`, PATIENCE_MS);

  it('a clean path: signed answers of every size arrive, over either IP version, and both servers know', async () => {
    const resolver = await open('clean');
    for (const [family, source] of [
      ['v4', resolver.sources[0]],
      ['v6', resolver.sources[1]],
    ] as const) {
      for (const octets of [1232, 4096]) {
        const answer = await ask(resolver, `s${octets}.${family}`);
        expect(answer).toMatchObject({ status: 'NOERROR', ad: true });
        expect(answer.texts.join()).toContain(`${source} received ${octets} octets over UDP`);
      }
    }
    const rows = await lab.rows();
    for (const source of resolver.sources)
      expect(rows.filter(({ src }) => src === source).map(({ receipt }) => receipt?.sent)).toEqual(
        expect.arrayContaining([1232, 4096]),
      );
    await resolver.close();
  });

  it('a path without fragments: Unbound turns to TCP', async () => {
    const resolver = await open('frag');
    expect((await ask(resolver, 's1232.v4')).texts.join()).toContain('received 1232 octets over UDP');
    expect((await ask(resolver, 's4096.v4')).texts.join()).toContain('received 4096 octets over TCP');
    await resolver.close();
  });

  it('a black hole above 1280 octets: what is smaller arrives', async () => {
    const resolver = await open('mtu1280');
    expect((await ask(resolver, 's1232.v4')).texts.join()).toContain('received 1232 octets over UDP');
    await resolver.close();
  });

  it('a forwarder: servers see the resolver behind it', async () => {
    const resolver = await open('clean', 'dnsmasq');
    const answer = await ask(resolver, 's1232.v4');
    expect(resolver.sources).not.toContain(resolver.address);
    expect(answer.texts.join()).toContain(`${resolver.sources[0]} received 1232 octets over UDP`);
    await resolver.close();
  });

  it('dnsmasq that validates: it decides itself, in front of an Unbound that does not', async () => {
    const resolver = await open('clean', 'dnsmasq-validating');
    expect(await ask(resolver, 's1232.v4')).toMatchObject({ status: 'NOERROR', ad: true });
    expect(await ask(resolver, 's1232.bogus')).toMatchObject({ status: 'SERVFAIL', ad: false });
    const behind = await resolver.dig({ name: `s1232.bogus.${lab.origin}`, type: 'TXT', args: ['+cd'] });
    expect(behind.status).toBe('NOERROR');
    await resolver.close();
  });

  it('refuses what its tables lack, and says what they have', async () => {
    await expect(open('clean+fog')).rejects.toThrow(/"fog" is unknown, want some of clean, frag, /);
    await expect(open('nat+farm')).rejects.toThrow('nat and farm both rewrite source addresses');
    await expect(open('clean', 'djbdns')).rejects.toThrow(/"djbdns" is unknown, want one of unbound, /);
  });

  it('leaves no folder behind when it is closed, also twice', async () => {
    const folder = dirname(dirname(lab.dataDirectories[0]!));
    expect(existsSync(folder)).toBe(true);
    await Promise.all([lab.close(), lab.close()]);
    expect(existsSync(folder)).toBe(false);
  });
});
