import { randomBytes } from 'node:crypto';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from 'vitest';
import { ConfigError, loadOrMakeSecret } from '../../src/config.ts';

const folder = mkdtempSync(join(tmpdir(), 'padzone-secret-'));
const keys = join(folder, 'keys');
const secretFile = join(keys, 'secret');
beforeEach(() => rmSync(keys, { recursive: true, force: true }));
afterAll(() => rmSync(folder, { recursive: true }));

it('takes the secret of the settings and makes no file', () => {
  const secret = loadOrMakeSecret({ secret: 'ff00'.repeat(8), secretFile }, randomBytes);
  expect(secret).toEqual(Buffer.from('ff00'.repeat(8), 'hex'));
  expect(readdirSync(folder)).toEqual([]);
});

it('makes the file once, readable by its owner only, and reads it ever after', () => {
  const first = loadOrMakeSecret({ secret: '', secretFile }, randomBytes);
  expect(first).toHaveLength(32);
  expect(statSync(secretFile).mode & 0o777).toBe(0o600);
  expect(readFileSync(secretFile, 'utf8')).toBe(`${Buffer.from(first).toString('hex')}\n`);
  expect(loadOrMakeSecret({ secret: '', secretFile }, randomBytes)).toEqual(first);
  expect(readdirSync(keys)).toEqual(['secret']);
});

it('keeps the secret of another start that was faster', () => {
  let other: Uint8Array | undefined;
  const slow = (octets: number) => {
    // Between this start finding no file and naming its own, another one runs from beginning to end.
    other ??= loadOrMakeSecret({ secret: '', secretFile }, randomBytes);
    return randomBytes(octets);
  };
  const secret = loadOrMakeSecret({ secret: '', secretFile }, slow);
  expect(secret).toEqual(other);
  expect(readdirSync(keys)).toEqual(['secret']);
});

it.each(['', 'abc', 'zz'.repeat(16), '00'.repeat(15)])(
  'refuses a file that holds %j without showing it',
  (text) => {
    loadOrMakeSecret({ secret: '', secretFile }, randomBytes);
    writeFileSync(secretFile, text);
    const load = () => loadOrMakeSecret({ secret: '', secretFile }, randomBytes);
    expect(load).toThrow(ConfigError);
    expect(load).toThrow(
      `secret_file: the text in ${secretFile} (hidden) is not an even number of hex digits`,
    );
    expect(readFileSync(secretFile, 'utf8')).toBe(text);
  },
);

it('says which file cannot be read or made', () => {
  const below = join(folder, 'file', 'secret');
  writeFileSync(join(folder, 'file'), '');
  const load = () => loadOrMakeSecret({ secret: '', secretFile: below }, randomBytes);
  expect(load).toThrow(`secret_file: cannot read or make ${below} (ENOTDIR)`);
});
