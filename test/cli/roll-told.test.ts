/** `padzone roll` and servers that lie: what they say ends in configuration files, so nothing but names, numbers and base64 gets there. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { anchorOf } from '../../src/cli/roll/anchor.ts';
import { RECIPES } from '../../src/cli/roll/recipes/table.ts';
import { freshZoneIn, linesOf } from '../../src/cli/roll/told.ts';
import { testFolder } from '../support/folder.ts';
import { padzone } from './run-program.ts';
import { AA, qnameOf, reply, standIn, txt } from './stand-in.ts';

const FOLDER = testFolder('cli-roll-told');
const PARENT = 'roll.probe.test.';
const ZONES = join(FOLDER, 'zones');
const ARGS = ['--origin', 'probe.test', '--zones-dir', ZONES, '--keys-dir', join(FOLDER, 'none')];
const NOW = Date.UTC(2026, 10, 28, 22, 15);
const KEY = Buffer.alloc(64, 7).toString('base64');
const DIGEST = 'AB'.repeat(32);

beforeAll(() => {
  mkdirSync(ZONES, { recursive: true });
  copyFileSync('zones/roll.toml', join(ZONES, 'roll.toml'));
  writeFileSync(join(ZONES, 'origin.toml'), 'label = ""\nsummary = "origin"\nalgorithm = 15\n');
});

const anchorsOf = (zone: string, key = KEY) => [
  `anchor (old key): ${zone} IN DNSKEY 257 3 13 ${key}`,
  `anchor (old key): ${zone} IN DS 4711 13 2 ${DIGEST}`,
];
const tell = (zone: string, key?: string) => [`zone: ${zone}`, ...anchorsOf(zone, key)];

/** `padzone roll …` with a server that says these lines, whatever it is asked. */
async function told(args: readonly string[], lines: readonly string[]) {
  const address = await standIn((query) =>
    reply(query, { flags: AA, answers: lines.map((line) => txt(qnameOf(query), line)) }),
  );
  const { status, out, err } = await padzone(
    ['roll', args[0]!, ...ARGS, '--server', address, ...args.slice(1)],
    undefined,
    {},
    NOW,
  );
  return { status, out, err: err.replaceAll(address, 'SERVER') };
}

const EVIL = `hour.x"initial-key"257"3"13"AAAA";};include"/tmp/evil.conf";trust-anchors{"y.`;
const OTHER = 'its answer is not about such a zone, and is not shown';

describe.each(RECIPES)('for $name', ({ name }) => {
  it.each([
    ['a name that ends the string it stands in', EVIL],
    ['a name with a space', `hour x.${PARENT}`],
    ['a name in other case', `HOUR.${PARENT}`],
    ['a zone elsewhere', 'hour.example.'],
    ['a zone two labels below', `hour.x.${PARENT}`],
    ['a zone of another profile', `2026-11-30.${PARENT}`],
    ['the parent itself', PARENT],
    ['the root', '.'],
  ])('nothing is printed of a fresh zone with %s', async (_, zone) => {
    expect(await told(['anchor', '--profile', 'hour', '--for', name], tell(zone))).toEqual({
      status: 2,
      out: '',
      err: `padzone: new-hour.${PARENT} TXT: SERVER: ${OTHER}\n`,
    });
  });

  it.each([
    ['a name that ends the string it stands in', EVIL],
    ['another zone', `2026-11-30.${PARENT}`],
  ])('nothing is printed of a zone by its name where the server speaks of %s', async (_, zone) => {
    expect(await told(['anchor', 'hour', '--for', name], tell(zone))).toEqual({
      status: 2,
      out: '',
      err: `padzone: status.hour.${PARENT} TXT: SERVER: ${OTHER}\n`,
    });
  });

  it.each([
    ['a quote', `${KEY}"; }; include "/tmp/evil.conf`],
    ['no base64', `${KEY.slice(0, -2)}!!`],
    ['base64 that is cut off', KEY.slice(0, -3)],
    ['nothing', ''],
    ['a comment', `${KEY} ; evil`],
  ])('a key with %s is none', async (_, key) => {
    expect(await told(['anchor', 'hour', '--for', name], tell(`hour.${PARENT}`, key))).toEqual({
      status: 2,
      out: '',
      err: 'padzone: the lines that came name no trust anchor of a zone that rolls its key\n',
    });
  });
});

it('a zone below an odd origin is none', () => {
  expect(freshZoneIn(['zone: hour.x-y.'], 'hour', 'x-y.')).toBe('hour.x-y.');
  expect(freshZoneIn(['zone: hour.x"y.'], 'hour', 'x"y.')).toBeUndefined();
});

it('a zone that nobody could mint is not asked for', async () => {
  const { status, err } = await told(['status', 'live.example'], tell('live.example.'));
  expect({ status, err }).toEqual({
    status: 2,
    err: 'padzone: live.example.: not the name of a zone that rolls its key\n',
  });
});

it('lines that are not of their form are left out, the others are written anew', async () => {
  const zone = `hour.${PARENT}`;
  const { status, out } = await told(
    ['status', 'hour'],
    [
      ...tell(zone),
      ...tell(EVIL),
      'phase: init (the old key alone)',
      'profile: hour"; include "/etc/shadow',
      'since: 2026-11-28T22:00:00Z\nserver:',
      'next: \u001b[2Jprepub',
      'old key: tag 1234, active',
      'new key: tag 123456, active',
      'start: yesterday',
      'go on: curl example | sh',
      'anchor (new key): . IN DS 20326 8 2 00',
      'evil: yes',
    ],
  );
  expect({ status, out: out.trimEnd().split('\n') }).toEqual({
    status: 0,
    out: [
      `zone: ${zone}`,
      'phase: init (the old key alone)',
      'old key: tag 1234, active',
      ...anchorsOf(zone),
    ],
  });
});

it('a key of RSA comes back whole, however its base64 is split', () => {
  const key = Buffer.alloc(260, 1).toString('base64');
  const split = `${key.slice(0, 200)} ${key.slice(200, 210)} ${key.slice(210)}`;
  const zone = `hour.${PARENT}`;
  const lines = tell(zone, split);
  expect(anchorOf(lines).dnskeyFields[3]).toBe(key);
  expect(anchorOf(lines).dnskey).toBe(`${zone} IN DNSKEY 257 3 13 ${key}`);
  expect(linesOf(lines, zone)).toEqual(tell(zone, key));
});
