/** `padzone roll` in a folder with a secret: it counts for the origin whose keys lie with it, and for no other. */
import dns from 'node:dns';
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, beforeAll, expect, it } from 'vitest';
import { testFolder } from '../support/folder.ts';
import { padzone } from './run-program.ts';
import { AA, qnameOf, reply, standIn, txt } from './stand-in.ts';

const FOLDER = testFolder('cli-roll-secret');
const ZONES = join(FOLDER, 'zones');
const KEYS = join(FOLDER, 'keys');
const NOW = Date.UTC(2026, 10, 28, 22, 5);
const KEY = Buffer.alloc(64, 7).toString('base64');
/** What a server of the other origin says. */
const ZONE = 'hour.roll.probe.example.';
const LINES = [
  `zone: ${ZONE}`,
  `anchor (old key): ${ZONE} IN DNSKEY 257 3 13 ${KEY}`,
  `anchor (old key): ${ZONE} IN DS 4711 13 2 ${'AB'.repeat(32)}`,
];
const WHY = `${KEYS} has no key of probe.example., so the secret in ${join(KEYS, 'secret')} is that of another origin`;

beforeAll(() => {
  for (const folder of [ZONES, KEYS]) mkdirSync(folder, { recursive: true });
  copyFileSync('zones/roll.toml', join(ZONES, 'roll.toml'));
  writeFileSync(join(ZONES, 'origin.toml'), 'label = ""\nsummary = "origin"\nalgorithm = 15\n');
  writeFileSync(join(KEYS, 'secret'), `${'07'.repeat(32)}\n`, { mode: 0o600 });
  // A key of a zone whose name begins or ends alike is not one of the origin.
  for (const zone of ['probe.test.', 'bogus.probe.example.', 'probe.example.net.'])
    writeFileSync(join(KEYS, `K${zone}+015+04711.key`), '');
});

const before = dns.getServers();
afterEach(() => dns.setServers(before));

const anchor = (origin: string, ...more: string[]) =>
  padzone(
    ['roll', 'anchor', '--profile', 'hour', '--origin', origin, '--zones-dir', ZONES, ...more],
    undefined,
    {},
    NOW,
  );
const firstNote = (err: string) => err.split('\n')[0];

it('makes anchors of the origin whose keys lie with the secret, in any case', async () => {
  for (const origin of ['probe.test', 'Probe.TEST.']) {
    const { status, err } = await anchor(origin, '--keys-dir', KEYS);
    expect([status, firstNote(err)]).toEqual([0, `note: made with the secret of ${join(KEYS, 'secret')}`]);
  }
});

it('asks for those of another origin, and says why', async () => {
  const address = await standIn((query) =>
    reply(query, { flags: AA, answers: LINES.map((line) => txt(qnameOf(query), line)) }),
  );
  dns.setServers([address]);
  const { status, out, err } = await anchor('probe.example', '--keys-dir', KEYS);
  expect({ status, out: out.split('\n').slice(0, 3) }).toEqual({ status: 0, out: LINES });
  expect(firstNote(err)).toBe(`note: asked ${address}; ${WHY}`);
});

it('makes none of another origin where nobody answers', async () => {
  const address = await standIn((query) => reply(query, { flags: 5 }));
  dns.setServers([address]);
  const { status, out, err } = await anchor('probe.example', '--keys-dir', KEYS);
  expect({ status, out, err }).toEqual({
    status: 2,
    out: '',
    err: `padzone: new-hour.roll.probe.example. TXT: ${address}: it knows of none (REFUSED); ${WHY}; only the resolver of this system was asked: name a server of these zones with --server, or the settings of a node with --config\n`,
  });
});

it('uses a secret of another folder beside the keys of the origin', async () => {
  const secretFile = join(FOLDER, 'secret');
  writeFileSync(secretFile, `${'08'.repeat(32)}\n`, { mode: 0o600 });
  const { status, err } = await anchor('probe.test', '--keys-dir', KEYS, '--secret-file', secretFile);
  expect([status, firstNote(err)]).toEqual([0, `note: made with the secret of ${secretFile}`]);
});
