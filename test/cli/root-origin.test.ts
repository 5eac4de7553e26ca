/** padzone as the root of a closed network: the greeting, `padzone probe` and what it advises have no parent zone to speak of. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type ServerHandle, startServer } from '../../src/app.ts';
import { below } from '../../src/cli/below.ts';
import { casesOf } from '../../src/cli/probe/catalog/catalog.ts';
import { probe } from '../../src/cli/probe.ts';
import { greeting } from '../../src/cli/serve.ts';
import { loadConfig } from '../../src/config.ts';
import { createLog } from '../../src/log.ts';
import { readZoneFiles } from '../../src/zone/zone-file.ts';
import { testFolder } from '../support/folder.ts';
import { CD, RA, reply, run, runJson, servfail, standIn, test } from './stand-in.ts';

const ROOT = '.';
/** As zones/README.md has it. */
const ZONE_FILE = `label = ""
summary = "The root of a closed network, as on 2027-01-11"
replica = "k20270111"
`;

const folder = testFolder('root-origin');
let server: ServerHandle;
beforeAll(async () => {
  const zonesDir = join(folder, 'zones');
  mkdirSync(zonesDir);
  writeFileSync(join(zonesDir, 'root.toml'), ZONE_FILE);
  const flags = {
    origin: ROOT,
    dnsListen: '127.0.0.1:0',
    httpListen: '',
    engine: 'plain',
    dataDir: join(folder, 'data'),
    keysDir: join(folder, 'keys'),
    zonesDir,
    logLevel: 'silent',
  };
  const config = loadConfig({ flags, env: {} });
  server = await startServer(config, createLog(config));
});
afterAll(() => server.stop());

it.each([
  { origin: ROOT, name: 's1232.' },
  { origin: 'probe.example', name: 's1232.probe.example' },
])('a name below $origin is $name', ({ origin, name }) => {
  expect(below('s1232', origin)).toBe(name);
});

it('the greeting names the root, an anchor in place of a DS record for a parent, and names below the root', () => {
  const text = greeting({ origin: ROOT }, server);
  expect(text).toMatch(/^padzone \S+ answers for \. at 127\.0\.0\.1:\d+ \(UDP and TCP\)$/m);
  expect(text).toMatch(
    /^Trust anchor for the resolvers, as a DS record:\n {2}\. IN DS \d+ 8 2 [0-9A-F]{64}$/m,
  );
  expect(text).toMatch(/^ {2}dig \S+ -p \d+ me\. TXT$/m);
  expect(text).toMatch(/^ {2}npx padzone probe --origin \. 127\.0\.0\.1:\d+$/m);
  expect(text).not.toMatch(/\.\.|parent/);
});

it('probe at its name server receives all sizes, and the keys of the root', async () => {
  const address = `127.0.0.1:${server.listening[0]?.port}`;
  const { status, document } = await runJson(probe, [address], {}, { origin: ROOT, now: Date.now });
  expect(document).toMatchObject({ direct: true, problems: 0, advice: ['Nothing to do.'] });
  for (const size of [512, 1232, 1472, 2048, 4096])
    expect(test(document, `s${size}`)).toMatchObject({
      name: `s${size}-${document.run}.`,
      largest: size,
      problem: null,
    });
  expect(test(document, 'DNSKEY')).toMatchObject({ name: ROOT, octets: 1425, problem: null });
  expect(status).toBe(0);
});

it('zones that are broken on purpose lie below the root', async () => {
  const zones = await readZoneFiles('zones');
  expect(casesOf(zones, ROOT).map(({ zone }) => zone)).toContain('good.broken.');
  expect(casesOf(zones, 'probe.example').map(({ zone }) => zone)).toContain('good.broken.probe.example');
});

describe('a resolver that fails', () => {
  it.each([
    {
      what: 'validation',
      isFree: true,
      first: /^Validation is what fails, .* must be the line of `padzone ds`/,
    },
    { what: 'resolution', isFree: false, first: /small answer of me\., .* Check its root hints, / },
  ])('by its $what is not sent to a parent zone', async ({ isFree, first }) => {
    const address = await standIn((query) =>
      isFree && ((query.flags ?? 0) & CD) !== 0
        ? reply(query, {
            flags: RA,
            answers: [{ type: 'TXT', name: query.questions![0]!.name, ttl: 0, data: 'here' }],
          })
        : servfail(query),
    );
    const { status, document } = await runJson(probe, [address], {}, { origin: ROOT });
    expect(document.advice[0]).toMatch(first);
    expect(document.advice.join(' ')).not.toMatch(/DS record|parent|delegation|\.\. /);
    expect(status).toBe(1);
  });

  it('to find the name is sent to its root hints', async () => {
    const address = await standIn((query) => reply(query, { flags: RA | 3 }));
    const { out, status } = await run(probe, [address], {}, { origin: ROOT });
    expect(out).toContain(
      'but me. is not there: check the setting origin and the root hints of the resolver.',
    );
    expect(status).toBe(2);
  });
});
