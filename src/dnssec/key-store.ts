/** The directory of key files: load every pair, save without overwriting, make what a zone lacks. */
import { randomUUID } from 'node:crypto';
import { link, mkdir, open, readdir, readFile, stat, unlink } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { generateKey, type KeyChoice, type KeyFlags, revokedKeyTag, type ZoneKey } from './key.ts';
import {
  formatKeyFiles,
  KeyFileError,
  type KeyFileTexts,
  type KeyTimes,
  keyFileBase,
  parseKeyFiles,
} from './key-file.ts';

export interface StoredKey extends ZoneKey {
  /** Name of its files without directory, `.key` and `.private`. */
  readonly file: string;
  readonly times: KeyTimes;
}

export interface LoadedKeys {
  readonly keys: readonly StoredKey[];
  /** One line each, for people. */
  readonly warnings: readonly string[];
}

/** One combined key, or a key-signing and a zone-signing key. */
export type KeyScheme = 'csk' | 'ksk-zsk';

const SCHEMES: Readonly<Record<KeyScheme, readonly KeyFlags[]>> = { csk: [257], 'ksk-zsk': [257, 256] };

export interface WantedKeys {
  readonly zone: string;
  readonly algorithm: number;
  readonly scheme: KeyScheme;
}

/**
 * All keys of a directory, in the order of their file names.
 * A directory that does not exist has no keys.
 *
 * @throws {KeyFileError} for the first pair that is not whole, not readable or not sound
 */
export async function loadKeys(directory: string): Promise<LoadedKeys> {
  const names = (await list(directory)).filter((name) => /^K.*\.(?:key|private)$/.test(name));
  const bases = [...new Set(names.map(keyFilePair))].sort();
  const loaded: Pair[] = [];
  for (const base of bases) loaded.push(await readPair(join(directory, base)));
  return { keys: loaded.map(({ key }) => key), warnings: loaded.flatMap(({ warnings }) => warnings) };
}

/**
 * Writes the two files of a new key, the private one first and readable by its owner only.
 *
 * @param now milliseconds since the epoch: created, published and active from then on
 * @throws {KeyFileError} when one of the files exists or cannot be written
 */
export async function saveKey(directory: string, key: ZoneKey, now: number): Promise<StoredKey> {
  const seconds = Math.floor(now / 1000);
  const times = { created: seconds, publish: seconds, activate: seconds };
  await writePair(directory, keyFileBase(key), formatKeyFiles(key, times));
  return { ...key, file: keyFileBase(key), times };
}

/**
 * Loads the directory and makes the keys that the zones lack. Keys that nobody wants stay as they are.
 *
 * @param now milliseconds since the epoch
 * @returns all keys of the directory, the made ones included
 * @throws {KeyFileError} as `loadKeys` and `saveKey`
 */
export async function ensureKeys(
  directory: string,
  wanted: readonly WantedKeys[],
  now: number,
): Promise<LoadedKeys & { readonly made: readonly StoredKey[] }> {
  const { keys, warnings } = await loadKeys(directory);
  const made: StoredKey[] = [];
  const choices = wanted.flatMap(({ scheme, ...rest }) =>
    SCHEMES[scheme].map((flags) => ({ ...rest, flags })),
  );
  for (const choice of choices) {
    const all = [...keys, ...made];
    if (all.some((key) => isChoice(key, choice))) continue;
    made.push(await saveKey(directory, generateDistinctKey(choice, all), now));
  }
  return { keys: [...keys, ...made], made, warnings };
}

/** Key tags of the root's KSKs of 2010, 2017 and 2024: sentinel and signal tests must not meet them in our zones. */
export const ROOT_KEY_TAGS: readonly number[] = [19036, 20326, 38696];

/** A new key that does not clash with the zone's other keys. */
export function generateDistinctKey(choice: KeyChoice, existing: readonly ZoneKey[]): ZoneKey {
  for (;;) {
    const key = generateKey(choice);
    if (!clashes(key, existing)) return key;
  }
}

/** Whether the key's tag, now or once revoked, is that of another key of its zone, now or once revoked, or of the root. */
export function clashes(key: ZoneKey, existing: readonly ZoneKey[]): boolean {
  const siblings = existing.filter(({ zone }) => zone === key.zone);
  const taken = new Set([...ROOT_KEY_TAGS, ...siblings.flatMap(tags)]);
  return tags(key).some((tag) => taken.has(tag));
}

