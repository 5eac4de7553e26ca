/** The first start makes keys and secret for its owner alone; the next one finds and keeps them. */
import { readdirSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { decode } from 'dns-packet';
import { expect, it } from 'vitest';
import { seen } from '../rfc/seen.ts';
import { askTcp, askUdp } from '../support/client.ts';
import { testFolder } from '../support/folder.ts';
import { skipFor } from '../support/processes.ts';
import { aliasOf, encodeQuestion } from '../support/responder.ts';
import { buildProblem, startProgram } from '../support/server.ts';

const folder = testFolder('first-start');
const keys = join(folder, 'keys');

/** Names, modes and content of everything in the key folder. */
function contents() {
  return readdirSync(keys)
    .sort()
    .map((name) => {
      const path = join(keys, name);
      return { name, mode: statSync(path).mode & 0o777, text: readFileSync(path, 'utf8') };
    });
}

it('makes everything once', async ({ skip }) => {
  skipFor(buildProblem(), skip);
  // Whatever the umask of the operator allows.
  const first = await startProgram(folder, { before: 'umask 000' });
  const made = contents();
  const secrets = made.filter(({ name }) => name === 'secret' || name.endsWith('.private'));
  expect(secrets.map(({ mode }) => mode.toString(8))).toEqual(secrets.map(() => '600'));
  expect(made.map(({ name }) => name)).toContain('secret');
  // One pair of files a key: a KSK and a ZSK in one zone, a CSK in every other signed one.
  expect(secrets).toHaveLength(1 + 2 + 12);
  expect(made).toHaveLength(1 + 2 * 14);
  expect(first.log().match(/key made/g)).toHaveLength(14);
  expect(statSync(join(folder, 'data', 'observations')).mode & 0o007).toBe(0);

  const gateQuery = encodeQuestion({ name: 's1000.probe.test', udpPayloadSize: 1232 });
  const gate = decode(await askUdp(first, gateQuery));
  expect(await first.stop()).toMatchObject({ code: 0 });

  const second = await startProgram(folder);
  expect(contents()).toEqual(made);
  expect(second.log()).not.toContain('key made');
  // A gate of the first start opens at the second: the secret is the same.
  const name = aliasOf({ packet: gate })!;
  const query = encodeQuestion({ name, udpPayloadSize: 1232 });
  expect(seen(await askUdp(second, query)).size).toBe(1000);
  expect(seen(await askTcp(second, query)).size).toBe(1000);
  expect(await second.stop()).toMatchObject({ code: 0 });
});
