/** `padzone probe` through four real resolvers, on a path in order and on broken ones: what their operators read. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { check, type Document, test } from '../cli/stand-in.ts';
import { testFolder } from '../support/folder.ts';
import { type Namespace, namespaceProblem, openNamespace } from '../support/namespace.ts';
import { ADDRESSES, ORIGIN, type Padzone, startPadzone } from '../support/padzone.ts';
import { findProgram, programProblem, skipFor } from '../support/processes.ts';
import { startResolver } from '../support/resolvers.ts';
import { startRoot } from '../support/root-zone.ts';
import { SETUPS, type Setup, setupProblem, startSetup } from './inquiry.ts';
import { show } from './show.ts';

const VALIDATORS = SETUPS.filter(({ resolver }) => resolver.role === 'validator');
const problem =
  namespaceProblem() ??
  programProblem('dig', 'nsd') ??
  (findProgram('nft') === undefined ? 'nft not installed (Debian: nftables)' : undefined);
const directory = testFolder('probe');
const MAIN = resolve('dist/cli/main.js');
/** Of an Ethernet link; a loopback interface has no fragments otherwise. */
const MTU = '1500';
let namespace: Namespace;
let padzone: Padzone;

beforeAll(async () => {
  if (problem !== undefined) return;
  namespace = await openNamespace();
  await namespace.run('ip', ['link', 'set', 'lo', 'mtu', MTU]);
  padzone = await startPadzone(namespace, directory);
  await startRoot(namespace, directory, { [`${ORIGIN}.`]: ADDRESSES.parent });
  const here = VALIDATORS.filter((each) => setupProblem(each) === undefined);
  for (const setup of here) await startSetup(namespace, directory, setup, padzone.anchor);
});

afterAll(() => namespace?.close());

async function run(...args: readonly string[]) {
  const result = await namespace.run(process.execPath, [MAIN, ...args, '--origin', ORIGIN], 60_000);
  show(() => `${result.stdout}${result.stderr}exit status ${result.code}\n\n`);
  return result;
}

/** The document of a probe, with its exit status. */
async function probe({ listen }: Setup, ...args: readonly string[]) {
  const { code, stdout } = await run('probe', listen, '--json', ...args);
  return { code, document: JSON.parse(stdout) as Document };
}

/** Drops what a rule of nft matches, in front of every socket and before the kernel joins fragments, until `work` is done. */
async function without<Result>(rules: readonly string[], work: () => Promise<Result>): Promise<Result> {
  const chain = '{ type filter hook prerouting priority -450; policy accept; }';
  const commands = [
    'add table inet broken',
    `add chain inet broken pre ${chain}`,
    ...rules.map((rule) => `add rule inet broken pre ${rule} drop`),
  ];
  for (const command of commands) {
    const { code, stderr } = await namespace.run('nft', [command]);
    if (code !== 0) throw new Error(`nft ${command}: ${stderr}`);
  }
  try {
    return await work();
  } finally {
    await namespace.run('nft', ['delete table inet broken']);
  }
}

const SERVERS = Object.values(ADDRESSES).join(', ');
const NO_FRAGMENTS = [`ip saddr { ${SERVERS} } ip frag-off & 0x3fff != 0`];
const NO_TCP = [`ip daddr { ${SERVERS} } tcp dport 53`];
const setupOf = (name: string, ednsSize: number | undefined) =>
  VALIDATORS.find((each) => each.resolver.name === name && each.ednsSize === ednsSize)!;

describe.each(VALIDATORS)('$who, on a path in order', (setup) => {
  it('has nothing to do', async ({ skip }) => {
    skipFor(problem ?? setupProblem(setup), skip);
    const { code, document } = await probe(setup);
    const inFragments = setup.offered > 1472 ? 'fragments' : 'tcp';
    expect(document.sizes.map(({ size, how, recovery }) => `${size} ${how} ${recovery}`)).toEqual([
      '512 whole none',
      '1232 whole none',
      `1472 ${setup.offered >= 1472 ? 'whole' : 'tcp'} none`,
      `2048 ${inFragments} none`,
      `4096 ${inFragments} none`,
    ]);
    expect(document.sizes.map(({ edns }) => edns)).toEqual(Array(5).fill(setup.offered));
    expect(document.sources).toEqual([setup.source]);
    for (const name of ['EDNS', 'DNSSEC', 'sizes', 'TCP', 'rs', 'IPv4', 'client', 'control', 'servers'])
      expect(check(document, name), name).toMatchObject({ state: 'good' });
    // What a server tells of an address follows its answers by a moment.
    const seen = { node: 'ns1', source: setup.source, octets: 4096, arrived: true };
    await expect
      .poll(async () => (await probe(setup, '--sizes', '512')).document.views, { timeout: 15_000 })
      .toContainEqual(expect.objectContaining(seen));
    // It alone has no sentinels.
    const toDo =
      setup.resolver.name === 'powerdns' ? /^Look with `rec_control get-tas` / : /^Nothing to do\.$/;
    expect(document.advice).toEqual([expect.stringMatching(toDo)]);
    expect(code).toBe(0);
  });
});