/**
 * Copies key pairs into the directory, octet for octet; nothing is written unless all of them are sound and new.
 *
 * @param paths each the .key or the .private file of a pair; naming both is the same
 * @throws {KeyFileError} when a pair is not sound, or exists in the directory
 */
export async function importKeys(paths: readonly string[], directory: string): Promise<LoadedKeys> {
  const pairs: Pair[] = [];
  for (const base of new Set(paths.map(keyFilePair))) pairs.push(canonicallyNamed(await readPair(base)));
  for (const { key } of pairs) await refuseExisting(join(directory, key.file));
  for (const { key, texts } of pairs) await writePair(directory, key.file, texts);
  return { keys: pairs.map(({ key }) => key), warnings: pairs.flatMap(({ warnings }) => warnings) };
}

interface Pair {
  readonly key: StoredKey;
  readonly texts: KeyFileTexts;
  readonly warnings: readonly string[];
}

/** @param base path without `.key` and `.private` */
async function readPair(base: string): Promise<Pair> {
  const publicText = await read(`${base}.key`, `${base}.private`);
  const privateText = await read(`${base}.private`, `${base}.key`);
  const texts = { publicText, privateText };
  const { key, times } = parseKeyFiles(base, texts);
  return {
    key: { ...key, file: basename(base), times },
    texts,
    warnings: await modeWarnings(`${base}.private`),
  };
}

/** Some tools keep the case of the zone's name in the file name; ours has one form. */
function canonicallyNamed(pair: Pair): Pair {
  return { ...pair, key: { ...pair.key, file: keyFileBase(pair.key) } };
}

async function modeWarnings(file: string): Promise<string[]> {
  const { mode } = await stat(file);
  if ((mode & 0o077) === 0) return [];
  const octal = (mode & 0o777).toString(8).padStart(4, '0');
  return [`${file}: mode ${octal} lets others in: make it 0600`];
}

function keyFilePair(path: string): string {
  const [, base] = /^(.*)\.(?:key|private)$/.exec(path) ?? [];
  if (base === undefined) throw new KeyFileError(path, 'no key file: the name ends in .key or .private');
  return base;
}

async function read(file: string, other: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (cause) {
    if (!isCode(cause, 'ENOENT')) throw cannot('read', file, cause);
    throw new KeyFileError(file, `is missing: a key is two files, with ${basename(other)} beside it`, {
      cause,
    });
  }
}

async function list(directory: string): Promise<string[]> {
  try {
    return await readdir(directory);
  } catch (cause) {
    if (isCode(cause, 'ENOENT')) return [];
    throw cannot('read', directory, cause);
  }
}

async function writePair(
  directory: string,
  base: string,
  { publicText, privateText }: KeyFileTexts,
): Promise<void> {
  const path = join(directory, base);
  await refuseExisting(path);
  await mkdir(directory, { recursive: true, mode: 0o700 }).catch((cause: unknown) => {
    throw cannot('make', directory, cause);
  });
  await writeNew(`${path}.private`, privateText, 0o600);
  await writeNew(`${path}.key`, publicText, 0o644);
}

async function refuseExisting(path: string): Promise<void> {
  for (const file of [`${path}.private`, `${path}.key`]) {
    if (await stat(file).then(Boolean, () => false)) throw existing(file);
  }
}

/** The whole file or none: written and synced under a temporary name. `link` because a rename would overwrite. */
async function writeNew(file: string, text: string, mode: number): Promise<void> {
  const temporary = join(dirname(file), `.${basename(file)}.${randomUUID()}`);
  try {
    const handle = await open(temporary, 'wx', mode);
    try {
      await handle.writeFile(text);
      await handle.sync();
      await link(temporary, file);
    } finally {
      await handle.close();
      await unlink(temporary);
    }
  } catch (cause) {
    throw isCode(cause, 'EEXIST') ? existing(file) : cannot('write', file, cause);
  }
}

function existing(file: string): KeyFileError {
  return new KeyFileError(file, 'exists already and is not overwritten: move it away first');
}

function cannot(verb: 'read' | 'make' | 'write', file: string, cause: unknown): KeyFileError {
  return new KeyFileError(file, `cannot ${verb} it: ${(cause as Error).message}`, { cause });
}

function isCode(cause: unknown, code: string): boolean {
  return (cause as NodeJS.ErrnoException).code === code;
}

function isChoice(key: ZoneKey, { zone, algorithm, flags }: KeyChoice): boolean {
  return key.zone === zone && key.algorithm === algorithm && key.flags === flags;
}

function tags(key: ZoneKey): number[] {
  return [key.keyTag, revokedKeyTag(key.rdata)];
}
