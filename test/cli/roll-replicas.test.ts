/** The replicas as `padzone roll replicas` lists them, and the anchor of a root that is one. */
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { testFolder } from '../support/folder.ts';
import { padzone } from './run-program.ts';

const FOLDER = testFolder('roll-replicas');

function rootFolder(name: string): { PADZONE_ORIGIN: string; PADZONE_ZONES_DIR: string } {
  const zones = join(FOLDER, name);
  mkdirSync(zones);
  writeFileSync(join(zones, 'root.toml'), 'label = ""\nsummary = "root"\nreplica = "k20270111"\n');
  return { PADZONE_ORIGIN: '.', PADZONE_ZONES_DIR: zones };
}

it('roll replicas lists days and compositions with octets at the root, here, and in a trial', async () => {
  const { status, out } = await padzone(['roll', 'replicas', '--origin', 'probe.test']);
  expect(status).toBe(0);
  const rows = out
    .trimEnd()
    .split('\n')
    .map((line) => line.split(/ {2,}/));
  expect(rows[0]).toEqual(['label', 'keys', 'root', 'here', 'trial', '1232', 'what']);
  expect(rows).toContainEqual([
    ...['k20270111', 'k2kr1z', '1425', '1425', '1425', 'TCP'],
    '2027-01-11..2027-03-21 (scheduled): KSK-2017 revoked',
  ]);
  expect(rows.find(([label]) => label === 'k1ke1ze')?.slice(2, 6)).toEqual(['280', '321', '385', 'UDP']);
});

it('roll replicas says where the origin makes none', async () => {
  const { status, err } = await padzone(['roll', 'replicas'], undefined, rootFolder('none'));
  expect(status).toBe(2);
  expect(err).toContain('has no makes = "replicas"');
});

it('ds prints one anchor for the root as replica, and none for its revoked key', async () => {
  const env = {
    ...rootFolder('root'),
    PADZONE_SECRET: '00'.repeat(32),
    PADZONE_KEYS_DIR: join(FOLDER, 'keys'),
  };
  const { status, out, err } = await padzone(['ds'], undefined, env);
  expect(err).toBe('');
  expect(status).toBe(0);
  expect(out).toMatch(/^\. IN DS \d+ 8 2 [0-9A-F]{64}\n$/);
});

it('ds names the secret that it lacks', async () => {
  const env = {
    ...rootFolder('secretless'),
    PADZONE_SECRET_FILE: join(FOLDER, 'nothing'),
    PADZONE_KEYS_DIR: join(FOLDER, 'keys'),
  };
  const { status, err } = await padzone(['ds'], undefined, env);
  expect(status).toBe(2);
  expect(err).toContain('from which the keys of');
});