// BIND is not among them: what it asks after a loss depends on the largest answer that it had before.
describe('where fragments are dropped', () => {
  it.for([
    { name: 'unbound', how: 'tcp', setting: '(edns-buffer-size in Unbound)' },
    { name: 'powerdns', how: 'nothing', setting: '(edns-outgoing-bufsize in PowerDNS Recursor)' },
  ])('$name with EDNS 4096 gets 2048 octets by $how, and its operator the setting', async (row, { skip }) => {
    const setup = setupOf(row.name, 4096);
    skipFor(problem ?? setupProblem(setup), skip);
    const { code, document } = await without(NO_FRAGMENTS, () => probe(setup, '--sizes', '512,1472,2048'));
    expect(document.sizes.map(({ how }) => how)).toEqual(['whole', 'whole', row.how]);
    expect(document.sizes[2]?.recovery === 'none').toBe(row.how === 'nothing');
    expect(document.advice[0]).toMatch(/^Answers of 2048 octets /);
    expect(document.advice[0]).toContain('let IP fragments pass to 127.0.0.');
    expect(document.advice[0]).toContain(row.setting);
    expect(code).toBe(1);
  });

  it('a resolver that offers 1232 does not notice', async ({ skip }) => {
    const setup = setupOf('unbound', undefined);
    skipFor(problem ?? setupProblem(setup), skip);
    const { code } = await without(NO_FRAGMENTS, () => probe(setup));
    expect(code).toBe(0);
  });

  it('a node that asks another one finds it as well', async ({ skip }) => {
    skipFor(problem, skip);
    const selftest = ['selftest', '--from', ADDRESSES.parent, '--sizes', '1472,2048', '--timeout', '1'];
    expect((await run(...selftest)).code).toBe(0);
    const { code, stdout } = await without(NO_FRAGMENTS, () => run(...selftest));
    expect(stdout).toMatch(/^2048 +TCP, AFTER A LOSS over UDP/m);
    expect(stdout).toContain('drops fragments; until it is mended, blame no resolver.');
    expect(code).toBe(1);
  });
});

it('where TCP is dropped, TCP is blamed and nothing else', async ({ skip }) => {
  const setup = setupOf('bind', undefined);
  skipFor(problem ?? setupProblem(setup), skip);
  const { code, document } = await without(NO_TCP, () =>
    probe(setup, '--sizes', '512,4096', '--timeout', '1'),
  );
  expect(document.sizes.map(({ how }) => how)).toEqual(['whole', 'nothing']);
  expect(test(document, 's512 again')).toMatchObject({ problem: null });
  expect(document.advice).toEqual([
    expect.stringMatching(/^TCP fails: allow TCP to port 53, outbound/),
    expect.stringMatching(/the root's DNSKEY answer .* So mend TCP by then\.$/),
  ]);
  expect(code).toBe(1);
});

// As on the Internet since another key signs the root: there the anchor that fits nothing is one of the root.
describe('where no key fits the trust anchor', () => {
  it.for([
    { name: 'unbound', listen: '127.0.0.24', look: /: in Unbound see / },
    { name: 'bind', listen: '127.0.0.25', look: /: in BIND see `rndc secroots/ },
    // It says no version.
    { name: 'knot', listen: '127.0.0.26', look: /; in Knot Resolver see `trust_anchors\.summary/ },
    { name: 'powerdns', listen: '127.0.0.27', look: /: in PowerDNS Recursor see `rec_control get-tas/ },
  ])(
    '$name answers with CD=1 alone, and its operator is sent to the anchors first',
    async (row, { skip }) => {
      const setup = setupOf(row.name, undefined);
      skipFor(problem ?? setupProblem(setup), skip);
      const spoiled = padzone.anchor.replace(/[0-9A-F]{64}$/, (digest) => [...digest].reverse().join(''));
      await startResolver(namespace, setup.resolver, directory, { anchors: [spoiled], listen: row.listen });
      const { code, document } = await probe({ ...setup, listen: row.listen });
      expect(check(document, 'me')).toMatchObject({
        state: 'problem',
        text: expect.stringMatching(/^answered SERVFAIL.*; with CD=1 an answer came, so validation fails$/),
      });
      expect(document.advice[1]).toMatch(/^Look at the trust anchors first: /);
      expect(document.advice[1]).toMatch(row.look);
      expect(code).toBe(1);
    },
  );
});
