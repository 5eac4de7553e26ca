import { execFileSync, spawnSync } from 'node:child_process';
import { chmod, mkdir, mkdtemp, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it, type TestContext } from 'vitest';
import { SIGNING_ALGORITHMS } from '../../src/dnssec/algorithm.ts';
import { dsDigest } from '../../src/dnssec/digest.ts';
import { generateKey, revokedKeyTag } from '../../src/dnssec/key.ts';
import { formatKeyFiles, KeyFileError } from '../../src/dnssec/key-file.ts';
import {
  clashes,
  ensureKeys,
  generateDistinctKey,
  importKeys,
  loadKeys,
  saveKey,
} from '../../src/dnssec/key-store.ts';
import { KEY_VECTORS } from '../vectors/keys/rfc.ts';

/** 2026-11-24T14:42:39.500Z */
const NOW = 1_795_531_359_500;
const ZONE = 'probe.example.';

let directory: string;
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), 'padzone-keys-'));
});
afterEach(async () => {
  await rm(directory, { recursive: true });
});

const csk = (algorithm = 15) => generateKey({ zone: ZONE, algorithm, flags: 257 });
const modeOf = async (file: string) => (await stat(join(directory, file))).mode & 0o777;

describe('saveKey', () => {
  it('writes a pair that loads as the same key, created, published and active now', async () => {
    const key = csk();
    const saved = await saveKey(directory, key, NOW);
    const { keys, warnings } = await loadKeys(directory);
    expect(warnings).toEqual([]);
    expect(keys).toHaveLength(1);
    expect(keys[0]!.rdata).toEqual(key.rdata);
    expect(keys[0]!.file).toBe(saved.file);
    const seconds = Math.floor(NOW / 1000);
    expect(keys[0]!.times).toEqual({ created: seconds, publish: seconds, activate: seconds });
  });

  it('keeps the private file from others, leaves the public one readable, and nothing else behind', async () => {
    const { file } = await saveKey(directory, csk(), NOW);
    expect((await readdir(directory)).sort()).toEqual([`${file}.key`, `${file}.private`]);
    expect(await modeOf(`${file}.private`)).toBe(0o600);
    expect((await modeOf(`${file}.key`)) & 0o400).toBe(0o400);
  });

  it('makes the directory', async () => {
    const inner = join(directory, 'a', 'keys');
    await saveKey(inner, csk(), NOW);
    expect((await loadKeys(inner)).keys).toHaveLength(1);
  });

  it.each(['key', 'private'])('does not overwrite a .%s file', async (extension) => {
    const key = csk();
    const { file } = await saveKey(directory, key, NOW);
    const kept = `${file}.${extension}`;
    await rm(join(directory, `${file}.${extension === 'key' ? 'private' : 'key'}`));
    await writeFile(join(directory, kept), 'precious');
    await expect(saveKey(directory, key, NOW)).rejects.toThrow(
      `${kept}: exists already and is not overwritten`,
    );
    expect(await readFile(join(directory, kept), 'utf8')).toBe('precious');
    expect(await readdir(directory)).toEqual([kept]);
  });

  it('lets one of two savers of the same key win', async () => {
    const key = csk();
    const results = await Promise.allSettled([saveKey(directory, key, NOW), saveKey(directory, key, NOW)]);
    expect(results.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect((await loadKeys(directory)).keys).toHaveLength(1);
  });

  it('names a directory that cannot be made', async () => {
    const file = join(directory, 'file');
    await writeFile(file, '');
    await expect(saveKey(file, csk(), NOW)).rejects.toThrow(`${file}: cannot make it: EEXIST`);
  });
});

describe('loadKeys', () => {
  it('finds no keys in an empty directory, nor in one that does not exist', async () => {
    expect(await loadKeys(directory)).toEqual({ keys: [], warnings: [] });
    expect(await loadKeys(join(directory, 'none'))).toEqual({ keys: [], warnings: [] });
  });

  it('passes over files that are no key files', async () => {
    for (const name of ['README.md', 'secret', 'dsset-example.', 'Kexample.+013+00001.state', '.Kx.key']) {
      await writeFile(join(directory, name), 'x');
    }
    expect((await loadKeys(directory)).keys).toEqual([]);
  });

  it('loads the keys of several zones in the order of their file names', async () => {
    for (const { base, publicText, privateText } of KEY_VECTORS) {
      await writeFile(join(directory, `${base}.key`), publicText);
      await writeFile(join(directory, `${base}.private`), privateText, { mode: 0o600 });
    }
    const { keys } = await loadKeys(directory);
    expect(keys.map(({ file }) => file)).toEqual(KEY_VECTORS.map(({ base }) => base).sort());
  });

  it.each([
    ['private', 'key'],
    ['key', 'private'],
  ])('names the missing .%s file of a .%s file', async (missing, present) => {
    const { file } = await saveKey(directory, csk(), NOW);
    await rm(join(directory, `${file}.${missing}`));
    const message = `${file}.${missing}: is missing: a key is two files, with ${file}.${present} beside it`;
    await expect(loadKeys(directory)).rejects.toThrow(message);
  });

  it('names a file that cannot be read', async () => {
    const { file } = await saveKey(directory, csk(), NOW);
    await rm(join(directory, `${file}.key`));
    await mkdir(join(directory, `${file}.key`));
    await expect(loadKeys(directory)).rejects.toThrow(KeyFileError);
    await expect(loadKeys(directory)).rejects.toThrow(`${file}.key: cannot read it: EISDIR`);
  });

  it('names a file whose name gives another key tag', async () => {
    const key = csk();
    const { file } = await saveKey(directory, key, NOW);
    const wrong = file.replace(/\d{5}$/, String((key.keyTag + 1) % 65_536).padStart(5, '0'));
    for (const extension of ['key', 'private']) {
      await rename(join(directory, `${file}.${extension}`), join(directory, `${wrong}.${extension}`));
    }
    await expect(loadKeys(directory)).rejects.toThrow(`its content belongs in ${file}.key`);
  });

  it.each([0o640, 0o604, 0o660])('warns of a private file of mode %o and loads it', async (mode) => {
    const { file } = await saveKey(directory, csk(), NOW);
    const path = join(directory, `${file}.private`);
    await chmod(path, mode);
    const { keys, warnings } = await loadKeys(directory);
    expect(keys).toHaveLength(1);
    expect(warnings).toEqual([`${path}: mode 0${mode.toString(8)} lets others in: make it 0600`]);
  });
});

describe('ensureKeys', () => {
  it('makes one key for a csk, two for ksk-zsk, and nothing the second time', async () => {
    const wanted = [
      { zone: ZONE, algorithm: 13, scheme: 'csk' },
      { zone: `roll.${ZONE}`, algorithm: 15, scheme: 'ksk-zsk' },
    ] as const;
    const first = await ensureKeys(directory, wanted, NOW);
    expect(first.made.map(({ zone, algorithm, flags }) => [zone, algorithm, flags])).toEqual([
      [ZONE, 13, 257],
      [`roll.${ZONE}`, 15, 257],
      [`roll.${ZONE}`, 15, 256],
    ]);
    expect(first.keys).toEqual(first.made);
    const second = await ensureKeys(directory, wanted, NOW);
    expect(second.made).toEqual([]);
    expect(second.keys.map(({ file }) => file).sort()).toEqual(first.keys.map(({ file }) => file).sort());
  });

  it('makes only what is missing, and keeps keys that nobody wants', async () => {
    const kept = await saveKey(directory, csk(), NOW);
    const unwanted = await saveKey(directory, csk(16), NOW);
    const { keys, made } = await ensureKeys(
      directory,
      [{ zone: ZONE, algorithm: 15, scheme: 'ksk-zsk' }],
      NOW,
    );
    expect(made.map(({ flags }) => flags)).toEqual([256]);
    expect(keys.map(({ file }) => file)).toEqual(
      expect.arrayContaining([kept.file, unwanted.file, made[0]!.file]),
    );
  });

  it('passes warnings on', async () => {
    const { file } = await saveKey(directory, csk(), NOW);
    await chmod(join(directory, `${file}.private`), 0o644);
    expect((await ensureKeys(directory, [], NOW)).warnings).toHaveLength(1);
  });
});

describe('key tags', () => {
  const key = csk();
  /** The key with RDATA that has this tag: flags 257 and one more word. */
  const withTag = (tag: number) => ({
    ...key,
    rdata: Uint8Array.of(1, 1, (tag - 257) >> 8, (tag - 257) & 0xff),
    keyTag: tag,
  });

  it.each([
    [1000, 1000, true],
    [1000, 1001, false],
    [1000, 1128, true],
    [1128, 1000, true],
    [1000, 1256, false],
  ])('%i beside %i: clash %s, since revoking adds 128', (tag, other, clash) => {
    expect(clashes(withTag(tag), [withTag(other)])).toBe(clash);
  });

  it('may be those of another zone', () => {
    expect(clashes(key, [{ ...key, zone: 'other.' }])).toBe(false);
    expect(clashes(key, [key])).toBe(true);
  });

  it.each([19036, 20326, 38696])('are never %i of the root, now or once revoked', (tag) => {
    expect(clashes(withTag(tag), [])).toBe(true);
    expect(clashes(withTag(tag - 128), [])).toBe(true);
    expect(clashes(withTag(tag + 1), [])).toBe(false);
  });

  it('of a generated key are distinct even where half are taken', () => {
    const free = (tag: number) => (tag * 1027) % 65_536 < 32_768; // half of them, in runs of 32
    const taken = Array.from({ length: 65_536 }, (_, tag) => tag).filter((tag) => !free(tag));
    const existing = taken.map((keyTag) => ({ ...key, rdata: new Uint8Array(), keyTag }));
    const made = generateDistinctKey({ zone: ZONE, algorithm: 15, flags: 257 }, existing);
    expect([made.keyTag, revokedKeyTag(made.rdata)].map(free)).toEqual([true, true]);
  });
});

describe('importKeys', () => {
  const [first, second] = KEY_VECTORS as [(typeof KEY_VECTORS)[0], (typeof KEY_VECTORS)[0]];
  let source: string;
  beforeEach(async () => {
    source = await mkdtemp(join(tmpdir(), 'padzone-import-'));
    for (const { base, publicText, privateText } of KEY_VECTORS) {
      await writeFile(join(source, `${base}.key`), publicText, { mode: 0o644 });
      await writeFile(join(source, `${base}.private`), privateText, { mode: 0o644 });
    }
  });
  afterEach(async () => {
    await rm(source, { recursive: true });
  });

  it('copies a pair octet for octet with mode 0600, whichever of its files is named', async () => {
    const { keys, warnings } = await importKeys(
      [`${first.base}.key`, `${second.base}.private`, `${second.base}.key`].map((name) => join(source, name)),
      directory,
    );
    expect(keys.map(({ file }) => file)).toEqual([first.base, second.base]);
    expect(warnings).toHaveLength(2); // both sources were readable by others
    expect(await readFile(join(directory, `${second.base}.private`), 'utf8')).toBe(second.privateText);
    expect(await modeOf(`${second.base}.private`)).toBe(0o600);
    expect((await loadKeys(directory)).warnings).toEqual([]);
  });

  it('copies nothing when one of the pairs is not sound or exists', async () => {
    const both = [`${first.base}.key`, `${second.base}.key`].map((name) => join(source, name));
    await writeFile(join(source, `${second.base}.private`), first.privateText);
    await expect(importKeys(both, directory)).rejects.toThrow(KeyFileError);
    expect(await readdir(directory)).toEqual([]);

    await writeFile(join(source, `${second.base}.private`), second.privateText);
    await importKeys([both[1]!], directory);
    await expect(importKeys(both, directory)).rejects.toThrow(`${second.base}.private: exists already`);
    expect((await readdir(directory)).sort()).toEqual([`${second.base}.key`, `${second.base}.private`]);
  });

  it('writes the name in lower case', async () => {
    const upper = join(source, first.base.replace('example', 'EXAMPLE'));
    await rename(join(source, `${first.base}.key`), `${upper}.key`);
    await rename(join(source, `${first.base}.private`), `${upper}.private`);
    expect((await importKeys([`${upper}.key`], directory)).keys[0]!.file).toBe(first.base);
    expect((await loadKeys(directory)).keys).toHaveLength(1);
  });

  it('refuses a file of another kind', async () => {
    await expect(importKeys([join(source, 'Kx.ds')], directory)).rejects.toThrow(
      'Kx.ds: no key file: the name ends in .key or .private',
    );
  });
});

/** Skips, with the reason in the report, where a tool of other people is missing. */
function need(context: TestContext, ...tools: string[]): void {
  for (const tool of tools) {
    context.skip(spawnSync(tool, ['-h']).error !== undefined, `${tool} is not installed`);
  }
}

const run = (tool: string, ...args: string[]) =>
  execFileSync(tool, args, { cwd: directory, encoding: 'utf8' });

const ZONE_FILE = `$TTL 300
${ZONE} IN SOA ns.${ZONE} hostmaster.${ZONE} 1 3600 900 1209600 300
${ZONE} IN NS ns.${ZONE}
ns.${ZONE} IN A 192.0.2.53
ns.${ZONE} IN AAAA 2001:db8::53
www.${ZONE} IN TXT "signed by another program with our keys"
`;

describe.each(SIGNING_ALGORITHMS)('other tools, algorithm $number $mnemonic', ({ number, mnemonic }) => {
  it('loads what dnssec-keygen writes, and makes the DS of dnssec-dsfromkey', async (context) => {
    need(context, 'dnssec-keygen', 'dnssec-dsfromkey');
    for (const role of [['-f', 'KSK'], []]) {
      run(
        'dnssec-keygen',
        '-q',
        '-a',
        mnemonic,
        ...(number === 8 ? ['-b', '2048'] : []),
        ...role,
        'Probe.Example',
      );
    }
    const { keys, warnings } = await loadKeys(directory);
    expect(warnings).toEqual([]);
    expect(keys.map(({ flags }) => flags).sort()).toEqual([256, 257]);
    for (const key of keys) {
      expect(key.file).toBe(`Kprobe.example.+0${String(number).padStart(2, '0')}+${key.file.slice(-5)}`);
      expect(key.keyTag).toBe(Number(key.file.slice(-5)));
      expect(key.times.created).toBe(key.times.publish);
      for (const [type, name] of [
        [2, 'SHA-256'],
        [4, 'SHA-384'],
      ] as const) {
        const owner = Buffer.from('\x05Probe\x07Example\x00', 'latin1');
        const digest = Buffer.from(dsDigest(type, owner, key.rdata))
          .toString('hex')
          .toUpperCase();
        const ds = run('dnssec-dsfromkey', '-a', name, `${key.file}.key`);
        expect(ds.trim().split(' ').slice(3)).toEqual([
          String(key.keyTag),
          String(number),
          String(type),
          digest,
        ]);
      }
    }
  });

  it('writes the very octets of dnssec-keygen for the same key and times', async (context) => {
    need(context, 'dnssec-keygen');
    const file = run('dnssec-keygen', '-q', '-a', mnemonic, '-f', 'KSK', 'probe.example').trim();
    const [key] = (await loadKeys(directory)).keys;
    const { publicText, privateText } = formatKeyFiles(key!, key!.times);
    const inOneLine = (text: string) =>
      text.replace(/(DNSKEY \d+ 3 \d+ .*)/, (line) => line.replace(/(?<=3 \d+ .*) /g, ''));
    const theirs = await readFile(join(directory, `${file}.key`), 'utf8');
    expect(publicText).toBe(inOneLine(theirs));
    const theirPrivate = await readFile(join(directory, `${file}.private`), 'utf8');
    // BIND leaves out leading zeros of an EC key, one in 256; RFC 6605 §6 has fixed lengths.
    const octets = { 13: 32, 14: 48 }[number as number];
    const padded = (_: string, key: string) => {
      const short = Buffer.from(key, 'base64');
      return `PrivateKey: ${Buffer.concat([Buffer.alloc((octets ?? short.length) - short.length), short]).toString('base64')}`;
    };
    expect(privateText).toBe(theirPrivate.replace(/^PrivateKey: (\S+)$/m, padded));
  });

  it.for(['csk', 'ksk-zsk'] as const)(
    'signs with dnssec-signzone -S as dnssec-verify wants it (%s)',
    async (scheme, context) => {
      need(context, 'dnssec-signzone', 'dnssec-verify');
      await ensureKeys(directory, [{ zone: ZONE, algorithm: number, scheme }], Date.now());
      await writeFile(join(directory, 'zone'), ZONE_FILE);
      const keysSign = scheme === 'csk' ? ['-z'] : [];
      run('dnssec-signzone', '-q', '-S', ...keysSign, '-K', directory, '-o', ZONE, '-f', 'signed', 'zone');
      run('dnssec-verify', '-q', ...keysSign, '-o', ZONE, 'signed');
      expect(await readFile(join(directory, 'signed'), 'utf8')).toMatch(
        new RegExp(`RRSIG\\s+TXT ${number} 3 `),
      );
    },
  );

  it('signs with ldns-signzone as ldns-verify-zone wants it', async (context) => {
    need(context, 'ldns-signzone', 'ldns-verify-zone');
    const { keys } = await ensureKeys(
      directory,
      [{ zone: ZONE, algorithm: number, scheme: 'ksk-zsk' }],
      Date.now(),
    );
    await writeFile(join(directory, 'zone'), ZONE_FILE);
    run('ldns-signzone', '-o', ZONE, '-f', 'signed', 'zone', ...keys.map(({ file }) => file));
    expect(run('ldns-verify-zone', 'signed')).toContain('Zone is verified and complete');
  });
});
