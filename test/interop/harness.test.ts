/** The harness itself, proven on NSD: every resolver validates, follows referrals and keeps to its EDNS size. */
import { execFileSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { delv, dig } from '../support/dig.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../support/namespace.ts';
import { findProgram, programProblem, skipFor } from '../support/processes.ts';
import type { Resolver } from '../support/resolvers/resolver.ts';
import { RESOLVERS } from '../support/resolvers/table.ts';
import { unbound } from '../support/resolvers/unbound.ts';
import { resolverProblem, startResolver } from '../support/resolvers.ts';
import { startNsd, startRoot } from '../support/root-zone.ts';

const ORIGIN = { zone: 'probe.test.', address: '127.0.0.1' };
const CHILDREN_ADDRESS = '127.0.0.2';
/** More than the default EDNS size of every resolver (1232), less than 4096. */
const LARGE = Array.from({ length: 12 }, () => `"${'x'.repeat(250)}"`).join(' ');

const problem =
  namespaceProblem() ?? programProblem('dig', 'delv', 'nsd', 'dnssec-keygen', 'dnssec-signzone');
const directory = mkdtempSync(join(tmpdir(), 'padzone-harness-'));
let namespace: Namespace;
let origin: Awaited<ReturnType<typeof startNsd>>;
let originZone: SignedZone;

interface SignedZone {
  readonly text: string;
  readonly ds: string;
  readonly dnskey: string;
}

/** Signs a zone with a throw-away P-256 key; `address` is that of its only name server. */
function signZone(zone: string, address: string, records: string): SignedZone {
  const folder = join(directory, `sign-${zone}`);
  mkdirSync(folder);
  const run = (command: string, args: string[]) =>
    execFileSync(findProgram(command) ?? command, args, {
      cwd: folder,
      encoding: 'utf8',
      stdio: 'pipe',
    }).trim();
  const key = run('dnssec-keygen', ['-q', '-a', 'ECDSAP256SHA256', '-f', 'KSK', zone]);
  const apex = `@ SOA ns hostmaster 1 3600 600 86400 60\n@ NS ns\nns A ${address}\n`;
  writeFileSync(join(folder, 'zone'), `$ORIGIN ${zone}\n$TTL 60\n${apex}${records}\n$INCLUDE ${key}.key\n`);
  run('dnssec-signzone', ['-z', '-o', zone, '-f', 'signed', 'zone', key]);
  const read = (name: string) => readFileSync(join(folder, name), 'utf8');
  const dnskey = /^[^;].*DNSKEY.*$/m.exec(read(`${key}.key`))?.[0] ?? '';
  return { text: read('signed'), ds: read(`dsset-${zone}`).trim(), dnskey };
}

/** The same DS with another first digit in its digest, so that no key of the child matches. */
function spoil(ds: string): string {
  return ds.replace(/ 2 (\w)/, (_, digit: string) => ` 2 ${digit === '0' ? '1' : '0'}`);
}

beforeAll(async () => {
  if (problem !== undefined) return;
  const good = signZone('good.probe.test.', CHILDREN_ADDRESS, 'www A 192.0.2.1');
  const bogus = signZone('bogus.probe.test.', CHILDREN_ADDRESS, 'www A 192.0.2.2');
  const cuts = ['good', 'bogus'].map((label) => `${label} NS ns.${label}\nns.${label} A ${CHILDREN_ADDRESS}`);
  const own = `www A 192.0.2.3\nlarge TXT ${LARGE}`;
  originZone = signZone(ORIGIN.zone, ORIGIN.address, [own, ...cuts, good.ds, spoil(bogus.ds)].join('\n'));

  namespace = await openNamespace();
  origin = await startNsd(namespace, directory, ORIGIN.address, { [ORIGIN.zone]: originZone.text });
  await startNsd(namespace, directory, CHILDREN_ADDRESS, {
    'good.probe.test.': good.text,
    'bogus.probe.test.': bogus.text,
  });
  await startRoot(namespace, directory, { [ORIGIN.zone]: ORIGIN.address });
});

afterAll(async () => {
  await namespace?.close();
  rmSync(directory, { recursive: true, force: true });
});

/** Starts a resolver (for a forwarder its validator too), hands it to `use`, stops it. */
async function withResolver(
  resolver: Resolver,
  options: { readonly anchors: readonly string[]; readonly ednsSize?: number },
  use: (address: string) => Promise<void>,
): Promise<void> {
  const validator =
    resolver.role === 'forwarder' ? await startResolver(namespace, unbound, directory, options) : undefined;
  try {
    const running = await startResolver(namespace, resolver, directory, options);
    try {
      await use(running.address);
    } finally {
      await running.stop();
    }
  } finally {
    await validator?.stop();
  }
}

/** What NSD has counted since it started. */
async function originCount(counter: string): Promise<number> {
  const { stdout } = await namespace.run(findProgram('nsd-control') ?? '', [
    '-c',
    origin.config,
    'stats_noreset',
  ]);
  return Number(new RegExp(`^${counter}=(\\d+)$`, 'm').exec(stdout)?.[1]);
}

describe.each(RESOLVERS)('$name', (resolver) => {
  const needed = resolver.role === 'forwarder' ? [unbound, resolver] : [resolver];
  const reason = problem ?? needed.map(resolverProblem).find((found) => found !== undefined);

  it('says AD for the origin and for a signed child on another address, SERVFAIL for a bogus child', async ({
    skip,
  }) => {
    skipFor(reason, skip);
    await withResolver(resolver, { anchors: [originZone.ds] }, async (server) => {
      for (const name of ['www.probe.test', 'www.good.probe.test']) {
        const { status, flags, answer, raw } = await dig(namespace, { server, name });
        expect({ status, ad: flags.has('ad'), type: answer[0]?.type }, raw).toEqual({
          status: 'NOERROR',
          ad: true,
          type: 'A',
        });
      }
      const bogus = { server, name: 'www.bogus.probe.test' };
      expect((await dig(namespace, bogus)).status).toBe('SERVFAIL');
      // Only validation is in the way: the records are reachable.
      const unchecked = await dig(namespace, { ...bogus, args: ['+cdflag'] });
      expect(unchecked.answer.map(({ rdata }) => rdata)).toContain('192.0.2.2');
    });
  });

  it('trusts nothing but the anchors given', async ({ skip }) => {
    skipFor(reason, skip);
    await withResolver(resolver, { anchors: [spoil(originZone.ds)] }, async (server) => {
      expect((await dig(namespace, { server, name: 'www.probe.test' })).status).toBe('SERVFAIL');
    });
  });
});

describe.each(RESOLVERS.filter(({ role }) => role === 'validator'))('$name', (resolver) => {
  it.for([
    { ednsSize: 4096, truncated: 0, why: 'a large answer fits' },
    { ednsSize: 1232, truncated: 1, why: 'it comes over TCP' },
    { ednsSize: undefined, truncated: 1, why: 'the default is 1232' },
  ])('asks with EDNS size $ednsSize: $why', async ({ ednsSize, truncated }, { skip }) => {
    skipFor(problem ?? resolverProblem(resolver), skip);
    const options = { anchors: [originZone.dnskey], ...(ednsSize === undefined ? {} : { ednsSize }) };
    await withResolver(resolver, options, async (server) => {
      const before = { tc: await originCount('num.truncated'), tcp: await originCount('num.tcp') };
      const large = { server, name: 'large.probe.test', type: 'TXT', args: ['+tcp', '+dnssec'] };
      const { status, flags, size } = await dig(namespace, large);
      expect({ status, ad: flags.has('ad') }).toEqual({ status: 'NOERROR', ad: true });
      expect(size).toBeGreaterThan(3000);
      expect(await originCount('num.truncated')).toBe(before.tc + truncated);
      expect(await originCount('num.tcp')).toBe(before.tcp + truncated);
    });
  });
});

it('lets delv validate by itself, through a resolver', async ({ skip }) => {
  skipFor(problem ?? resolverProblem(unbound), skip);
  await withResolver(unbound, { anchors: [originZone.ds] }, async (server) => {
    const anchors = [originZone.dnskey];
    const validate = async (name: string) => (await delv(namespace, { server, name, anchors })).validated;
    expect(await validate('www.good.probe.test')).toBe(true);
    expect(await validate('www.bogus.probe.test')).toBe(false);
  });
});
