/** The catalog of broken zones through five real resolvers, as `padzone probe --dnssec` asks it: each outcome is the one that its file wants. */
import { resolve } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { readCaseFiles } from '../../src/zone/broken/case-file.ts';
import { outcomesIn, VALIDATORS, type Validator } from '../../src/zone/broken/outcome.ts';
import { testFolder } from '../support/folder.ts';
import { type Finished, type Namespace, namespaceProblem, openNamespace } from '../support/namespace.ts';
import { ADDRESSES, ORIGIN, startPadzone } from '../support/padzone.ts';
import { programProblem, skipFor } from '../support/processes.ts';
import { dnsmasqValidating } from '../support/resolvers/dnsmasq.ts';
import { unbound } from '../support/resolvers/unbound.ts';
import { startResolver } from '../support/resolvers.ts';
import { startRoot } from '../support/root-zone.ts';
import { SETUPS, type Setup, setupProblem, startSetup } from './inquiry.ts';
import { show } from './show.ts';

interface Document {
  readonly differs: number;
  readonly cases: readonly { readonly case: string; readonly outcome: string; readonly verdict: string }[];
}

/** A forwarder says what the validator behind it says: in its place dnsmasq validates, and what is behind it does not. */
const RESOLVERS = SETUPS.filter(({ ednsSize }) => ednsSize === undefined).map((setup) =>
  setup.resolver.role === 'forwarder'
    ? { ...setup, resolver: dnsmasqValidating, who: dnsmasqValidating.name }
    : setup,
);
/** dnsmasq does not start without one; that of the zone is closer. */
const ROOT_ANCHOR = `. DS 1 13 2 ${'00'.repeat(32)}`;
const CASES = await readCaseFiles('zones/broken');
const problem = namespaceProblem() ?? programProblem('dig', 'nsd');
const directory = testFolder('broken');
const MAIN = resolve('dist/cli/main.js');
let namespace: Namespace;
/** All at once: they wait for the zone whose keys nobody sends, and for little else. */
const probes = new Map<Setup, Promise<Finished>>();

beforeAll(async () => {
  if (problem !== undefined) return;
  namespace = await openNamespace();
  const padzone = await startPadzone(namespace, directory);
  await startRoot(namespace, directory, { [`${ORIGIN}.`]: ADDRESSES.parent });
  const here = RESOLVERS.filter((each) => setupProblem(each) === undefined);
  for (const setup of here) await start(setup, padzone.anchor);
  for (const setup of here) probes.set(setup, probe(setup.listen, '--json'));
});

afterAll(() => namespace?.close());

async function start(setup: Setup, anchor: string): Promise<void> {
  const { resolver, listen, source } = setup;
  if (resolver !== dnsmasqValidating) return void (await startSetup(namespace, directory, setup, anchor));
  await startResolver(namespace, unbound, directory, { anchors: [], listen: source });
  const anchors = [anchor, ROOT_ANCHOR];
  await startResolver(namespace, resolver, directory, { anchors, listen, upstream: source });
}

function probe(resolver: string, ...args: readonly string[]): Promise<Finished> {
  const command = [MAIN, 'probe', resolver, '--dnssec', '--origin', ORIGIN, ...args];
  return namespace.run(process.execPath, command, 60_000);
}

function validatorOf({ resolver }: Setup): Validator {
  return VALIDATORS.find((name) => resolver.binary === name || resolver.name === name)!;
}

describe.each(RESOLVERS)('$who', (setup) => {
  const validator = validatorOf(setup);

  it('makes of each zone what its file says', async ({ skip }) => {
    skipFor(problem ?? setupProblem(setup), skip);
    const { code, stdout, stderr } = await probes.get(setup)!;
    show(() => `${stdout}${stderr}exit status ${code}\n\n`);
    const { cases, differs } = JSON.parse(stdout) as Document;
    const found = Object.fromEntries(cases.map((one) => [one.case, one.outcome]));
    const wrong = CASES.flatMap((one) => {
      const wanted = outcomesIn(one, validator);
      const outcome = found[one.label];
      return wanted.some((each) => each === outcome)
        ? []
        : [`${one.label}: ${outcome}, want ${wanted.join(' or ')}`];
    });
    expect(wrong).toEqual([]);
    expect(cases).toHaveLength(CASES.length);
    expect(differs).toBe(0);
    expect(code).toBe(0);
  });
});

it('says so to people, with the differences that are known', async ({ skip }) => {
  const [setup] = RESOLVERS;
  skipFor(problem ?? setupProblem(setup!), skip);
  const { code, stdout } = await probe(setup!.listen, '--timeout', '1');
  show(() => `${stdout}exit status ${code}\n\n`);
  expect(stdout).toMatch(
    new RegExp(`^${CASES.length} zones that are broken on purpose, through ${setup!.listen}:53 \\(unbound`),
  );
  expect(stdout).toMatch(
    /^ds-sha1good-sha256bad +www A +servfail +secure, known of Unbound, dnsmasq +A right SHA-1 DS/m,
  );
  expect(stdout).toMatch(new RegExp(`^all +${CASES.length} +${CASES.length - 2} +2 +0$`, 'm'));
  expect(code).toBe(0);
});

it('refuses a name server of the origin: it validates nothing', async ({ skip }) => {
  skipFor(problem, skip);
  const { code, stderr } = await probe(ADDRESSES.parent);
  expect(stderr).toContain(
    '--dnssec: 127.0.0.1:53 is a name server of probe.test; name a resolver, which validates',
  );
  expect(code).toBe(2);
});
