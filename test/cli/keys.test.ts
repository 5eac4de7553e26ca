import { chmod, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Writable } from 'node:stream';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { keysGenerate, keysImport, keysList } from '../../src/cli/keys.ts';
import type { Subcommand } from '../../src/cli/subcommand.ts';
import { loadConfig } from '../../src/config.ts';
import { loadKeys } from '../../src/dnssec/key-store.ts';
import { KEY_VECTORS } from '../vectors/keys/rfc.ts';

const NOW = Date.parse('2026-11-24T14:42:39.500Z');

let source: string;
let keysDir: string;
beforeEach(async () => {
  source = await mkdtemp(join(tmpdir(), 'padzone-cli-keys-'));
  keysDir = join(source, 'keys');
});
afterEach(async () => {
  await rm(source, { recursive: true });
});

function collector(): { stream: Writable; text(): string } {
  const chunks: string[] = [];
  const stream = new Writable({
    write(chunk, _encoding, done) {
      chunks.push(String(chunk));
      done();
    },
  });
  return { stream, text: () => chunks.join('') };
}

async function run(subcommand: Subcommand, args: string[] = [], options: Record<string, unknown> = {}) {
  const [out, err] = [collector(), collector()];
  const context = {
    config: () => loadConfig({ flags: { keysDir }, env: {} }),
    out: out.stream,
    err: err.stream,
    now: () => NOW,
  };
  const status = await subcommand.run(context, args, options);
  return { status, out: out.text(), err: err.text() };
}

describe('keys generate', () => {
  it('makes a CSK of algorithm 13 when told only the zone, and prints the name of its files', async () => {
    const { status, out, err } = await run(keysGenerate, [], { zone: 'Probe.Example' });
    expect({ status, err }).toEqual({ status: 0, err: '' });
    expect(out).toMatch(/^Kprobe\.example\.\+013\+\d{5}\n$/);
    expect((await readdir(keysDir)).sort()).toEqual([`${out.trim()}.key`, `${out.trim()}.private`]);
    expect((await loadKeys(keysDir)).keys[0]).toMatchObject({
      zone: 'probe.example.',
      algorithm: 13,
      flags: 257,
    });
  });

  it.each([
    ['csk', 257],
    ['ksk', 257],
    ['zsk', 256],
  ])('--%s makes a key with flags %i', async (role, flags) => {
    await run(keysGenerate, [], { zone: 'probe.example', algorithm: '15', [role]: true });
    expect((await loadKeys(keysDir)).keys[0]).toMatchObject({ algorithm: 15, flags });
  });

  it.each([
    [{}, '--zone "" is not allowed'],
    [{ zone: 'a..b' }, '--zone "a..b" is not allowed'],
    [{ zone: 'a', algorithm: '5' }, '--algorithm 5 is not allowed: 8, 13, 14, 15, 16'],
    [{ zone: 'a', algorithm: 'ED25519' }, '--algorithm ED25519 is not allowed'],
    [{ zone: 'a', ksk: true, zsk: true }, '--ksk --zsk: only one of them is allowed'],
  ])('refuses %j as the operator’s mistake and writes nothing', async (options, message) => {
    const attempt = run(keysGenerate, [], options);
    await expect(attempt).rejects.toMatchObject({
      operator: true,
      message: expect.stringContaining(message),
    });
    await expect(readdir(keysDir)).rejects.toThrow('ENOENT');
  });
});

describe('keys import', () => {
  beforeEach(async () => {
    for (const { base, publicText, privateText } of KEY_VECTORS) {
      await writeFile(join(source, `${base}.key`), publicText);
      await writeFile(join(source, `${base}.private`), privateText, { mode: 0o600 });
    }
  });

  it('takes whatever a shell makes of K*', async () => {
    const files = (await readdir(source))
      .filter((name) => name.startsWith('K'))
      .map((name) => join(source, name));
    const { status, out } = await run(keysImport, files);
    expect(status).toBe(0);
    expect(out.trim().split('\n').sort()).toEqual(KEY_VECTORS.map(({ base }) => base).sort());
    expect((await loadKeys(keysDir)).keys).toHaveLength(KEY_VECTORS.length);
  });

  it('refuses a second time', async () => {
    const file = join(source, `${KEY_VECTORS[0]!.base}.key`);
    await run(keysImport, [file]);
    await expect(run(keysImport, [file])).rejects.toMatchObject({
      operator: true,
      message: expect.stringContaining('exists already and is not overwritten'),
    });
  });
});

describe('keys list', () => {
  const options = { zone: 'probe.example', algorithm: '15' };

  it('prints headings alone when there are no keys, and an empty array as JSON', async () => {
    expect((await run(keysList)).out).toBe('ZONE  ALGORITHM  ROLE  TAG  CREATED  FILE\n');
    expect((await run(keysList, [], { json: true })).out).toBe('[]\n');
  });

  it('calls a key with the SEP bit CSK, and KSK once its zone has a ZSK', async () => {
    await run(keysGenerate, [], { zone: 'other.example', algorithm: '15' });
    await run(keysGenerate, [], options);
    await run(keysGenerate, [], { ...options, zsk: true });
    const rows = JSON.parse((await run(keysList, [], { json: true })).out);
    expect(rows.map((row: { zone: string; role: string }) => `${row.zone} ${row.role}`).sort()).toEqual([
      'other.example. CSK',
      'probe.example. KSK',
      'probe.example. ZSK',
    ]);
  });

  it('prints one line a key, and as JSON the same facts and nothing private', async () => {
    const file = (await run(keysGenerate, [], options)).out.trim();
    const tag = Number(file.slice(-5));
    const cells = (await run(keysList)).out.split('\n')[1]!.split(/ {2,}/);
    expect(cells).toEqual([
      'probe.example.',
      '15 ED25519',
      'CSK',
      `${tag}`,
      '2026-11-24T14:42:39.000Z',
      file,
    ]);
    expect(JSON.parse((await run(keysList, [], { json: true })).out)).toEqual([
      {
        zone: 'probe.example.',
        algorithm: 15,
        mnemonic: 'ED25519',
        role: 'CSK',
        tag,
        file,
        created: '2026-11-24T14:42:39.000Z',
      },
    ]);
  });

  it('shows a key whose file does not say when it was made', async () => {
    const { base, publicText, privateText } = KEY_VECTORS.find(({ keyTag }) => keyTag === 35217)!;
    await writeFile(join(source, `${base}.key`), publicText);
    await writeFile(join(source, `${base}.private`), privateText, { mode: 0o600 });
    await run(keysImport, [join(source, `${base}.key`)]);
    expect((await run(keysList)).out).toBe(
      'ZONE          ALGORITHM   ROLE  TAG    CREATED  FILE\n' +
        'example.com.  15 ED25519  CSK   35217  -        Kexample.com.+015+35217\n',
    );
    expect(JSON.parse((await run(keysList, [], { json: true })).out)[0].created).toBe(null);
  });

  it('warns on the other stream of a private file that others can read', async () => {
    const file = (await run(keysGenerate, [], options)).out.trim();
    const path = join(keysDir, `${file}.private`);
    await chmod(path, 0o644);
    const { status, out, err } = await run(keysList, [], { json: true });
    expect(status).toBe(0);
    expect(JSON.parse(out)).toHaveLength(1);
    expect(err).toBe(`warning: ${path}: mode 0644 lets others in: make it 0600\n`);
  });
});
