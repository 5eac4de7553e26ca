/** SIGHUP: a new zone is served at once; where a file is wrong, all stays as it was and the log says which line. */
import { cpSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';
import { readAllObservations } from '../../src/store/read.ts';
import { seen } from '../rfc/seen.ts';
import { askTcp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { encodeQuestion } from '../support/responder.ts';
import { buildProblem, type Program, startProgram } from '../support/server.ts';

const folder = testFolder('reload');
const directory = testFolder('reload-name');
const zones = join(folder, 'zones');
const shipped = fileURLToPath(new URL('../../zones', import.meta.url));

async function ask(program: Program, name: string, type: string) {
  const query = encodeQuestion({ name, type, udpPayloadSize: 1232, dnssecOk: true });
  const { rcode, answer } = seen(await askTcp(program, query));
  return { rcode, answer };
}

it('takes what is right, keeps what it had where something is wrong', async ({ skip }) => {
  skipFor(buildProblem(), skip);
  mkdirSync(zones);
  for (const name of ['origin.toml', 'a13.toml']) cpSync(join(shipped, name), join(zones, name));
  const program = await startProgram(folder, { flags: { zonesDir: zones } });
  const fresh = { rcode: 'NOERROR', answer: ['fresh.probe.test SOA', 'fresh.probe.test RRSIG'] };
  expect((await ask(program, 'fresh.probe.test', 'SOA')).answer).toEqual([]);
  const keyBefore = await ask(program, 'a13.probe.test', 'DNSKEY');

  writeFileSync(join(zones, 'fresh.toml'), 'label = "fresh"\nsummary = "Came later"\nalgorithm = 15\n');
  program.child.kill('SIGHUP');
  await program.logs('reloaded settings');
  expect(await ask(program, 'fresh.probe.test', 'SOA')).toEqual(fresh);
  expect((await ask(program, 'fresh.probe.test', 'DS')).answer).toContain('fresh.probe.test DS');
  expect((await ask(program, 'fresh.probe.test', 'DNSKEY')).answer).toContain('fresh.probe.test DNSKEY');
  expect(await ask(program, 'a13.probe.test', 'DNSKEY')).toEqual(keyBefore);

  writeFileSync(join(zones, 'wrong.toml'), 'label = "wrong"\nsummary = "Wrong"\nalgorithm = 99\n');
  rmSync(join(zones, 'fresh.toml'));
  program.child.kill('SIGHUP');
  await program.logs('reload refused; all stays as it was');
  expect(program.log()).toContain(`${join(zones, 'wrong.toml')}:3`);
  expect(await ask(program, 'fresh.probe.test', 'SOA')).toEqual(fresh);
  expect((await ask(program, 'wrong.probe.test', 'SOA')).answer).toEqual([]);

  expect(await program.stop()).toMatchObject({ code: 0 });
});

it('writes what it answered under the name that it had', async ({ skip }) => {
  skipFor(buildProblem(), skip);
  const settings = join(directory, 'padzone.toml');
  const named = (name: string) => writeFileSync(settings, `node = "${name}"\n`);
  named('first');
  const program = await startProgram(directory, { flags: { config: settings } });
  for (let count = 0; count < 3; count++) await ask(program, 'me.probe.test', 'TXT');
  named('second');
  program.child.kill('SIGHUP');
  await program.logs('reloaded settings');
  await ask(program, 'help.probe.test', 'TXT');
  expect(await program.stop()).toMatchObject({ code: 0 });
  const { rows } = await readAllObservations(join(directory, 'data', 'observations'));
  const queries = rows.filter(({ event }) => event === 'query');
  expect(queries.map(({ node, qname }) => [node, qname])).toEqual([
    ...Array.from({ length: 3 }, () => ['first', 'me.probe.test.']),
    ['second', 'help.probe.test.'],
  ]);
});
