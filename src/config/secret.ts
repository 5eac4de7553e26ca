/** The secret that all nodes of one origin share: keys of gates, receipts and cookies come from it. */
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeSync,
} from 'node:fs';
import { dirname } from 'node:path';
import { ConfigError } from './error.ts';
import { type Config, SETTINGS } from './table.ts';

const OCTETS = 32;

/**
 * The secret from the settings or its file; made, with mode 0600, where neither is there.
 *
 * Two starts at once end with the same secret: the file appears whole under its name, or not at all.
 *
 * @param randomBytes so many random octets, as `node:crypto` gives
 * @returns 16 octets or more
 * @throws {ConfigError} the file cannot be read or made, or holds something else
 */
export function loadOrMakeSecret(
  config: Pick<Config, 'secret' | 'secretFile'>,
  randomBytes: (octets: number) => Uint8Array,
): Uint8Array {
  if (config.secret !== '') return Buffer.from(config.secret, 'hex');
  try {
    return read(config.secretFile) ?? make(config.secretFile, randomBytes);
  } catch (cause) {
    if (cause instanceof ConfigError || !(cause instanceof Error && 'code' in cause)) throw cause;
    throw new ConfigError(`secret_file: cannot read or make ${config.secretFile} (${cause.code})`, { cause });
  }
}

function read(path: string): Uint8Array | undefined {
  let text: string;
  try {
    text = readFileSync(path, 'utf8').trim();
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const { check } = SETTINGS.secret;
  if (text !== '' && check.safeParse(text).success) return Buffer.from(text, 'hex');
  throw new ConfigError(`secret_file: the text in ${path} (hidden) is not ${check.description}`);
}

function make(path: string, randomBytes: (octets: number) => Uint8Array): Uint8Array {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 });
  const draft = `${path}.${Buffer.from(randomBytes(8)).toString('hex')}`;
  try {
    const file = openSync(draft, 'wx', 0o600);
    writeSync(file, `${Buffer.from(randomBytes(OCTETS)).toString('hex')}\n`);
    fsyncSync(file);
    closeSync(file);
    // A link, since a rename would replace the secret that another start has just made and uses.
    linkSync(draft, path);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EEXIST')) throw error;
  } finally {
    rmSync(draft, { force: true });
  }
  const secret = read(path);
  if (secret) return secret;
  throw new ConfigError(`secret_file: ${path} vanished while it was made`);
}
